"""The data folder, or something in it, is taken away under a bot at work: it says so, and videos arrive."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from bot.cli.exit_codes import Exit
from core.model.job import JobState
from tests.e2e.harness import town as towns
from tests.e2e.harness.bots import bot_inside, bot_process, started
from tests.e2e.harness.files import picture
from tests.e2e.harness.scenes import CHANNEL, order, playing, words
from tests.e2e.harness.town import Town

OPERATOR = "moderator"


@pytest.fixture
def town(town: Town) -> Town:
    return replace(town, changes={**town.changes, "MATINEE_OPERATORS": str(town.discord.member(OPERATOR).id)})


def letters(town: Town) -> str:
    return "\n".join(words(message) for message in town.discord.messages("dm", viewer=OPERATOR))


async def wait_for_alert(town: Town, what: str) -> None:
    """Wait until the operator got the alert about it."""
    await town.discord.until(lambda: f"📂 **{what} was removed" in letters(town).replace("\\", ""))


def removed(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink()


def replaced_by_a_file(path: Path) -> None:
    removed(path)
    path.write_bytes(b"of somebody else's")


@pytest.mark.parametrize("take_away", [removed, replaced_by_a_file])
@pytest.mark.parametrize("name", ["videos", "pictures", "incoming", "replies.log", "matinee.db"])
async def test_a17_whatever_is_removed_is_reported_and_videos_arrive(
    town: Town, name: str, take_away: Callable[[Path], None]
) -> None:
    async with bot_inside(town):
        before = await order(town, "A boat before", image=picture())
        await towns.reached(town, before.job_id, JobState.DONE)

        take_away(town.folder / name)
        await wait_for_alert(town, name)
        after = await order(town, "A boat after", image=picture())
        await after.plays()
        await towns.reached(town, after.job_id, JobState.DONE)

    assert len(town.creates("A boat after")) == 1
    assert {job.id for job in await towns.jobs(town)} == {before.job_id, after.job_id}


async def test_a17_the_whole_folder_is_taken_away_and_a_kill_loses_nothing(town: Town) -> None:
    """All of it is written again from what the process still holds."""
    async with bot_process(town) as bot:
        before = await order(town, "A boat before")
        await towns.reached(town, before.job_id, JobState.DONE)
        shutil.rmtree(town.folder)
        await wait_for_alert(town, "matinee.db")
        held = town.keeps_working("A boat under way")
        after = await order(town, "A boat under way")
        await towns.reached(town, after.job_id, JobState.RUNNING)
        assert bot.said().count("something was taken away") == len(list_of(town))
        await bot.kill()
    held.times = 0

    async with bot_process(town):
        await after.plays()
        await towns.reached(town, after.job_id, JobState.DONE)

    assert (await towns.job(town, before.job_id)).state is JobState.DONE
    assert len(town.creates("A boat under way")) == 1


def list_of(town: Town) -> list[str]:
    """What the log names when all is gone: the folder and what is in it."""
    return [town.folder.name, "videos", "pictures", "incoming", "matinee.db", "replies.log"]


async def test_a17_a_finished_clip_that_is_removed_before_it_was_brought_is_fetched_again(town: Town) -> None:
    discord = town.discord
    refused = discord.faults.answer_instead("*", ".*", 500, times=None, when=lambda sent: bool(sent.files))
    async with bot_inside(town):
        card = await order(town, "A boat fetched twice")
        await towns.reached(town, card.job_id, JobState.DELIVERING)
        shutil.rmtree(town.folder / "videos")
        refused.times = 0

        await card.plays()
        await towns.reached(town, card.job_id, JobState.DONE)

    assert len(town.creates("A boat fetched twice")) == 1
    assert len(playing(town, card.job_id, CHANNEL)) == 1


async def test_a17_folders_of_another_user_among_the_files_stop_no_start(town: Town) -> None:
    for name in ("videos", "pictures", "incoming"):
        (town.folder / name / "lost+found").mkdir(parents=True)
        os.utime(town.folder / name / "lost+found", (0, 0))

    async with bot_process(town):
        await (await order(town, "A boat", image=picture())).plays()

    assert all((town.folder / name / "lost+found").is_dir() for name in ("videos", "pictures", "incoming"))


@pytest.mark.parametrize("name", ["videos", "pictures", "incoming"])
async def test_a17_a_file_in_the_place_of_a_folder_ends_the_start_in_words(town: Town, name: str) -> None:
    town.folder.mkdir()
    _ = (town.folder / name).write_bytes(b"of somebody else's")

    bot = await started(town)

    assert await bot.ended() == Exit.SETTINGS
    assert f"The folder {town.folder / name} cannot be written" in bot.said()
