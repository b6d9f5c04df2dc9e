"""`docs/adding-a-provider.md` as somebody follows it: its new modules, and its edits of what is there."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

import pytest

from providers.surface import Surface

PROJECT = Path(__file__).parents[2]
PAGE = PROJECT / "docs/adding-a-provider.md"
_BLOCK = re.compile(r"^```(?P<kind>python|diff) (?P<path>\S+)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class Block:
    """A piece of the page: the whole of a new file, or lines of a file with what becomes of them."""

    kind: str
    path: str
    text: str

    def sides(self) -> tuple[str, str]:
        """Return the lines of an edit as they are before and after."""
        lines = self.text.splitlines(keepends=True)
        before = "".join(line[1:] for line in lines if line[0] in " -")
        after = "".join(line[1:] for line in lines if line[0] in " +")
        return before, after


def blocks(kind: str) -> Iterator[Block]:
    for match in _BLOCK.finditer(PAGE.read_text(encoding="utf-8")):
        if match["kind"] == kind:
            yield Block(match["kind"], match["path"], match["text"])


def follow(folder: Path) -> None:
    """Do in a copy of the project what the page says."""
    for block in blocks("python"):
        (folder / block.path).write_text(block.text, encoding="utf-8")
    for block in blocks("diff"):
        edited = folder / block.path
        before, after = block.sides()
        text = edited.read_text(encoding="utf-8")
        assert text.count(before) == 1, f"{block.path} has no such lines: {before}"
        edited.write_text(text.replace(before, after), encoding="utf-8")


def adapter(folder: Path, patch: pytest.MonkeyPatch) -> type[Surface]:
    """Write the page's module into a folder, under a name of its own, and return the class in it."""
    (block,) = blocks("python")
    (folder / "reels_of_the_page.py").write_text(block.text, encoding="utf-8")
    patch.syspath_prepend(folder)
    patch.delitem(sys.modules, "reels_of_the_page", raising=False)
    found: type[Surface] = import_module("reels_of_the_page").Reels
    return found
