"""Sessions are resumed where that is possible, and started again seldom."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.discord import connection
from bot.discord.identify_budget import KEY
from sandbox.discord import LocalDiscord
from storage.sqlite.database import open_for_reading
from storage.sqlite.notes import SqliteKeyValues
from tests.e2e.harness.bots import HastyClock, bot_inside, started
from tests.e2e.harness.scenes import order, words
from tests.e2e.harness.town import Town

FAST = 60.0


async def make_video(town: Town, prompt: str) -> None:
    await (await order(town, prompt)).plays()


async def test_a11_whatever_ends_a_connection_the_session_is_taken_up_again(town: Town) -> None:
    discord = town.discord
    async with bot_inside(town, HastyClock()):
        await discord.drop_gateway()
        await _resumed(town, 1)
        discord.ask_to_reconnect()
        await _resumed(town, 2)
        discord.invalidate_session(resumable=True)
        await _resumed(town, 3)

        assert discord.identified == 1


async def _resumed(town: Town, times: int) -> None:
    await town.discord.until(lambda: town.discord.resumed == times)
    await make_video(town, f"A boat after storm {times}")


async def test_a11_what_was_missed_comes_after_the_session_is_taken_up(town: Town) -> None:
    async with bot_inside(town, HastyClock()):
        await town.discord.drop_gateway()
        call = await town.discord.member("member").command("general", "models")

        await call.answered(timeout=10)


async def test_a11_a_session_that_is_over_is_started_again(town: Town) -> None:
    async with bot_inside(town, HastyClock()):
        town.discord.invalidate_session()
        await town.discord.until(lambda: town.discord.identified == 2)
        await make_video(town, "A boat in a new session")

    assert town.discord.session_starts.remaining == 998


async def test_a11_a_gateway_that_ends_every_session_is_not_stormed(town: Town) -> None:
    """An hour of it: the tries become seldom, and the token is never in danger."""
    async with bot_inside(town, HastyClock(FAST)), asyncio.TaskGroup() as group:
        ending = group.create_task(_ended_again_and_again(town.discord))
        await asyncio.sleep(600 / FAST)
        ending.cancel()
        tries = town.discord.identified
        await town.discord.until(lambda: town.discord.connected)
        await make_video(town, "A boat after the long storm")

    assert 3 <= tries <= 25


async def _ended_again_and_again(discord: LocalDiscord) -> None:
    while True:
        await discord.until(lambda: discord.connected, timeout=60)
        discord.invalidate_session()
        await discord.until(lambda: not discord.connected, timeout=60)


async def test_a11_a_budget_that_runs_low_is_kept_and_the_operator_told(town: Town) -> None:
    town = replace(
        town, changes={**town.changes, "MATINEE_OPERATORS": str(town.discord.member("moderator").id)}
    )
    starts = town.discord.session_starts
    starts.remaining, starts.reset_after = 3, timedelta(hours=1)
    async with bot_inside(town, HastyClock(FAST)):
        town.discord.invalidate_session()

        letter = await town.discord.until(lambda: _letter(town))
        waiting = town.discord.identified
        await town.discord.until(lambda: town.discord.identified == 2, timeout=60)

    assert "logs in at Discord again and again" in letter
    assert (waiting, starts.remaining) == (1, 1)


def _letter(town: Town) -> str | None:
    letters = [words(one) for one in town.discord.messages("dm", viewer="moderator")]
    return next((text for text in letters if "logs in" in text), None)


ODD_GREETINGS: list[dict[str, object]] = [
    {"user": None},
    {"user": {"id": "x"}},
    {"guilds": None},
    {"guilds": [None, 7]},
    {"resume_gateway_url": None},
    {"application": 7},
]


@pytest.mark.parametrize("change", ODD_GREETINGS, ids=str)
async def test_a11_a_greeting_that_cannot_be_read_is_one_all_the_same(
    town: Town, change: dict[str, object]
) -> None:
    town.discord.ready_changes.update(change)
    async with bot_inside(town, HastyClock()):
        await make_video(town, "A boat that was greeted oddly")

        assert town.discord.identified == 1


@pytest.mark.parametrize("code", [1000, 4000, 4003, 4007, 4009])
async def test_a11_a_session_that_is_never_taken_up_again_is_started_again(town: Town, code: int) -> None:
    async with bot_inside(town, HastyClock(FAST)):
        town.discord.end_resumes(code)
        await town.discord.drop_gateway()
        await town.discord.until(lambda: town.discord.identified == 2, timeout=20)
        await make_video(town, f"A boat after a session that was refused with {code}")

        assert town.discord.identified == 2


async def test_a11_a_session_that_is_never_greeted_is_started_again(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "READY_SECONDS", 0.5)
    async with bot_inside(town, HastyClock(FAST)):
        town.discord.greet(is_heard=False)
        town.discord.invalidate_session()
        await town.discord.until(lambda: town.discord.identified == 2)
        town.discord.greet(is_heard=True)
        await town.discord.until(lambda: town.discord.identified == 3, timeout=20)

        await make_video(town, "A boat after a silence")


async def test_a11_what_was_never_sent_counts_as_no_login(town: Town) -> None:
    """A network that is down for hours leaves the whole budget for the moment when it is back."""
    bot = await started(town, DISCORD_GATEWAY_URL="ws://127.0.0.1:9/")
    await bot.says("the connection to Discord is lost")
    bot.terminate()
    await bot.ended()

    async with open_for_reading(town.folder / "matinee.db") as database:
        assert await SqliteKeyValues(database).recall(KEY) is None


async def test_a11_logins_that_come_back_early_are_used(town: Town) -> None:
    """Nothing is left for a day, says Discord, and a little later it says something else."""
    starts = town.discord.session_starts
    async with bot_inside(town, HastyClock(FAST * 10)):
        starts.remaining, starts.reset_after = 0, timedelta(days=1)
        town.discord.invalidate_session()
        await town.discord.until(lambda: not town.discord.connected)
        starts.remaining = 1000

        await town.discord.until(lambda: town.discord.identified == 2, timeout=30)
