"""`matinee db`: the operator's view of the data."""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict
from typing import Any, Final

from bot.exits import Exit
from bot.settings import Settings
from core.errors import StoreError, StoreUnusable
from core.jobs import Job
from storage.backup import backup, check
from storage.database import open_for_reading
from storage.jobs import SqliteJobStore

MOST_EXPORTED: Final = 1_000_000


async def data(options: argparse.Namespace) -> int:
    """Back up, check or export, whether or not a bot runs on the data. Return the exit code."""
    settings = Settings.load()
    if not settings.database_path.exists():
        raise StoreUnusable(f"There is no database at {settings.database_path} yet. Start the bot first.")
    async with open_for_reading(settings.database_path) as database:
        match options.action:
            case "backup":
                try:
                    await backup(database, options.file)
                except StoreError as error:
                    print(error, file=sys.stderr)  # noqa: T201 - for the person at the terminal
                    return Exit.INVALID
                print(f"{options.file} is a whole copy.")  # noqa: T201 - this is the command's output
                return Exit.DONE
            case "export":
                jobs = await SqliteJobStore(database).of_requester(options.user_id, limit=MOST_EXPORTED)
                for job in jobs:
                    print(json.dumps(_record(job), ensure_ascii=False))  # noqa: T201 - the same
                return Exit.DONE
            case _:
                return _report(await check(database))


def _report(findings: list[str]) -> int:
    for finding in findings:
        print(finding)  # noqa: T201 - this is the command's output
    if not findings:
        print("The database is sound.")  # noqa: T201 - the same
        return Exit.DONE
    print(  # noqa: T201 - for the person at the terminal
        "The database is damaged. Stop the bot, keep the file, and put the newest of backups/ in its place.",
        file=sys.stderr,
    )
    return Exit.UNFIT


def _record(job: Job) -> dict[str, Any]:
    """Write down everything that is kept of a job, as JSON takes it."""
    record: dict[str, Any] = json.loads(json.dumps(asdict(job), default=str))
    return record
