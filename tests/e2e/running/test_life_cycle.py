"""The real process from its start to its end: what it finds, what it fills up, what it leaves."""

from __future__ import annotations

import asyncio
import json
import resource
import sqlite3
from collections import Counter
from contextlib import closing
from pathlib import Path

import pytest

from bot.cli.exit_codes import Exit
from core.delivery.message_notes import STALE_CARDS
from core.model.job import JobState
from core.polling.duration_store import KEY
from sandbox.gateways.faults import create_accepted_slowly, create_accepted_then_hangs
from storage.sqlite.database import open_database, open_for_reading
from storage.sqlite.migrate import shipped_migrations
from storage.sqlite.notes import SqliteKeyValues
from tests.e2e.harness import town as towns
from tests.e2e.harness.bots import bot_inside, bot_process, started
from tests.e2e.harness.scenes import CHANNEL, ids, order, playing, private_answer, words
from tests.e2e.harness.town import Town

SURE = {
    JobState.RUNNING,
    JobState.READY,
    JobState.STORED,
    JobState.DELIVERING,
    JobState.DELIVERED,
    JobState.DONE,
}
"""Where a video that was sent may be at a stop: one of the boats may just be on its way to the disk."""

UPLOADING = r"/channels/\d+/messages/\d+$"
PEOPLE = ("member", "second", "moderator")
NOWHERE = "ws://127.0.0.1:9/gateway"
"""A port at which no program answers."""


async def test_sigterm_amid_creates_and_uploads_leaves_nothing_in_doubt(town: Town) -> None:
    boats = [f"Boat {number} on its way" for number in range(5)]
    rafts = [f"Raft {number} in the making" for number in range(3)]
    held = [town.keeps_working(boat) for boat in boats]
    slow = town.discord.faults.delay(
        "PATCH", UPLOADING, 0.7, times=None, when=lambda request: bool(request.files)
    )
    for raft in rafts:
        town.goes_wrong(create_accepted_slowly(2.5), raft)
    async with bot_process(town) as bot:
        cards = [await order(town, boat, by=PEOPLE[n % 2]) for n, boat in enumerate(boats)]
        for card in cards:
            await card.says("making it")
        cards += [await order(town, raft, by=PEOPLE[2]) for raft in rafts]
        for fault in held:
            fault.times = 0
        await town.discord.until(lambda: slow.hits)
        under_way = await amid(town, creates=3, uploads=4)
        bot.terminate()

        code = await bot.ended()
    left = {job.state for job in await towns.jobs(town)}
    town.discord.faults.clear()
    async with bot_process(town):
        for card in cards:
            await card.plays()

    assert under_way
    assert code == Exit.DONE
    assert left <= SURE
    assert [len(town.creates(prompt)) for prompt in [*boats, *rafts]] == [1] * 8
    assert [ids(playing(town, card.job_id)) for card in cards] == [[card.message_id] for card in cards]


async def amid(town: Town, *, creates: int, uploads: int) -> bool:
    """Wait until the bot is amid so many of them; whether that came to be."""
    for _ in range(100):
        states = Counter(job.state for job in await towns.jobs(town))
        if (states[JobState.SUBMITTING], states[JobState.DELIVERING] >= uploads) == (creates, True):
            return True
        await asyncio.sleep(0.02)
    return False


async def test_what_an_earlier_run_left_is_settled_before_discord_is_connected(town: Town) -> None:
    town.goes_wrong(create_accepted_then_hangs(), "A boat cut loose")
    held = town.keeps_working("A boat in the dock")
    async with bot_process(town) as bot:
        docked = await order(town, "A boat in the dock")
        await docked.says("making it")
        loose = await order(town, "A boat cut loose")
        await town.gateways.until(lambda: town.tasks("A boat cut loose"))
        await bot.kill()
    held.times, connections = 0, town.discord.identified

    deaf = await started(town, DISCORD_GATEWAY_URL=NOWHERE)
    try:
        await loose.says("Not confirmed", "it may be charged")
        await docked.plays()
    finally:
        await deaf.kill()

    assert town.discord.identified == connections
    assert (await towns.job(town, loose.job_id)).state is JobState.UNKNOWN
    assert len(town.creates("A boat cut loose")) == 1


async def test_a_full_disk_stops_buying_and_is_over_without_a_restart(town: Town) -> None:
    town.changes["MATINEE_OPERATORS"] = str(town.discord.member("moderator").id)
    async with bot_process(town) as bot:
        await (await order(town, "The last boat that fits")).replied()
        resource.prlimit(bot.pid, resource.RLIMIT_FSIZE, (1, resource.RLIM_INFINITY))
        call = await town.discord.member("second").command(CHANNEL, "video", prompt="One boat too many")
        told = await private_answer(town, call)
        letter = await town.discord.until(lambda: words(town.discord.messages("dm", viewer="moderator")[0]))
        resource.prlimit(bot.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))

        await (await order(town, "The first boat with room again")).plays()

    assert "I do not order anything either. Nothing was charged." in told
    assert "Nothing can be written down" in letter
    assert town.creates("One boat too many") == []


async def test_a_damaged_note_beside_the_work_costs_no_member_their_video(town: Town) -> None:
    town.folder.mkdir(parents=True)
    async with open_database(town.folder / "matinee.db") as database:
        await SqliteKeyValues(database).remember(STALE_CARDS, "not what the program writes")

    async with bot_process(town) as bot:
        await bot.says("a note cannot be read; it is set aside")
        await (await order(town, "A boat that nothing stops")).plays()

        assert await towns.jobs(town) != []
        assert bot.process.returncode is None


async def test_the_same_words_twice_are_two_videos_and_teach_the_next_life(town: Town) -> None:
    async with bot_inside(town):
        cards = [await order(town, "A boat like another") for _ in range(2)]
        for card in cards:
            await card.replied()

    async with open_for_reading(town.folder / "matinee.db") as database:
        learned = json.loads(await SqliteKeyValues(database).recall(KEY) or "{}")
    everything = next(group for group in learned["groups"] if group["of"] == [])
    assert len(town.creates("A boat like another")) == 2
    assert everything["jobs"] == 2


@pytest.mark.parametrize("harm", ["damaged", "newer"])
async def test_a_database_that_cannot_be_used_is_left_alone_and_said_how_to_restore(
    town: Town, harm: str
) -> None:
    town.folder.mkdir(parents=True)
    path = town.folder / "matinee.db"
    async with open_database(path):
        pass
    if harm == "damaged":
        path.write_bytes(b"Z" * 8192 + path.read_bytes()[8192:])
    else:
        _raise_version(path)
    before = path.read_bytes()

    bot = await started(town)
    code = await bot.ended()

    assert code == Exit.SETTINGS
    assert path.read_bytes() == before
    assert f"{town.folder / 'backups'}" in bot.said()
    assert ("start again" in bot.said()) is (harm == "damaged")
    assert "Traceback" not in bot.said()
    assert town.discord.requests == []


def _raise_version(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(f"PRAGMA user_version = {shipped_migrations()[-1].number + 1}")
