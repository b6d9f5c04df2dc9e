"""A card that could not be changed when its job ended says how it came out once it can be."""

from __future__ import annotations

from pathlib import Path

from core.delivery.message_notes import StaleCards
from core.model.job import JobState
from sandbox.gateways.faults import task_fails
from storage.sqlite.database import open_for_reading
from storage.sqlite.notes import SqliteKeyValues
from tests.e2e.harness import town as towns
from tests.e2e.harness.bots import HastyClock, bot_inside
from tests.e2e.harness.deliveries import UPLOAD, everywhere, finished_late
from tests.e2e.harness.scenes import CHANNEL, Card, clips, ids, order, playing, words
from tests.e2e.harness.town import Town

MONTHS_BEHIND = HastyClock(1)
ELSEWHERE = "I could not put it here, so I sent it by direct message"


async def out_of_sight(town: Town, prompt: str) -> Card:
    """Order a video, and let its channel be hidden from the bot until it has come by direct message."""
    card, held = await finished_late(town, prompt)
    town.discord.set_permissions(CHANNEL, view_channel=False)
    held.times = 0
    await towns.reached(town, card.job_id, JobState.DONE)
    return card


async def all_settled(town: Town) -> bool:
    """Whether no card is left to update."""
    async with open_for_reading(town.folder / "matinee.db") as database:
        return await StaleCards(SqliteKeyValues(database)).all() == []


async def test_a_card_out_of_sight_says_at_the_next_start_where_the_video_went(town: Town) -> None:
    async with bot_inside(town):
        card = await out_of_sight(town, "A boat in the fog")
    before = words(card.look())
    town.discord.set_permissions(CHANNEL, view_channel=True)

    async with bot_inside(town):
        await card.says(ELSEWHERE)
        await towns.written(lambda: all_settled(town))

    (message,) = everywhere(town, card.job_id)
    assert "making it" in before
    assert ids(playing(town, card.job_id, "dm")) == [message["id"]]
    assert card.replies() == []


async def test_a_card_that_is_still_out_of_sight_is_updated_at_a_later_start(town: Town) -> None:
    async with bot_inside(town):
        card = await out_of_sight(town, "A boat in thick fog")
    async with bot_inside(town):
        other = await order(town, "A boat in the sun", channel="ideas")
        await other.plays()
    town.discord.set_permissions(CHANNEL, view_channel=True)

    async with bot_inside(town):
        await card.says(ELSEWHERE)


async def test_a_card_is_updated_however_late_as_a_clock_may_have_been_set(town: Town) -> None:
    async with bot_inside(town, MONTHS_BEHIND):
        card = await out_of_sight(town, "A boat in the fog of March")
    town.discord.set_permissions(CHANNEL, view_channel=True)

    async with bot_inside(town):
        await card.says(ELSEWHERE)


async def test_a_card_that_is_out_of_sight_for_weeks_is_left_as_it_is(town: Town) -> None:
    async with bot_inside(town, MONTHS_BEHIND):
        card = await out_of_sight(town, "A boat in the fog of April")
    before = words(card.look())

    async with bot_inside(town):
        await towns.written(lambda: all_settled(town))

    assert words(card.look()) == before


async def test_a_running_bot_looks_again_every_hour(town: Town) -> None:
    async with bot_inside(town, HastyClock(1800)):
        card = await out_of_sight(town, "A boat in passing fog")
        town.discord.set_permissions(CHANNEL, view_channel=True)

        await card.says(ELSEWHERE)


async def test_bad_news_is_said_late_too(town: Town) -> None:
    async with bot_inside(town):
        town.goes_wrong(task_fails(), "A boat that sinks in the fog")
        card, held = await finished_late(town, "A boat that sinks in the fog")
        town.discord.set_permissions(CHANNEL, view_channel=False)
        held.times = 0
        await town.discord.until(lambda: town.discord.messages("dm", viewer="member"))
        await towns.reached(town, card.job_id, JobState.FAILED)
    town.discord.set_permissions(CHANNEL, view_channel=True)

    async with bot_inside(town):
        await card.says("No video")


async def test_a_video_that_arrived_unheard_is_not_overwritten(tmp_path: Path, clip: bytes) -> None:
    async with towns.opened(tmp_path / "data", clip=clip) as town:
        faults = town.discord.faults
        unheard = faults.answer_after("PATCH", UPLOAD, 503, when=lambda request: bool(request.files))
        for method, route in (("PATCH", UPLOAD), ("GET", r"/channels/\d+/messages")):
            faults.answer_instead(method, route, 403, 50001, times=None, when=lambda _: bool(unheard.hits))
        async with bot_inside(town):
            card = await order(town, "A boat that came in unheard")
            await towns.reached(town, card.job_id, JobState.UNDELIVERABLE)
            await town.discord.until(lambda: town.discord.messages("dm", viewer="member"))
        is_noted = not await all_settled(town)
        faults.clear()

        async with bot_inside(town):
            await towns.written(lambda: all_settled(town))

        assert is_noted
        assert clips(card.look())
