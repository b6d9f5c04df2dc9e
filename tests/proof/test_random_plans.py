from __future__ import annotations

import asyncio
from collections import Counter
from pathlib import Path
from random import Random

import pytest

from core.model.job import JobState
from core.model.ledger import Measure, Scope
from core.model.limits import Limit
from tests.proof.harness.checker import broken_promises
from tests.proof.harness.disk import MemoryDisk
from tests.proof.harness.failpoints import Failpoints
from tests.proof.harness.lives import live
from tests.proof.harness.random_faults import Crowd, RandomFaults
from tests.proof.harness.world import PatientClock, World

pytestmark = pytest.mark.usefixtures("unlogged")

PRICE = 420_000
"""The price of the video that every member orders, in millionths of a dollar."""


def world_with_random_faults(folder: Path, *, jobs: int, seed: int) -> World:
    """Members order so many videos among random faults, with a budget for nine of ten."""
    chance, clock = Random(seed), PatientClock()
    return World(
        points=Failpoints(RandomFaults(chance, clock)),
        disk=MemoryDisk(folder),
        clock=clock,
        people=Crowd(chance, jobs),
        places=32,
        most_starts=1000,
        limits=[Limit(scope=Scope.BOT, measure=Measure.MONEY, most=jobs * 9 // 10 * PRICE)],
    )


@pytest.mark.parametrize(
    ("seed", "jobs"),
    [(1, 2000), *(pytest.param(seed, 20_000, marks=pytest.mark.long) for seed in range(2, 6))],
)
def test_thousands_of_jobs_among_random_faults_keep_every_promise(
    tmp_path: Path, seed: int, jobs: int
) -> None:
    world = world_with_random_faults(tmp_path, jobs=jobs, seed=seed)
    asyncio.run(live(world))

    ends = Counter(job.state for job in world.chronicle.jobs.values())
    assert broken_promises(world) == []
    assert ends[JobState.DONE] > jobs / 2
    assert ends[JobState.UNKNOWN] > jobs / 100
    assert world.starts >= 5
