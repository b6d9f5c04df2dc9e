"""The part of the README that shows the folders, drawn from the imports."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from tests.shape.folders import arrows, described

_BEGIN: Final = "<!-- drawn from the imports by `python -m tests.shape` -->"
_END: Final = "<!-- drawn until here -->"
_DRAWN: Final = re.compile(f"{re.escape(_BEGIN)}.*?{re.escape(_END)}", re.DOTALL)


def is_current(root: Path) -> bool:
    """Whether the README shows the folders as they are."""
    text = _readme(root).read_text()
    return _redrawn(root, text) == text


def draw(root: Path) -> None:
    """Rewrite the README's picture."""
    file = _readme(root)
    file.write_text(_redrawn(root, file.read_text()))


def _readme(root: Path) -> Path:
    return root / "README.md"


def _redrawn(root: Path, text: str) -> str:
    if _DRAWN.search(text) is None:
        raise ValueError(f"the README has no place for the picture: {_BEGIN} … {_END}")
    return _DRAWN.sub(lambda _: _drawn(root), text)


def _drawn(root: Path) -> str:
    lines = [
        _BEGIN,
        *_flowchart(arrows(root), alone=("sandbox",)),
        "",
        "Inside `core`:",
        "",
        *_flowchart(arrows(root, "core")),
        "",
        "| folder | |",
        "|---|---|",
        *(f"| `{folder}/` | {sentence} |" for folder, sentence in described(root)),
        _END,
    ]
    return "\n".join(lines)


def _flowchart(pairs: Iterable[tuple[str, str]], alone: Iterable[str] = ()) -> list[str]:
    edges = [f"    {importer} --> {imported}" for importer, imported in pairs]
    return ["```mermaid", "flowchart TD", *edges, *(f"    {name}" for name in alone), "```"]
