from __future__ import annotations

import sys
from pathlib import Path
from subprocess import run

import pytest

from tests.shape.__main__ import ROOT, wrong
from tests.shape.folders import MOST_FILES, PROGRAM, arrows, crowded
from tests.shape.picture import draw, is_current

EMPTY_README = (
    "# A house\n\n<!-- drawn from the imports by `python -m tests.shape` -->\n<!-- drawn until here -->\n"
)


def test_the_folders_are_as_they_have_to_be() -> None:
    assert wrong(ROOT) == []


def test_the_check_passes_where_nothing_is_wrong() -> None:
    checked = run([sys.executable, "-m", "tests.shape", "--check"], cwd=ROOT, check=False)

    assert checked.returncode == 0


@pytest.fixture
def house(tmp_path: Path) -> Path:
    for package in PROGRAM:
        (tmp_path / package).mkdir()
        (tmp_path / package / "__init__.py").write_text(f'"""{package.title()}."""\n')
    (tmp_path / "README.md").write_text(EMPTY_README)
    (tmp_path / "bot" / "app.py").write_text("from core.job import Job\nfrom asyncio import run\n")
    draw(tmp_path)
    return tmp_path


def test_the_picture_shows_who_imports_whom(house: Path) -> None:
    assert arrows(house) == [("bot", "core")]
    assert "    bot --> core\n" in (house / "README.md").read_text()
    assert wrong(house) == []


def test_a_new_arrow_makes_the_picture_old(house: Path) -> None:
    (house / "cogs" / "video.py").write_text("from core.job import Job\n")

    assert not is_current(house)
    assert wrong(house) == ["README.md shows other folders: run python -m tests.shape"]


def test_a_folder_that_is_too_full_is_named(house: Path) -> None:
    for number in range(MOST_FILES):
        (house / "storage" / f"part_{number}.py").write_text("")

    assert crowded(house) == [f"storage holds {MOST_FILES + 1} files, more than {MOST_FILES}"]


def test_a_folder_that_says_nothing_is_named(house: Path) -> None:
    (house / "web" / "__init__.py").write_text("")

    assert "web/__init__.py says nothing" in wrong(house)


def test_a_readme_without_a_place_for_the_picture_is_an_error(house: Path) -> None:
    (house / "README.md").write_text("# A house\n")

    with pytest.raises(ValueError, match="no place for the picture"):
        draw(house)
