from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from core.model.job import JobState
from tests.e2e.harness import town as towns
from tests.e2e.harness.bots import bot_inside
from tests.e2e.harness.scenes import Card, buttons, card_of, order, playing, private_answer, words
from tests.e2e.harness.town import Town

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(loop_scope="module")
async def waiting(lively_town: Town) -> AsyncIterator[Card]:
    """A queued job of a member who has three running already; those end with the test."""
    held = [lively_town.keeps_working(f"Boat {number}") for number in range(3)]
    running = [await order(lively_town, f"Boat {number}") for number in range(3)]
    for card in running:
        await card.says("making it")
    yield await order(lively_town, "The fourth boat")
    for fault in held:
        fault.times = 0
    for card in running:
        await card.replied()


async def test_a_queued_job_that_is_cancelled_is_never_sent(lively_town: Town, waiting: Card) -> None:
    message = await waiting.says("Waiting for its turn")
    await lively_town.discord.member("member").press(message, "❌")

    message = await waiting.says("Cancelled", "Nothing was charged")

    assert buttons(message) == ["🔁", "✏️", "🗑️"]
    assert lively_town.creates("The fourth boat") == []
    assert (await towns.job(lively_town, waiting.job_id)).state is JobState.CANCELLED


async def test_a_moderator_may_cancel_and_a_stranger_may_not(lively_town: Town, waiting: Card) -> None:
    message = await waiting.says("Waiting for its turn")

    refused = await lively_town.discord.member("second").press(message, "❌")
    told = await private_answer(lively_town, refused)
    await lively_town.discord.member("moderator").press(message, "❌")
    await waiting.says("Cancelled")

    assert "Only the person who asked for this video, or a moderator" in told
    assert lively_town.creates("The fourth boat") == []


async def test_cancelling_a_running_job_is_answered_honestly_and_the_video_still_comes(
    lively_town: Town,
) -> None:
    held = lively_town.keeps_working("A boat under way")
    card = await order(lively_town, "A boat under way")
    before = await card.says("making it")

    call = await lively_town.discord.member("member").press(before, "❌")
    told = await private_answer(lively_town, call)
    shown = card.look()
    held.times = 0
    await card.plays()

    assert "already working on this video" in told
    assert "will be charged" in told
    assert words(shown) == words(before)


async def test_another_member_may_run_it_again_on_their_own_account(lively_town: Town) -> None:
    first = await order(lively_town, "A boat for two", duration=10)
    message = await first.plays()

    call = await lively_town.discord.member("second").press(message, "🔁")
    again = await card_of(lively_town, call, viewer="second")
    await again.plays()

    job = await towns.job(lively_town, again.job_id)
    assert job.parent_id == first.job_id
    assert job.destination.requester_id == lively_town.discord.member("second").id
    assert [body["duration"] for body in lively_town.creates("A boat for two")] == ["10", "10"]
    assert len(playing(lively_town, first.job_id)) == 1


async def test_the_requester_may_delete_a_video_and_a_stranger_may_not(lively_town: Town) -> None:
    card = await order(lively_town, "A boat to forget")
    message = await card.plays()
    await card.replied()

    refused = await lively_town.discord.member("second").press(message, "🗑️")
    told = await private_answer(lively_town, refused)
    still_there = playing(lively_town, card.job_id)
    await lively_town.discord.member("member").press(message, "🗑️")
    await lively_town.discord.until(lambda: not playing(lively_town, card.job_id))

    assert "Only the person who asked for this video, or a moderator" in told
    assert len(still_there) == 1


async def test_a_moderator_may_delete_a_video(lively_town: Town) -> None:
    card = await order(lively_town, "A boat that must go")
    message = await card.plays()
    await card.replied()

    await lively_town.discord.member("moderator").press(message, "🗑️")

    await lively_town.discord.until(lambda: not playing(lively_town, card.job_id))


@pytest.mark.parametrize(
    ("status", "code", "said"),
    [(403, 50001, "not allowed to do that in this place"), (403, 40333, "did not let me do that just now")],
)
async def test_a_video_that_cannot_be_deleted_stays_as_it_is(
    lively_town: Town, status: int, code: int, said: str
) -> None:
    card = await order(lively_town, f"A boat that stays {code}")
    message = await card.plays()
    await card.replied()
    lively_town.discord.faults.answer_instead(
        "DELETE", r"^/channels/\d+/messages/\d+$", status, code, times=None
    )

    call = await lively_town.discord.member("member").press(message, "🗑️")
    told = await private_answer(lively_town, call)

    lively_town.discord.faults.clear()
    assert said in told
    assert words(card.look()) == words(message)
    assert len(playing(lively_town, card.job_id)) == 1


async def test_an_interaction_that_is_sent_twice_makes_one_job(lively_town: Town) -> None:
    world, sent = lively_town.discord.world, list[dict[str, Any]]()
    world.listeners.append(lambda event, payload: sent.append(payload) if "INTERACTION" in event else None)
    card = await order(lively_town, "A boat that echoes")
    world.listeners.pop()

    world.emit("INTERACTION_CREATE", sent[0])
    await lively_town.discord.until(lambda: refused_callbacks(lively_town) > 0)
    await card.replied()

    assert len(lively_town.creates("A boat that echoes")) == 1
    assert len(playing(lively_town, card.job_id)) == 1


async def test_a_double_click_makes_one_job(lively_town: Town) -> None:
    card = await order(lively_town, "A boat in trembling hands")
    message = await card.plays()
    await card.replied()
    second, other = lively_town.discord.member("second"), lively_town.discord.member("owner")

    clicks = [await second.press(message, "🔁") for _ in range(3)]
    elsewhere = await other.press(message, "🔁")
    for click in [*clicks, elsewhere]:
        await click.answered()
    for click, viewer in ((clicks[0], "second"), (elsewhere, "owner")):
        await (await card_of(lively_town, click, viewer=viewer)).plays()

    assert len(lively_town.creates("A boat in trembling hands")) == 3
    assert {click.interaction_id for click in clicks[1:]}.isdisjoint(
        job.id for job in await towns.jobs(lively_town)
    )


def refused_callbacks(town: Town) -> int:
    """How often the bot was answered that an interaction had been answered already."""
    return sum("/callback" in one.path and one.refused for one in town.discord.requests)


async def test_buttons_work_after_a_restart(tmp_path: Path, clip: bytes) -> None:
    async with towns.opened(tmp_path / "data", clip=clip) as town, AsyncExitStack() as second_life:
        async with bot_inside(town):
            card = await order(town, "An old boat")
            message = await card.plays()
            await card.replied()
        await second_life.enter_async_context(bot_inside(town))

        call = await town.discord.member("second").press(message, "🔁")
        again = await card_of(town, call, viewer="second")
        await again.plays()
        await town.discord.member("member").press(message, "🗑️")
        await town.discord.until(lambda: not playing(town, card.job_id))

        assert (await towns.job(town, again.job_id)).parent_id == card.job_id
