from __future__ import annotations

from core.model.job import JobState
from tests.e2e.actions.test_unconfirmed import asked_twice, in_doubt
from tests.e2e.harness import town as towns
from tests.e2e.harness.bots import bot_inside
from tests.e2e.harness.scenes import card_of, private_answer
from tests.e2e.harness.town import Town


async def test_where_nothing_more_may_be_ordered_a_doubt_stays_one(town: Town) -> None:
    town.changes["MATINEE_MEMBER_VIDEOS_PER_DAY"] = "1"
    async with bot_inside(town):
        card, message = await in_doubt(town, "A boat that cannot be made again")

        told = await private_answer(town, await asked_twice(town, message))

        assert "Nothing was ordered" in told
        assert (await towns.job(town, card.job_id)).state is JobState.UNKNOWN
        assert await card.says("I will not send it again by myself")


async def test_a_doubt_makes_room_for_what_is_started_in_its_place(town: Town) -> None:
    town.changes["MATINEE_MEMBER_OPEN_JOBS"] = "1"
    async with bot_inside(town):
        card, message = await in_doubt(town, "A boat in its own place")

        await (await card_of(town, await asked_twice(town, message))).plays()

        assert (await towns.job(town, card.job_id)).state is JobState.SUPERSEDED
