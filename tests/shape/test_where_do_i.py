from __future__ import annotations

import re
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[2]

_ROW = re.compile(
    r"^\| (?P<what>[^|]+) \| `(?P<file>[\w/]+\.py)`[^|]* \| `(?P<name>[\w.]+)` \|$", re.MULTILINE
)

ANSWERS = [
    match.group("what", "file", "name") for match in _ROW.finditer((PROJECT / "CONTRIBUTING.md").read_text())
]


def test_there_are_answers() -> None:
    assert len(ANSWERS) >= 13


@pytest.mark.parametrize(("what", "file", "name"), ANSWERS, ids=[what for what, _, _ in ANSWERS])
def test_what_is_looked_for_is_there(what: str, file: str, name: str) -> None:
    text = (PROJECT / file).read_text()

    assert re.search(rf"\b{re.escape(name)}\b", text), f"{what}: {name} is not in {file}"
