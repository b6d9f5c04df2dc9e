"""Looks at a database from outside: whether it opens, which version it has, whether it is sound."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from storage.database import open_for_reading
from storage.schema import shipped_migrations


@dataclass(frozen=True, slots=True)
class Soundness:
    """`latest` is the version that this program knows; `findings` is empty for a sound file."""

    version: int
    latest: int
    findings: tuple[str, ...]


async def inspect(path: Path) -> Soundness:
    """Look without changing anything, whether or not a bot runs on it. Raise StoreError."""
    async with open_for_reading(path) as database:
        ((version,),) = await database.rows("PRAGMA user_version")
        findings = [
            " ".join(str(finding).split()) for (finding,) in await database.rows("PRAGMA quick_check(3)")
        ]
    latest = shipped_migrations()[-1].number
    return Soundness(int(str(version)), latest, () if findings == ["ok"] else tuple(findings))
