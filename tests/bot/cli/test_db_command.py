from __future__ import annotations

import asyncio
import json
import shutil
import sqlite3
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, closing
from dataclasses import replace
from pathlib import Path

import pytest

from core.requests.preferences import Preferences, PreferenceScope, PreferenceStore
from storage.maintenance.backup import check
from storage.sqlite.database import open_database, open_for_reading
from storage.sqlite.jobs import SqliteJobStore
from storage.sqlite.notes import SqliteKeyValues
from tests.bot import kept
from tests.bot.command_line import Command
from tests.contracts.examples import ALICE, BOB, NOON, in_doubt, life, queued

PROJECT = Path(__file__).parents[3]


@asynccontextmanager
async def busy_process() -> AsyncGenerator[None]:
    """Let another process write to the database as fast as it can; it is gone when this is left."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.storage.endless_writer", str(kept.DATABASE.absolute())),
        cwd=PROJECT,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    draining = asyncio.create_task(process.stdout.read())
    async with asyncio.timeout(20):
        while await written() == 0:  # noqa: ASYNC110 - another process writes it, no event tells
            await asyncio.sleep(0.02)
    try:
        yield
    finally:
        process.kill()
        await process.wait()
        await draining


async def written() -> int:
    """How many jobs are in the database now."""
    if not kept.DATABASE.exists():
        return 0
    with closing(sqlite3.connect(f"file:{kept.DATABASE}?mode=ro", uri=True)) as database:
        try:
            return int(database.execute("SELECT count(*) FROM jobs").fetchone()[0])
        except sqlite3.OperationalError:
            return 0  # its tables are being made


async def test_a_copy_of_a_busy_database_is_whole_and_sound(matinee: Command, folder: Path) -> None:
    kept.DATABASE.parent.mkdir()
    async with busy_process():
        ran = await matinee("db", "backup", "copies/one.db")

        at_work = await written()

    assert (ran.code, ran.out) == (0, "copies/one.db is a whole copy.\n")
    assert [file.name for file in (folder / "copies").iterdir()] == ["one.db"]
    async with open_for_reading(folder / "copies" / "one.db") as copy:
        assert await check(copy) == []
        jobs = await SqliteJobStore(copy).recent(limit=at_work)
        for job in jobs:
            assert len(await SqliteJobStore(copy).events(job.id)) == job.version + 1
    assert 0 < len(jobs) <= at_work


async def test_a_backup_never_replaces_a_file(matinee: Command, folder: Path) -> None:
    await kept.keep(life(1))
    (folder / "precious.db").write_text("precious")

    ran = await matinee("db", "backup", "precious.db")

    assert ran.code == 2
    assert "precious.db exists already and is not replaced. Name another file." in ran.err
    assert (folder / "precious.db").read_text() == "precious"


async def test_a_backup_where_nothing_can_be_written_says_so(matinee: Command, folder: Path) -> None:
    await kept.keep(life(1))
    (folder / "file").touch()

    ran = await matinee("db", "backup", "file/copy.db")

    assert ran.code == 2
    assert "file/copy.db cannot be written" in ran.err


async def test_a_copy_in_the_place_of_the_database_is_what_it_was(matinee: Command, folder: Path) -> None:
    await kept.keep(life(1), in_doubt(2))
    await matinee("db", "backup", "copy.db")
    before = (await matinee("jobs", "list")).out

    for name in ("matinee.db", "matinee.db-wal", "matinee.db-shm"):
        (folder / "data" / name).unlink(missing_ok=True)
    (folder / "copy.db").rename(folder / kept.DATABASE)

    assert (await matinee("jobs", "list")).out == before
    assert (await matinee("db")).out == "The database is sound.\n"


@pytest.mark.parametrize("command", [("db",), ("db", "check")])
async def test_a_sound_database_is_called_sound(matinee: Command, command: tuple[str, ...]) -> None:
    await kept.keep(life(1))

    ran = await matinee(*command)

    assert (ran.code, ran.out, ran.err) == (0, "The database is sound.\n", "")


async def test_a_database_with_a_damaged_page_is_called_damaged_with_what_to_do(
    matinee: Command, folder: Path
) -> None:
    await kept.keep(*(life(number) for number in range(1, 200)))
    with (folder / kept.DATABASE).open("r+b") as file:
        file.seek(4096 * 20)
        file.write(b"\xa5" * 4096 * 5)

    ran = await matinee("db", "check")

    assert ran.code in {1, 78}
    assert "damaged" in ran.err
    assert "Stop" in ran.err
    assert "Traceback" not in ran.err


async def test_what_is_no_database_is_not_read_as_one(matinee: Command, folder: Path) -> None:
    (folder / "data").mkdir()
    (folder / kept.DATABASE).write_text("no database at all, but long enough to look into. " * 40)

    ran = await matinee("db", "check")

    assert ran.code == 78
    assert "damaged" in ran.err


async def test_all_that_is_kept_of_a_member_is_exported_as_json_lines(matinee: Command) -> None:
    bobs = [queued(3, requester_id=BOB)]
    await kept.keep(life(1), in_doubt(2), bobs)

    ran = await matinee("db", "export", str(ALICE))

    assert ran.code == 0
    assert [(job["id"], job["state"]) for job in ran.lines] == [(2, "UNKNOWN"), (1, "DONE")]
    assert ran.lines[1]["request"]["prompt"] == "a paper boat"
    assert [event["after"] for event in ran.lines[0]["history"]] == ["QUEUED", "SUBMITTING", "UNKNOWN"]
    assert str(BOB) not in json.dumps(ran.lines)


async def test_who_else_did_something_with_a_members_video_is_not_exported(matinee: Command) -> None:
    doubt = in_doubt(1)
    await kept.keep([*doubt, doubt[-1].dismissed(BOB, NOON)])

    ran = await matinee("db", "export", str(ALICE))

    (job,) = ran.lines
    assert job["actor"] == job["history"][-1]["actor"] == "somebody else"
    assert str(BOB) not in ran.out


async def test_of_a_stranger_nothing_is_exported(matinee: Command) -> None:
    await kept.keep(life(1))

    ran = await matinee("db", "export", "999")

    assert (ran.code, ran.out, ran.err) == (0, "", "")


async def test_a_member_is_erased_where_no_bot_runs(matinee: Command, folder: Path) -> None:
    await kept.keep(life(1), in_doubt(2), [queued(3, requester_id=BOB)])
    (folder / "data" / "videos").mkdir()
    (folder / "data" / "videos" / "video-1.mp4").write_bytes(b"a clip")

    ran = await matinee("db", "erase", str(ALICE))
    exported = await matinee("db", "export", str(ALICE))

    assert (ran.code, ran.err) == (0, "")
    assert "Erased: 1 job of 101" in ran.out
    assert "Under way: 1" in ran.out
    assert [job["id"] for job in exported.lines] == [2]
    assert list((folder / "data" / "videos").iterdir()) == []
    assert (await kept.job(1)).is_erased
    assert (await kept.job(3)).request.prompt == "a paper boat"


async def test_erasing_twice_does_no_harm(matinee: Command) -> None:
    await kept.keep(life(1))
    await matinee("db", "erase", str(ALICE))
    before = await kept.job(1)

    ran = await matinee("db", "erase", str(ALICE))

    assert ran.code == 0
    assert "Erased: 0 jobs" in ran.out
    assert await kept.job(1) == before


async def test_where_the_disk_is_too_full_to_overwrite_what_was_erased_it_is_said_beside_what_was_done(
    matinee: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    await kept.keep(life(1))
    full = shutil.disk_usage(".")._replace(free=1_000_000)

    def asked(_folder: object) -> object:
        return full

    monkeypatch.setattr(shutil, "disk_usage", asked)

    ran = await matinee("db", "erase", str(ALICE))

    assert ran.code == 0
    assert "Erased: 1 job of 101" in ran.out
    assert "not written anew" in ran.out
    assert (await kept.job(1)).is_erased


@pytest.mark.parametrize("user_id", ["0", "-1", "alice", str(2**63)])
async def test_only_a_member_can_be_erased(matinee: Command, user_id: str) -> None:
    ran = await matinee("db", "erase", user_id)

    assert ran.code == 2
    assert "USER_ID" in ran.err


async def test_no_member_is_erased_while_a_bot_runs_that_does_not_answer(matinee: Command) -> None:
    await kept.keep(life(1))

    async with open_database(kept.DATABASE):
        ran = await matinee("db", "erase", str(ALICE))

    assert ran.code == 78
    assert "does not listen" in ran.err
    assert not (await kept.job(1)).is_erased


async def test_what_else_is_kept_of_a_member_is_exported_too(matinee: Command) -> None:
    doubt = in_doubt(2)
    bobs = [replace(job, destination=replace(job.destination, requester_id=BOB)) for job in doubt]
    await kept.keep([*bobs, bobs[-1].dismissed(ALICE, NOON)])
    async with open_database(kept.DATABASE) as database:
        await PreferenceStore(SqliteKeyValues(database)).change(
            PreferenceScope.MEMBER, ALICE, Preferences(mode="pro")
        )

    ran = await matinee("db", "export", str(ALICE))

    (rest,) = ran.lines
    assert rest["preferences"] == {"mode": "pro"}
    assert [(act["job_id"], act["after"]) for act in rest["acts"]] == [(2, "DISMISSED")]
