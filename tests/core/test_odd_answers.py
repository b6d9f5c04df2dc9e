"""What providers say of running tasks, and what it must not do to a job."""

from __future__ import annotations

from datetime import timedelta

import pytest

from core.alarms import TaskLost
from core.errors import CheckFailed, Silence, TaskMissing
from core.jobs import JobState
from core.ports import Finished, Progress, Stage, Unproved, Working
from core.video import Result
from tests.fakes.clock import START
from tests.fakes.house import HOUR, House, World

ODD: dict[str, list[Progress | BaseException]] = {
    "backwards": [Working(Stage.RUNNING, 80), Working(Stage.QUEUED), Working(Stage.QUEUED, 5)],
    "unknown for a moment": [TaskMissing("404"), Working(Stage.RUNNING)],
    "not reachable": [CheckFailed("timed out")] * 3,
    "too many questions": [CheckFailed("429", why=Silence.TOO_MANY, retry_after=timedelta(seconds=40))],
    "a word too few": [Working(Stage.RUNNING, is_over=True)],
    "another key": [CheckFailed("403", why=Silence.OTHER_KEY)],
    "an adapter that breaks": [ValueError("not what the adapter expected"), RecursionError()],
}


@pytest.mark.parametrize("answers", ODD.values(), ids=ODD.keys())
async def test_no_odd_answer_moves_a_job(
    house: House, world: World, answers: list[Progress | BaseException]
) -> None:
    world.provider.will(check=answers)
    await house.order()
    await house.until(JobState.RUNNING)
    before = await world.store.events(1)

    await world.clock.until(lambda: len(world.provider.asked) == len(answers), at_most=HOUR)
    meanwhile = await world.store.events(1)
    await house.until_told(at_most=HOUR)

    assert meanwhile == before
    assert house.state() is JobState.DONE
    assert world.provider.sent == [1]


async def test_one_answer_about_another_task_offers_nobody_its_clip(house: House, world: World) -> None:
    """The gateway names another task once, and then knows ours no more."""
    strangers = Unproved(Finished(Result(url="https://clips.example/b.mp4", seen_at=START)), ("another",))
    world.provider.will(check=[strangers, *[TaskMissing("404")] * 500])
    await house.order()

    await house.until_told()

    assert house.state() is JobState.LOST
    assert not house.job().is_offered
    assert [event.link for event in world.alarm.raised_events if isinstance(event, TaskLost)] == [None]
