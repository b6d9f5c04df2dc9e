"""Whatever goes wrong, and wherever the power goes: paid at most once, one video, and the member knows."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final, TypeVar

from hypothesis import given, settings
from hypothesis import strategies as st

from core.model.errors import (
    CheckFailed,
    DeliveryDelayed,
    FetchFailed,
    LinkExpired,
    NobodyThere,
    NotSent,
    OutcomeUnknown,
    Refusal,
    Refused,
    StoreFull,
    TaskMissing,
    TooLarge,
)
from core.model.job import ENDED_WITHOUT_VIDEO, NOTIFIED, JobState, file_name
from core.ports import Failed, Progress, Stage, Working
from tests.fakes.running_core import DAY, RunningCore, World
from tests.fakes.store import PowerCut

T = TypeVar("T")

JOBS: Final = (1, 2, 3)
DISMISSED: Final = JobState.DISMISSED
"""The end of an unknown outcome that was not decided for a week."""

STARTS: Final = 8
CREATES: Final[list[BaseException]] = [
    *(NotSent("no route"), OutcomeUnknown("?"), RuntimeError("a fault"), asyncio.CancelledError()),
    *(Refused(why, "no") for why in Refusal),
    Refused(Refusal.BUSY, "later", retry_after=timedelta(seconds=40)),
]
CHECKS: Final[list[Progress | BaseException]] = [
    *(CheckFailed("502"), TaskMissing("404"), ValueError("a fault"), asyncio.CancelledError()),
    *(Working(Stage.RUNNING, 30), Working(Stage.QUEUED), Failed("failed", "no")),
]
FETCHES: Final = [FetchFailed("cut"), LinkExpired("403"), OSError(28, "full"), asyncio.CancelledError()]
POSTS: Final[list[tuple[BaseException, bool]]] = [
    *((error, False) for error in (DeliveryDelayed(), TooLarge(), NobodyThere(), ValueError("a fault"))),
    *((error, True) for error in (DeliveryDelayed(), ValueError("a fault"))),
]
"""What goes wrong with a message, and whether that is after it had its effect."""


def few(lines: Iterable[T]) -> st.SearchStrategy[list[T]]:
    return st.lists(st.sampled_from(list(lines)), max_size=5)


@dataclass(frozen=True)
class Fate:
    """What goes wrong in one history. `cuts` are moves at which the power goes, before them where True."""

    creates: list[BaseException]
    checks: list[Progress | BaseException]
    fetches: list[BaseException]
    posts: dict[str, list[tuple[BaseException, bool]]]
    full: list[JobState]
    cuts: dict[int, bool]

    def befall(self, world: World) -> None:
        world.places = 2
        world.provider.will(create=self.creates, check=self.checks, fetch=self.fetches)
        world.store.cuts = self.cuts
        for call, troubles in self.posts.items():
            for error, is_late in troubles:
                world.courier.will_fail(call, error, is_late=is_late)
        for state in self.full:
            world.store.will_fail(state, StoreFull("no room"))


FATES = st.builds(
    Fate,
    creates=few(CREATES),
    checks=few(CHECKS),
    fetches=few(FETCHES),
    posts=st.fixed_dictionaries({call: few(POSTS) for call in ("notify", "deliver", "ping")}),
    full=few(JobState),
    cuts=st.dictionaries(st.integers(1, 40), st.booleans(), max_size=STARTS - 2),
)


async def live(world: World) -> RunningCore:
    """Run the program, again after each power cut, until days have passed without one."""
    for start in range(STARTS):
        running = RunningCore(world)
        await running.runner.recover()
        if start == 0:
            for number in JOBS:
                await running.order(number, member_id=100 + number % 2)
        task = asyncio.create_task(running.runner.run())
        await world.clock.advance(4 * DAY)
        running.runner.drain()
        _, cuts = await asyncio.gather(task, return_exceptions=True), task.exception()
        if cuts is None:
            return running
        assert isinstance(cuts, BaseExceptionGroup)
        assert cuts.subgroup(PowerCut), "nothing else ends the program"
    raise AssertionError("more starts than power cuts")


async def assert_paid_at_most_once(running: RunningCore, job_id: int) -> None:
    """Every request but one is proved to have made nothing."""
    events = await running.world.store.events(job_id)
    proved_free = sum(
        event.before is JobState.SUBMITTING and event.after in {JobState.QUEUED, JobState.REJECTED}
        for event in events
    )
    assert running.world.provider.sent.count(job_id) - proved_free <= 1


async def assert_the_member_knows(running: RunningCore, job_id: int) -> None:
    job = running.job(job_id)
    was_told = any(event.detail == NOTIFIED for event in await running.world.store.events(job_id))
    videos = [video for video in running.world.courier.videos if video.file == file_name(job_id)]
    assert job.state in {JobState.DONE, JobState.UNKNOWN, JobState.DISMISSED, *ENDED_WITHOUT_VIDEO}
    assert len(videos) == (1 if job.state is JobState.DONE else 0)
    assert job.state is JobState.DONE or job.detail == NOTIFIED or (job.state is DISMISSED and was_told)


async def befallen(fate: Fate, folder: Path) -> RunningCore:
    world = World.new(folder)
    fate.befall(world)
    return await live(world)


@settings(max_examples=150, deadline=None, derandomize=True)
@given(FATES)
def test_every_promise_is_kept_through_every_trouble(fate: Fate) -> None:
    async def history() -> None:
        with TemporaryDirectory() as folder:
            running = await befallen(fate, Path(folder))

        for job_id in JOBS:
            await assert_paid_at_most_once(running, job_id)
            await assert_the_member_knows(running, job_id)
        assert not any(running.fair_queue.has_started(job_id) for job_id in JOBS), "a place is never kept"
        assert len(running.fair_queue) == 0

    asyncio.run(history())
