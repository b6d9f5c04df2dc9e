"""`matinee db`: the operator's view of the data."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Final

from bot.cli.exit_codes import Exit
from bot.cli.jobs import no_answer
from bot.compose.privacy import ERASE, eraser_alone, erasing, export
from bot.process.clock import SystemClock
from bot.process.control_socket import NoBotListens, Refusal, ask
from bot.settings.settings import Settings
from core.model.errors import JobDamaged, StoreError, StoreFull, StoreInUse, StoreUnusable
from core.privacy.erasure import ErasureService
from core.requests.preferences import PreferenceStore
from storage.maintenance.backup import backup, check
from storage.maintenance.inspection import check_version, latest_version
from storage.sqlite.database import Database, open_database, open_for_reading
from storage.sqlite.jobs import SqliteJobStore
from storage.sqlite.notes import SqliteKeyValues

_SILENT: Final = (
    "The bot did not answer, so nobody knows how far it is. Give the command again: that does no harm."
)


async def data(options: argparse.Namespace) -> int:
    """Back up, check, export or erase, whether or not a bot runs on the data. Return the exit code."""
    settings = Settings.load()
    if not settings.database_path.exists():
        raise StoreUnusable(f"There is no database at {settings.database_path} yet. Start the bot first.")
    async with open_for_reading(settings.database_path) as database:
        match options.action:
            case "backup":
                return await _back_up(database, options.file)
            case "export":
                await check_version(database)
                return await _export(database, options.user_id)
            case "erase":
                await check_version(database)
            case _:
                return _report(await check(database), await _damaged_jobs(database))
    return await _erase(settings, options.user_id)


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


async def _export(database: Database, user_id: int) -> int:
    store, preferences = SqliteJobStore(database), PreferenceStore(SqliteKeyValues(database))
    async for line in export(database, store, SystemClock(), preferences).lines(user_id):
        print(line)  # noqa: T201 - this is the command's output
    return Exit.DONE


async def _erase(settings: Settings, user_id: int) -> int:
    """Let the bot that runs here do it; where none runs, do it here."""
    try:
        said = await ask(settings.matinee_data_dir, ERASE, user_id, silent=_SILENT)
    except NoBotListens:
        said = await _erase_alone(settings, user_id)
    except Refusal as error:
        print(error, file=sys.stderr)  # noqa: T201 - for the person at the terminal
        return Exit.INVALID
    print(said)  # noqa: T201 - this is the command's output
    return Exit.DONE


async def _erase_alone(settings: Settings, user_id: int) -> str:
    try:
        async with open_database(settings.database_path) as database:
            alone = await eraser_alone(settings, SystemClock(), database)
            return await _erase_and_finish(alone, user_id)
    except StoreInUse as error:
        raise StoreUnusable(no_answer(settings, error)) from error


async def _erase_and_finish(alone: ErasureService, user_id: int) -> str:
    said = await erasing(alone)(user_id)
    try:
        await alone.go_on()
    except StoreFull as error:
        return f"{said} {error}"
    return said


async def _damaged_jobs(database: Database) -> list[JobDamaged]:
    ((version,),) = await database.rows("PRAGMA user_version")
    return await SqliteJobStore(database).damaged() if version == latest_version() else []


def _report(findings: list[str], damaged: list[JobDamaged]) -> int:
    for finding in findings:
        print(finding)  # noqa: T201 - this is the command's output
    for one in damaged:
        print(  # noqa: T201 - the same
            f"Job {one.job_id}: its record is damaged ({one.column}). It is set aside; all else goes on."
        )
    if damaged and not findings:
        return Exit.UNFIT
    if not findings:
        print("The database is sound.")  # noqa: T201 - the same
        return Exit.DONE
    print(  # noqa: T201 - for the person at the terminal
        "The database is damaged. Stop the bot, keep the file, and put the newest backup in its place.",
        file=sys.stderr,
    )
    return Exit.UNFIT
