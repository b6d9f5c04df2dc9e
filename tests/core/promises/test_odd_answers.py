"""What providers say of running tasks, and what it must not do to a job."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Final

import pytest

from core.model.errors import CheckFailed, Silence, StoreFull, TaskMissing
from core.model.job import JobState
from core.model.operator_alerts import TaskLost
from core.model.video import Result
from core.ports import Failed, Finished, Progress, Stage, Unlocated, Unproved, Working
from storage.memory.stores import MemoryKeyValues
from tests.fakes.clock import START, settle
from tests.fakes.running_core import HOUR, RunningCore, World

ODD: dict[str, list[Progress | BaseException]] = {
    "backwards": [Working(Stage.RUNNING, 80), Working(Stage.QUEUED), Working(Stage.QUEUED, 5)],
    "unknown for a moment": [TaskMissing("404"), Working(Stage.RUNNING)],
    "not reachable": [CheckFailed("timed out")] * 3,
    "too many questions": [CheckFailed("429", why=Silence.TOO_MANY, retry_after=timedelta(seconds=40))],
    "a word too few": [Unlocated()],
    "another key": [CheckFailed("403", why=Silence.OTHER_KEY)],
    "an adapter that breaks": [ValueError("not what the adapter expected"), RecursionError()],
}


@pytest.mark.parametrize("answers", ODD.values(), ids=ODD.keys())
async def test_no_odd_answer_moves_a_job(
    running: RunningCore, world: World, answers: list[Progress | BaseException]
) -> None:
    world.provider.will(check=answers)
    await running.order()
    await running.until(JobState.RUNNING)
    before = await world.store.events(1)

    await world.clock.until(lambda: len(world.provider.asked) == len(answers), at_most=HOUR)
    meanwhile = await world.store.events(1)
    await running.until_notified(at_most=HOUR)

    assert meanwhile == before
    assert running.state() is JobState.DONE
    assert world.provider.sent == [1]


async def test_one_answer_about_another_task_offers_no_job_its_clip(
    running: RunningCore, world: World
) -> None:
    """The gateway names another task once, and then knows ours no more."""
    strangers = Unproved(Finished(Result(url="https://clips.example/b.mp4", seen_at=START)), ("another",))
    world.provider.will(check=[strangers, *[TaskMissing("404")] * 500])
    await running.order()

    await running.until_notified()

    assert running.state() is JobState.LOST
    assert not running.job().is_offered
    assert [event.link for event in world.alerts.raised_events if isinstance(event, TaskLost)] == [None]


def ending_by(alias: str, world: World) -> Unproved:
    return Unproved(Finished(world.provider.result()), (alias,))


def running_as(alias: str) -> Working:
    return Working(Stage.RUNNING, aliases=(alias,))


NOTED: Final = "also called: "


async def test_another_id_that_an_earlier_run_read_still_proves_the_end(world: World) -> None:
    world.provider.will(check=[running_as("alias")])
    async with RunningCore(world).open() as running:
        await running.order()
        await world.clock.until(lambda: len(world.provider.asked) == 1, at_most=HOUR)
        await settle()
    world.provider.will(check=[ending_by("alias", world)])

    async with RunningCore(world).open() as running:
        noted = await world.notes.keys(NOTED)
        job = await running.until_notified(at_most=HOUR)
        await settle()

    assert (job.state, len(world.provider.asked)) == (JobState.DONE, 2)
    assert (noted, await world.notes.keys(NOTED)) == ([f"{NOTED}1"], [])


async def test_an_id_that_several_tasks_went_by_in_an_earlier_run_is_no_tasks_id(world: World) -> None:
    world.provider.will(check=[running_as("default")] * 2)
    async with RunningCore(world).open() as running:
        for job_id in (1, 2):
            await running.order(job_id, 100 + job_id)
        await world.clock.until(lambda: len(world.provider.asked) == 2, at_most=HOUR)
        await settle()
    world.provider.will(check=[ending_by("default", world)] * 2)

    async with RunningCore(world).open() as running:
        await world.clock.until(lambda: len(world.provider.asked) == 4, at_most=HOUR)
        await settle()

        assert [running.state(job_id) for job_id in (1, 2)] == [JobState.RUNNING] * 2


@pytest.mark.parametrize("note", ["not JSON", '{"a": 1}', "[1]", "17"])
async def test_a_damaged_note_of_other_ids_stops_nothing_and_proves_nothing(
    world: World, caplog: pytest.LogCaptureFixture, note: str
) -> None:
    world.provider.will(check=[Working(Stage.RUNNING)])
    async with RunningCore(world).open() as running:
        await running.order()
        await world.clock.until(lambda: len(world.provider.asked) == 1, at_most=HOUR)
        await settle()
    await world.notes.remember(f"{NOTED}1", note)
    world.provider.will(check=[ending_by("alias", world)])

    async with RunningCore(world).open() as running:
        job = await running.until_notified(at_most=HOUR)

    assert (job.state, len(world.provider.asked)) == (JobState.DONE, 3)
    assert await world.notes.keys(NOTED) == []
    assert "a note cannot be read; it is set aside" in caplog.text


async def test_notes_of_other_ids_go_with_their_jobs_at_a_start_at_the_latest(world: World) -> None:
    async with RunningCore(world).open() as running:
        await running.order()
        await running.until_notified()
    for job in ("1", "9", "nobody"):
        await world.notes.remember(f"{NOTED}{job}", '["alias"]')

    async with RunningCore(world).open():
        await settle()

    assert await world.notes.keys(NOTED) == []
    assert running.context.is_clear


class Full(MemoryKeyValues):
    """Takes nothing."""

    async def remember(self, key: str, value: str) -> None:
        raise StoreFull(f"no space left for {key}, {value}")


async def test_where_another_id_cannot_be_noted_it_counts_in_this_run(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    world.notes = Full()
    world.provider.will(check=[running_as("alias"), running_as("alias"), ending_by("alias", world)])
    async with RunningCore(world).open() as running:
        await running.order()
        job = await running.until_notified(at_most=HOUR)

    assert (job.state, len(world.provider.asked)) == (JobState.DONE, 3)
    assert "a step went wrong" not in caplog.text
    assert "another id of a task is not kept" in caplog.text


class Counted(MemoryKeyValues):
    """Knows what was written to it about other ids, in turn; forgets nothing if it `is_stuck`."""

    def __init__(self, *, is_stuck: bool = False) -> None:
        super().__init__()
        self.noted: list[str] = []
        self.is_stuck = is_stuck

    async def remember(self, key: str, value: str) -> None:
        await super().remember(key, value)
        if key.startswith(NOTED):
            self.noted.append(value)

    async def forget(self, key: str) -> None:
        if self.is_stuck and key.startswith(NOTED):
            raise StoreFull(f"no space left for {key}")
        await super().forget(key)


async def test_other_ids_are_noted_when_they_are_new_and_go_with_the_job(world: World) -> None:
    world.notes = notes = Counted()
    world.provider.will(check=[*[running_as("one")] * 3, *[running_as("two")] * 3, ending_by("two", world)])
    async with RunningCore(world).open() as running:
        await running.order()
        await running.until_notified(at_most=HOUR)
        await settle()

    assert notes.noted == ['["one"]', '["one", "two"]']
    assert await notes.keys(NOTED) == []


async def test_a_note_of_other_ids_that_cannot_be_removed_disturbs_no_step(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    world.notes = notes = Counted(is_stuck=True)
    world.provider.will(check=[running_as("alias"), ending_by("alias", world)])
    async with RunningCore(world).open() as running:
        await running.order()
        job = await running.until_notified(at_most=HOUR)
        await settle()

    assert (job.state, await notes.keys(NOTED)) == (JobState.DONE, [f"{NOTED}1"])
    assert not caplog.records


async def test_an_answer_ends_a_row_of_failed_questions(running: RunningCore, world: World) -> None:
    world.provider.will(check=[CheckFailed("403", why=Silence.OTHER)] * 3 + [Working(Stage.RUNNING)] * 50)
    await running.order()
    await world.clock.until(lambda: len(world.provider.asked) == 3)
    failed = running.context.failures(1)

    await world.clock.until(lambda: len(world.provider.asked) == 4)
    await settle()

    assert (failed, running.context.failures(1)) == (3, 0)


async def test_a_clip_is_fetched_by_our_own_id_where_the_end_is_proved_by_another(
    running: RunningCore, world: World
) -> None:
    by_id = Result(url=None, seen_at=START, is_proved=False)
    world.provider.will(check=[running_as("alias"), replace(ending_by("alias", world), by_id=by_id)])
    await running.order()

    await running.until_notified(at_most=HOUR)

    assert (running.state(), world.provider.links) == (JobState.DONE, [None])


async def test_a_clip_that_is_only_tried_for_teaches_nothing_and_a_failure_does(
    running: RunningCore, world: World
) -> None:
    by_id = Result(url=None, seen_at=START, is_proved=False)
    tried = replace(ending_by("another", world), by_id=by_id)
    world.provider.will(check=[tried, Failed("failed", "no capacity")])
    before = world.durations.dump()
    await running.order(1)
    await running.until_notified(1)
    learned_by_trying = world.durations.dump()

    await running.order(2)
    await running.until_notified(2)

    assert (running.state(1), running.state(2)) == (JobState.DONE, JobState.FAILED)
    assert learned_by_trying == before
    assert world.durations.dump() != before


async def test_an_old_task_whose_end_is_not_proved_is_asked_about_often_for_ten_minutes(
    running: RunningCore, world: World
) -> None:
    world.provider.will(check=[Working(Stage.RUNNING)] * 10_000)
    await running.order()
    await world.clock.advance(5 * HOUR)
    world.provider.checks.clear()
    world.provider.will(check=[Unproved(Failed("failed", "no capacity"))] * 10_000)
    asked = len(world.provider.asked)
    await world.clock.until(lambda: len(world.provider.asked) > asked)

    counts: list[int] = []
    for _ in range(3):
        asked = len(world.provider.asked)
        await world.clock.advance(HOUR / 6)
        counts.append(len(world.provider.asked) - asked)

    assert counts[0] > 4 * counts[2]
