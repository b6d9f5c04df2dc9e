"""The folders of the program: how full they are, what each is for, and which imports which."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Final

MOST_FILES: Final = 15
"""The most Python files in a folder: with more, no one knows all of them."""

PROGRAM: Final = ("bot", "cogs", "web", "providers", "storage", "core", "sandbox")
EVERYTHING: Final = (*PROGRAM, "bench", "tests")


def crowded(root: Path) -> list[str]:
    """Say which folders hold too many files."""
    return [
        f"{folder.relative_to(root)} holds {count} files, more than {MOST_FILES}"
        for folder in _folders(root, EVERYTHING)
        if (count := len(list(folder.glob("*.py")))) > MOST_FILES
    ]


def _folders(root: Path, packages: tuple[str, ...]) -> Iterator[Path]:
    """Give every folder with Python files, packages in their order and folders by name."""
    for package in packages:
        yield from sorted({file.parent for file in (root / package).rglob("*.py")})


def described(root: Path) -> Iterator[tuple[str, str]]:
    """Give each folder of the program with the sentence that its `__init__.py` begins with."""
    for folder in _folders(root, PROGRAM):
        first = folder / "__init__.py"
        text = ast.get_docstring(ast.parse(first.read_text())) if first.exists() else None
        yield str(folder.relative_to(root)), (text or "").partition("\n")[0]


def arrows(root: Path, package: str | None = None) -> list[tuple[str, str]]:
    """Say which package imports which; with a `package`, which of its folders imports which."""
    found: set[tuple[str, str]] = set()
    for file in (file for name in PROGRAM for file in (root / name).rglob("*.py")):
        importer = _room(".".join(file.relative_to(root).with_suffix("").parts), package)
        for module in _imported(file):
            imported = _room(module, package)
            if importer is not None and imported is not None and importer != imported:
                found.add((importer, imported))
    return sorted(found)


def _room(module: str, package: str | None) -> str | None:
    """Name the package of a module, or its folder inside a package; None for whatever lies elsewhere."""
    first, *rest = module.split(".")
    if package is None:
        return first if first in PROGRAM else None
    return rest[0] if first == package and rest else None


def _imported(file: Path) -> Iterator[str]:
    """Give the modules that a file imports from, where it is run at all."""
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.ImportFrom) and node.module is not None:
            yield node.module
