"""Discord may refuse the list of commands: videos are delivered all the same, and the list is sent again."""

from __future__ import annotations

import sqlite3

import pytest

from bot.discord.client import SYNCED
from core.model.job import JobState
from sandbox.discord.calls import Reply
from sandbox.discord.faults import AnswerInstead
from tests.e2e.harness import town as towns
from tests.e2e.harness.bots import HastyClock, bot_inside
from tests.e2e.harness.deliveries import finished_late
from tests.e2e.harness.scenes import order
from tests.e2e.harness.town import Town

COMMANDS = r"^/applications/\d+/commands$"


def forget_synced_commands(town: Town) -> None:
    """Let the next start tell Discord about the commands, as one with other commands does."""
    with sqlite3.connect(town.folder / "matinee.db") as database:
        database.execute("DELETE FROM notes WHERE key = ?", (SYNCED,))
    database.close()


@pytest.mark.parametrize(("status", "code"), [(400, 50240), (403, 50001), (429, 30034), (503, 0)])
async def test_a10_a_refused_list_of_commands_holds_up_no_video(town: Town, status: int, code: int) -> None:
    async with bot_inside(town):
        card, held = await finished_late(town, "A boat from before the update")
    held.times = 0
    forget_synced_commands(town)
    refused = town.discord.faults.answer_instead("PUT", COMMANDS, status, code, times=2)

    async with bot_inside(town, HastyClock()):
        await card.plays()
        await towns.reached(town, card.job_id, JobState.DONE)
        await town.discord.until(lambda: refused.hits == 2, timeout=40)


async def test_a10_a_page_for_an_answer_ends_no_start(town: Town) -> None:
    async with bot_inside(town):
        pass
    forget_synced_commands(town)
    page = AnswerInstead(Reply(200, b"<!doctype html><title>Welcome</title>"))
    town.discord.faults.add("PUT", COMMANDS, page, times=1)

    async with bot_inside(town, HastyClock()):
        await (await order(town, "A boat behind a portal")).plays()
