"""A page of the documents as a reader follows it: its new files, and its edits of what is there."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

import pytest

from providers.surface import Surface

PROJECT = Path(__file__).parents[1]
PROVIDER = PROJECT / "docs/adding-a-provider.md"
HOW_TO = PROJECT / "docs/how-to.md"
PROGRAM = ("bot", "cogs", "core", "providers", "storage", "web", "sandbox")
_BLOCK = re.compile(
    r"^```(?P<kind>python|sql|diff) (?P<path>\S+)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL
)
_NEXT_NUMBER = "NNNN"
_INHERITED = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR")


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


def blocks(page: Path, *kinds: str) -> Iterator[Block]:
    for match in _BLOCK.finditer(page.read_text(encoding="utf-8")):
        if match["kind"] in kinds:
            yield Block(match["kind"], match["path"], match["text"])


def copied(folder: Path) -> None:
    """Copy the program, without its tests, into a folder."""
    for part in PROGRAM:
        shutil.copytree(PROJECT / part, folder / part, ignore=shutil.ignore_patterns("__pycache__"))


def follow(page: Path, folder: Path) -> None:
    """Do in a copy of the project what the page says."""
    for block in blocks(page, "python", "sql"):
        (folder / _numbered(block.path, folder)).write_text(block.text, encoding="utf-8")
    for block in blocks(page, "diff"):
        edited = folder / block.path
        before, after = block.sides()
        text = edited.read_text(encoding="utf-8")
        assert text.count(before) == 1, f"{block.path} has no such lines: {before}"
        edited.write_text(text.replace(before, after), encoding="utf-8")


def _numbered(path: str, folder: Path) -> str:
    """Give a new migration the next number."""
    last = max(int(file.name[:4]) for file in (folder / "storage/migrations").glob("*.sql"))
    return path.replace(_NEXT_NUMBER, f"{last + 1:04}")


async def run(copy: Path, *arguments: str, environment: Mapping[str, str] | None = None) -> tuple[int, str]:
    """Run Python in a copy of the project, and return how it ended and what it said."""
    inherited = {name: os.environ[name] for name in _INHERITED if name in os.environ}
    own = {"PYTHONPATH": str(copy), "PYTHONDONTWRITEBYTECODE": "1"}
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, *arguments),
        env={**inherited, **(environment or {}), **own},
        cwd=copy,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    out, _ = await process.communicate()
    return process.returncode or 0, out.decode()


def adapter(folder: Path, patch: pytest.MonkeyPatch) -> type[Surface]:
    """Write the module of a provider's page into a folder, under another name, and return its class."""
    (block,) = blocks(PROVIDER, "python")
    (folder / "reels_of_the_page.py").write_text(block.text, encoding="utf-8")
    patch.syspath_prepend(folder)
    patch.delitem(sys.modules, "reels_of_the_page", raising=False)
    found: type[Surface] = import_module("reels_of_the_page").Reels
    return found
