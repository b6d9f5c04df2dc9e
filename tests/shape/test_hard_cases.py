"""`docs/hard-cases.md` and the tests that are named after its cases say the same."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

PROJECT = Path(__file__).parents[2]


def listed() -> Iterator[tuple[str, int]]:
    """Give each case of the page with the file that it stands under."""
    file = ""
    for line in (PROJECT / "docs" / "hard-cases.md").read_text().splitlines():
        heading, row = re.fullmatch(r"## `(.+)`", line), re.match(r"\| (\d+) \|", line)
        file = heading[1] if heading else file
        if row:
            yield file, int(row[1])


def cited() -> Iterator[tuple[str, int]]:
    """Give each case that a test is named after, with the file of that test."""
    for file in (PROJECT / "tests").rglob("test_*.py"):
        for match in re.finditer(r"def test_case_(\d+)_", file.read_text()):
            yield str(file.relative_to(PROJECT)), int(match[1])


def test_every_case_has_its_row_and_its_test() -> None:
    assert set(listed()) == set(cited())
    assert {number for _, number in listed()} == set(range(1, 75))
