"""Draw the README's picture of the folders: `python -m tests.shape`. With `--check`, say what is wrong."""

from __future__ import annotations

import sys
from pathlib import Path

from tests.shape.evasions import evasions
from tests.shape.folders import crowded, described
from tests.shape.picture import draw, is_current

ROOT = Path(__file__).parents[2]


def wrong(root: Path) -> list[str]:
    """Say what about the folders is not as it has to be, and what gets round a rule."""
    silent = [f"{folder}/__init__.py says nothing" for folder, sentence in described(root) if not sentence]
    old = [] if is_current(root) else ["README.md shows other folders: run python -m tests.shape"]
    return [*crowded(root), *silent, *old, *evasions(root)]


if __name__ == "__main__":
    if "--check" in sys.argv[1:]:
        sys.exit("\n".join(wrong(ROOT)) or None)
    draw(ROOT)
