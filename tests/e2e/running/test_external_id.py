"""A native task whose reply was lost is found by the job's own id, where the operator has turned that on."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from core.model.job import JobState
from sandbox.gateways import Fault
from sandbox.gateways.faults import (
    create_accepted_then_hangs,
    create_accepted_then_html,
    create_accepted_then_reset,
    create_reset,
    status_refused,
)
from storage.sqlite.database import open_for_reading
from storage.sqlite.jobs import SqliteJobStore
from tests.e2e.actions.test_unconfirmed import asked_twice
from tests.e2e.harness import town as towns
from tests.e2e.harness.bots import HastyClock, bot_inside, bot_process
from tests.e2e.harness.scenes import clips, order, private_answer
from tests.e2e.harness.town import Town


@pytest.fixture
def native_town(town: Town) -> Town:
    """A town whose bots use the native surface, and send their own ids there."""
    changes = {"MATINEE_PROVIDERS": "anyint-native", "MATINEE_ANYINT_EXTERNAL_TASK_ID": "true"}
    return replace(town, changes=changes)


@pytest.fixture
async def hasty_town(native_town: Town) -> AsyncIterator[Town]:
    """The same with a bot, for which minutes are seconds."""
    async with bot_inside(native_town, HastyClock()):
        yield native_town


async def ways(town: Town, job_id: int) -> list[JobState]:
    """The states that a job has been in, without repetition."""
    async with open_for_reading(town.folder / "matinee.db") as database:
        events = await SqliteJobStore(database).events(job_id)
    return list(dict.fromkeys(event.after for event in events))


@pytest.mark.parametrize(
    "fault", [create_accepted_then_reset(), create_accepted_then_html(502)], ids=["reset", "proxy page"]
)
async def test_a_lost_reply_is_made_good_without_a_second_payment(hasty_town: Town, fault: Fault) -> None:
    hasty_town.goes_wrong(fault, "A boat in fog")
    card = await order(hasty_town, "A boat in fog")

    await card.plays()

    (task,), (create,) = hasty_town.tasks("A boat in fog"), hasty_town.creates("A boat in fog")
    assert create["external_task_id"] == f"matinee-{card.job_id}"
    assert (await ways(hasty_town, card.job_id))[1:4] == [
        JobState.SUBMITTING,
        JobState.UNKNOWN,
        JobState.RUNNING,
    ]
    ticket = (await towns.job(hasty_town, card.job_id)).ticket
    assert ticket is not None
    assert ticket.task_id == task.id


async def test_a_search_that_fails_is_made_again_later(hasty_town: Town) -> None:
    hasty_town.goes_wrong(create_accepted_then_reset(), "A boat in thick fog")
    hasty_town.goes_wrong(status_refused(500), "A boat in thick fog")
    card = await order(hasty_town, "A boat in thick fog")

    await card.says("Not confirmed")
    message = await card.plays()

    assert len(clips(message)) == 1
    assert len(hasty_town.creates("A boat in thick fog")) == 1


async def test_a_task_that_does_not_exist_stays_in_doubt(hasty_town: Town) -> None:
    hasty_town.goes_wrong(create_reset(), "A boat that sank")
    card = await order(hasty_town, "A boat that sank")

    await card.says("Not confirmed")

    assert (await towns.job(hasty_town, card.job_id)).state is JobState.UNKNOWN
    assert len(hasty_town.creates("A boat that sank")) == 1


async def test_a_bot_that_died_before_the_reply_finds_its_task(native_town: Town) -> None:
    native_town.goes_wrong(create_accepted_then_hangs(), "A boat cut off")
    async with bot_process(native_town) as first:
        card = await order(native_town, "A boat cut off")
        await native_town.gateways.until(lambda: native_town.tasks("A boat cut off"))
        await first.kill()

    async with bot_process(native_town):
        await card.plays()

    assert len(native_town.creates("A boat cut off")) == 1
    assert len(native_town.tasks("A boat cut off")) == 1


async def test_what_is_started_again_is_looked_for_first_and_not_paid_twice(native_town: Town) -> None:
    """The gateway knows the task only after the bot has looked for it at first."""
    native_town.goes_wrong(create_accepted_then_reset(), "A boat found late")
    silent = native_town.goes_wrong(status_refused(500), "A boat found late")
    silent.times = 10_000
    async with bot_inside(native_town):
        card = await order(native_town, "A boat found late")
        message = await card.says("Not confirmed")

        unsure = await private_answer(native_town, await asked_twice(native_town, message))
        silent.times = 0
        found = await private_answer(native_town, await asked_twice(native_town, message))
        await card.plays()

    assert "could not ask the provider" in unsure
    assert "found it" in found
    assert len(native_town.creates("A boat found late")) == 1
    assert len(native_town.tasks("A boat found late")) == 1
