"""A task that is found days after its request is given the time that any task is given."""

from __future__ import annotations

import pytest

from core.model.errors import CheckFailed, OutcomeUnknown, Silence, TaskMissing
from core.model.job import JobState
from core.ports import Created, Progress, Stage, Working
from tests.fakes.running_core import DAY, RunningCore, World

WORKING = Working(Stage.RUNNING, 40)


@pytest.mark.parametrize(
    "answers",
    [
        [WORKING] * 5,
        [TaskMissing("404")] * 3,
        [CheckFailed("502", why=Silence.DOWN)] * 8,
        [CheckFailed("400", why=Silence.OTHER)] * 8,
    ],
    ids=["works", "is unknown", "silence", "odd"],
)
@pytest.mark.parametrize("restarts", [False, True])
async def test_a_task_that_is_found_late_is_waited_for(
    world: World, answers: list[Progress | BaseException], *, restarts: bool
) -> None:
    world.provider.will(create=[OutcomeUnknown("no answer")], check=answers)
    async with RunningCore(world).open() as running:
        await running.order()
        await running.until(JobState.UNKNOWN)
        await world.clock.advance(3 * DAY)
        world.provider.found = Created(world.provider.ticket("task-7"), WORKING)
        await running.until(JobState.RUNNING, at_most=2 * DAY)
        if not restarts:
            await running.until_notified(at_most=DAY)
    async with RunningCore(world).open() as running:
        job = await running.until_notified(at_most=DAY)

    assert job.state is JobState.DONE
    assert world.provider.sent == [1]
