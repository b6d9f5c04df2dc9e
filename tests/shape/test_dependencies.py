from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

PROJECT = Path(__file__).parents[2]

_ROW = re.compile(r"^\| (`[^|]+`) \|", re.MULTILINE)
_QUOTED = re.compile(r"`([^`]+)`")
_NAME = re.compile(r"[\w.-]+")


def declared(project: dict[str, Any]) -> Iterator[str]:
    """Name every library that pyproject.toml asks for, for the program or for its development."""
    extras, groups = project["project"]["optional-dependencies"], project["dependency-groups"]
    lists = [project["build-system"]["requires"], project["project"]["dependencies"]]
    for wanted in (*lists, *extras.values(), *groups.values()):
        yield from (_NAME.findall(library)[0] for library in wanted if isinstance(library, str))


def explained(page: str) -> Iterator[str]:
    """Name every library that a table of the page begins a row with."""
    for cell in _ROW.findall(page):
        yield from _QUOTED.findall(cell)


def test_every_dependency_is_explained_and_no_other() -> None:
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text())
    page = (PROJECT / "docs/dependencies.md").read_text()

    assert sorted(set(declared(project))) == sorted(explained(page))
