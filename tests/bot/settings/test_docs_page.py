from __future__ import annotations

from pathlib import Path

import pytest

from bot.settings import docs_page as settings_page
from bot.settings.settings import Settings

PROJECT = Path(__file__).parents[3]


@pytest.mark.parametrize(
    ("path", "content"),
    [(settings_page.PAGE, settings_page.page()), (settings_page.EXAMPLE, settings_page.example())],
)
def test_what_is_in_the_project_is_what_the_program_says(path: Path, content: str) -> None:
    assert (PROJECT / path).read_text(encoding="utf-8") == content, "run: python -m bot.settings.docs_page"


def test_the_files_are_written_where_the_program_is_started(folder: Path) -> None:
    (folder / "docs").mkdir()

    settings_page.main()

    assert (folder / "docs/settings.md").read_text(encoding="utf-8") == settings_page.page()
    assert (folder / ".env.example").read_text(encoding="utf-8") == settings_page.example()


@pytest.mark.parametrize("name", Settings.model_fields)
def test_every_setting_is_explained_once(name: str) -> None:
    groups = [title for title, beginnings in settings_page.GROUPS.items() if name.startswith(beginnings)]

    assert len(groups) == 1
    assert settings_page.page().count(f"| `{name.upper()}` |") == 1
    assert (
        settings_page.example().count(f"\n{name.upper()}=")
        + settings_page.example().count(f"\n#{name.upper()}=")
        == 1
    )


def test_the_example_changes_nothing_as_it_is_or_with_every_default_written_out(folder: Path) -> None:
    usual = Settings.load()
    example = settings_page.example()

    (folder / ".env").write_text(example, encoding="utf-8")
    copied = Settings.load()
    (folder / ".env").write_text(example.replace("\n#", "\n").replace("\n ", "\n# "), encoding="utf-8")
    written_out = Settings.load()

    assert copied == usual
    assert written_out == usual
