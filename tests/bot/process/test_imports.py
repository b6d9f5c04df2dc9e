from __future__ import annotations

import sys
from subprocess import run

UNUSED = frozenset({"PIL", "obstore", "prometheus_client", "simcord"})
"""What a bot without a web server, a bucket or a picture in work has no use for."""

_WITHOUT_TOOLS = "import sys; sys.modules['click'] = None; "
"""Tools for development bring click, with which httpx loads a command line of its own."""


def imported(statement: str) -> set[str]:
    """Return the modules that a fresh Python has after a statement."""
    code = f"{_WITHOUT_TOOLS}{statement}; print(*sys.modules)"
    done = run([sys.executable, "-c", code], capture_output=True, text=True, check=True)  # noqa: S603 - our own code
    return set(done.stdout.split())


def test_the_bot_imports_nothing_that_only_some_settings_need() -> None:
    assert UNUSED & imported("import bot.app, bot.process.log") == set()


def test_help_imports_nothing_that_only_a_command_needs() -> None:
    found = imported("import bot.__main__; bot.__main__.parser()")

    assert {"asyncio", "bot.settings.settings", "pydantic"} & found == set()
