"""Looks at a database from outside: whether it opens, which version it has, whether it is sound."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from core.model.errors import StoreUnusable
from storage.sqlite.database import Database, open_for_reading
from storage.sqlite.migrate import shipped_migrations


@dataclass(frozen=True, slots=True)
class Inspection:
    """`latest` is the version that this program knows; `findings` is empty for a sound file."""

    version: int
    latest: int
    findings: tuple[str, ...]


async def inspect(path: Path) -> Inspection:
    """Look without changing anything, whether or not a bot runs on it. Raise StoreError."""
    async with open_for_reading(path) as database:
        ((version,),) = await database.rows("PRAGMA user_version")
        findings = [
            " ".join(str(finding).split()) for (finding,) in await database.rows("PRAGMA quick_check(3)")
        ]
    return Inspection(int(str(version)), latest_version(), () if findings == ["ok"] else tuple(findings))


async def check_version(database: Database) -> None:
    """Raise StoreUnusable where this program cannot read the database: the bot that writes it is another."""
    ((version,),) = await database.rows("PRAGMA user_version")
    if version != latest_version():
        latest = latest_version()
        other = "an older" if version < latest else "a newer"
        raise StoreUnusable(
            f"{database.path} is of {other} Matinee: it has version {version}, and this command reads "
            f"version {latest}. Nothing was changed. Use the command of the Matinee that runs there; an "
            "older database is brought up to date when the new bot is started."
        )


def latest_version() -> int:
    return shipped_migrations()[-1].number
