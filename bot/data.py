"""`matinee db`: the operator's view of the data."""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

from bot.exits import Exit
from bot.settings import Settings
from core.errors import StoreError, StoreUnusable
from core.jobs import Job
from core.ports import Event
from storage.backup import backup, check
from storage.database import Database, open_for_reading
from storage.jobs import SqliteJobStore
from storage.soundness import check_version

MOST_EXPORTED: Final = 1_000_000


async def data(options: argparse.Namespace) -> int:
    """Back up, check or export, whether or not a bot runs on the data. Return the exit code."""
    settings = Settings.load()
    if not settings.database_path.exists():
        raise StoreUnusable(f"There is no database at {settings.database_path} yet. Start the bot first.")
    async with open_for_reading(settings.database_path) as database:
        match options.action:
            case "backup":
                return await _back_up(database, options.file)
            case "export":
                await check_version(database)
                return await _export(SqliteJobStore(database), options.user_id)
            case _:
                return _report(await check(database))


async def _back_up(database: Database, file: Path) -> int:
    try:
        await backup(database, file)
    except StoreUnusable:
        raise
    except StoreError as error:
        print(error, file=sys.stderr)  # noqa: T201 - for the person at the terminal
        return Exit.INVALID
    print(f"{file} is a whole copy.")  # noqa: T201 - this is the command's output
    return Exit.DONE


async def _export(store: SqliteJobStore, user_id: int) -> int:
    for job in await store.of_requester(user_id, limit=MOST_EXPORTED):
        record = {**_record(job), "history": [_record(event) for event in await store.events(job.id)]}
        print(json.dumps(record, ensure_ascii=False))  # noqa: T201 - this is the command's output
    return Exit.DONE


def _report(findings: list[str]) -> int:
    for finding in findings:
        print(finding)  # noqa: T201 - this is the command's output
    if not findings:
        print("The database is sound.")  # noqa: T201 - the same
        return Exit.DONE
    print(  # noqa: T201 - for the person at the terminal
        "The database is damaged. Stop the bot, keep the file, and put the newest backup in its place.",
        file=sys.stderr,
    )
    return Exit.UNFIT


def _record(kept: Job | Event) -> dict[str, Any]:
    """Write down everything that is kept, as JSON takes it."""
    record: dict[str, Any] = json.loads(json.dumps(asdict(kept), default=str))
    return record
