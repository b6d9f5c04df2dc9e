"""Writes `docs/settings.md` and `.env.example` from the settings: `python -m bot.settings.docs_page`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from textwrap import wrap
from typing import Final

from pydantic.fields import FieldInfo

from bot.settings.secret_files import is_secret
from bot.settings.settings import Settings
from bot.settings.value_types import TAKES_NONE
from providers import GATEWAYS

PAGE: Final = Path("docs/settings.md")
EXAMPLE: Final = Path(".env.example")

GROUPS: Final = {
    "Discord": ("discord_",),
    "The gateways": (
        *(f"{gateway}_" for gateway in GATEWAYS),
        *("matinee_providers", "matinee_prices_", "matinee_allow_", "matinee_undocumented_"),
        *(f"matinee_{gateway}_" for gateway in GATEWAYS),
    ),
    "Where things are kept": ("matinee_data_", "matinee_database_", "matinee_keep_", "matinee_disk_"),
    "Money and fairness": ("matinee_budget_", "matinee_server_", "matinee_member_", "matinee_provider_"),
    "Waiting": ("matinee_poll", "matinee_create_"),
    "The web server, and links to videos": (
        *("matinee_http_", "matinee_metrics_", "matinee_public_", "matinee_link_"),
        "matinee_s3_",
    ),
    "Operating": ("matinee_operators", "matinee_log_"),
}
"""The titles in their order, and the beginnings of the setting names under each."""

_NEEDED: Final = frozenset({"discord_token", *(f"{gateway}_api_key" for gateway in GATEWAYS)})
_WIDTH: Final = 100

_INTRODUCTION: Final = """\
# Settings

Matinee reads its settings once, when it starts: from the environment, else from a file `.env` in the folder
where it is started. `.env.example` is one to begin with. A secret may stand in a file of its own:
`DISCORD_TOKEN_FILE=/run/secrets/token` in the place of `DISCORD_TOKEN`, and likewise for the keys.

`matinee run` needs `DISCORD_TOKEN` and the key of one gateway; `matinee generate` needs the key only.
`matinee doctor` checks everything. When a setting cannot be used, every problem is listed, and the program
ends with exit code 78.

A name that begins with `MATINEE_` and is none of these stops the start where it resembles one of them or
speaks of budgets, limits or prices: a misspelt limit would be no limit. Any other one is a warning. The start
is stopped, too, by a limit in `.env` without `MATINEE_`, a setting with two values in one place, a budget
below a cent that is not 0, a line of `.env` that gives such a name no value, and a prices file without a
price, with an unknown provider, model or edition, with a name that stands twice, or with a price that is
negative, not finite, less than a millionth of a dollar a second, or more than 100. Only what looks like a
number is repeated, so that no secret is. A limit per day or month whose value is empty is none: a warning.

What bounds money and orders takes `none`; with a budget or a number of videos of 0 nothing may be ordered.

This page is made from the program by `python -m bot.settings.docs_page`.
"""

_EXAMPLE_INTRODUCTION: Final = """\
# Copy this file to .env and fill in DISCORD_TOKEN and one key. Everything else has a default.
# What each setting means: docs/settings.md. Check it all with: matinee doctor
"""


def page() -> str:
    """Return the page: one table for each group."""
    return "\n".join([_INTRODUCTION, *(line for title in GROUPS for line in _table(title))])


def example() -> str:
    """Return the example: the needed settings empty, all others commented out with their default."""
    return "\n".join([_EXAMPLE_INTRODUCTION, *(line for title in GROUPS for line in _section(title))])


def _fields(title: str) -> Iterator[tuple[str, FieldInfo]]:
    """Yield the settings of a group, in the order of the beginnings of their names."""
    for beginning in GROUPS[title]:
        yield from (
            (name, field) for name, field in Settings.model_fields.items() if name.startswith(beginning)
        )


def _table(title: str) -> Iterator[str]:
    yield f"## {title}\n"
    yield "| name | default | meaning |\n|---|---|---|"
    for name, field in _fields(title):
        default = _default(field)
        shown = f"`{default}`" if default else "\N{EN DASH}"
        meaning = f"{field.description} (secret)" if is_secret(field) else field.description
        yield f"| `{name.upper()}` | {shown} | {meaning} |"
    yield ""


def _section(title: str) -> Iterator[str]:
    yield f"# --- {title} ---\n"
    for name, field in _fields(title):
        yield from (
            f"# {line}"
            for line in wrap(str(field.description).replace("`", ""), _WIDTH, break_on_hyphens=False)
        )
        yield f"{name.upper()}=" if name in _NEEDED else f"#{name.upper()}={_default(field)}"
        yield ""


def _default(field: FieldInfo) -> str:
    """Return a default as an operator would write it; empty where there is none."""
    value: object = field.default
    if value is None and TAKES_NONE in field.metadata:
        return "none"
    if value is None or value == ():
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    return f"{value:g}" if isinstance(value, int | float) else str(value)


def main() -> None:
    """Write both files, from the project's folder."""
    PAGE.write_text(page(), encoding="utf-8")
    EXAMPLE.write_text(example(), encoding="utf-8")


if __name__ == "__main__":
    main()
