"""Lanes: what hangs at one provider, host or place delays no job at another (attack A9)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import AsyncExitStack
from dataclasses import replace
from itertools import count
from pathlib import Path

import pytest

from core.dispatch.lanes import PATIENCE_SECONDS, Lanes
from core.model.catalog import Catalog
from core.model.delivery import Delivery, Destination
from core.model.errors import LinkExpired, NobodyThere, OutcomeUnknown, Refusal, Refused
from core.model.job import Job, JobState
from core.model.video import Result
from core.ports import Created, Finished, Link, Order
from tests.fakes.clock import START, VirtualClock, settle
from tests.fakes.courier import RecordingCourier
from tests.fakes.models import STANDARD
from tests.fakes.provider import ScriptedProvider
from tests.fakes.running_core import BOAT, RunningCore, World

ELSEWHERE = replace(BOAT, duration_seconds=15)
"""What only the second provider makes."""


class Yard:
    """Lanes, with the callers that hold one or wait for one."""

    def __init__(self, *, each: int, together: int) -> None:
        self.clock = VirtualClock()
        self.lanes = Lanes(self.clock, each=each, together=together)
        self.inside: list[str] = []
        self.tasks: list[asyncio.Task[None]] = []
        self.ends: dict[str, asyncio.Event] = {}

    async def comes(self, *names: str) -> None:
        """Let each ask for a lane of the key that its name begins with: `a1` for `a`."""
        for name in names:
            self.ends[name] = asyncio.Event()
            self.tasks.append(asyncio.create_task(self._hold(name)))
        await settle()

    async def goes(self, *names: str) -> None:
        for name in names:
            self.ends[name].set()
        await settle()

    async def _hold(self, name: str) -> None:
        async with self.lanes.hold(name[0]):
            self.inside.append(name)
            try:
                await self.ends[name].wait()
            finally:
                self.inside.remove(name)


@pytest.fixture
async def yard() -> AsyncIterator[Yard]:
    made = Yard(each=2, together=4)
    yield made
    for task in made.tasks:
        task.cancel()
    await asyncio.gather(*made.tasks, return_exceptions=True)


async def test_a_key_has_so_many_lanes_and_serves_in_order(yard: Yard) -> None:
    await yard.comes("a1", "a2", "a3", "a4")
    before = list(yard.inside)

    await yard.goes("a2")

    assert (before, yard.inside) == (["a1", "a2"], ["a1", "a3"])


async def test_all_keys_together_have_so_many_lanes(yard: Yard) -> None:
    await yard.comes("a1", "a2", "b1", "b2", "c1", "d1")
    before = list(yard.inside)

    await yard.goes("a1", "b1")

    assert (before, sorted(yard.inside)) == (["a1", "a2", "b1", "b2"], ["a2", "b2", "c1", "d1"])


async def test_who_waits_for_slow_keys_to_come_back_waits_no_longer_than_patience(yard: Yard) -> None:
    await yard.comes("a1", "a2", "b1", "b2", "c1")

    await yard.clock.advance(14.9)
    before = list(yard.inside)
    await yard.clock.advance(0.1)

    assert "c1" not in before
    assert "c1" in yard.inside


async def test_slow_keys_have_a_bound_of_their_own(yard: Yard) -> None:
    await yard.comes("a1", "a2", "b1", "b2", "c1", "c2")
    await yard.clock.advance(PATIENCE_SECONDS)
    await yard.clock.advance(PATIENCE_SECONDS)

    await yard.comes("d1", "d2", "e1", "e2")

    assert {"d1", "d2", "e1", "e2"} <= set(yard.inside), "those that are quick wait behind nobody slow"
    await yard.goes("c1", "d1", "d2")
    await yard.comes("c3", "f1", "f2")
    assert "c3" not in yard.inside, "a key that was slow the last time takes no quick lane"
    assert {"f1", "f2"} <= set(yard.inside)


async def test_a_slow_key_that_comes_back_in_time_is_quick_again(yard: Yard) -> None:
    await yard.comes("a1")
    await yard.clock.advance(PATIENCE_SECONDS)
    await yard.goes("a1")
    await yard.comes("a2")
    await yard.goes("a2")

    await yard.comes("b1", "b2", "c1", "a3", "d1")

    assert yard.inside == ["b1", "b2", "c1", "a3"], "it takes one of the quick lanes"


async def test_a_key_that_came_back_late_is_slow_though_no_caller_waited_for_it(yard: Yard) -> None:
    await yard.comes("a1")
    await yard.clock.advance(PATIENCE_SECONDS)
    await yard.goes("a1")

    await yard.comes("a2", "a3", "b1", "b2", "c1", "c2")

    assert yard.inside == ["a2", "a3", "b1", "b2", "c1", "c2"], "it takes none of the quick lanes"


async def test_keys_that_wait_are_served_in_turns(yard: Yard) -> None:
    await yard.comes("a1", "a2", "b1", "b2", "c1", "c2", "d1")

    await yard.goes("a1")
    await yard.goes("a2")

    assert yard.inside == ["b1", "b2", "c1", "d1"]


async def test_the_next_of_a_key_waits_no_longer_than_patience_when_the_first_was_served(yard: Yard) -> None:
    await yard.comes("a1", "a2", "b1", "b2", "c1", "c2", "d1")
    await yard.goes("a1")
    await yard.goes("c1")
    before = list(yard.inside)

    await yard.clock.advance(PATIENCE_SECONDS)

    assert (before, yard.inside) == (["a2", "b1", "b2", "d1"], ["a2", "b1", "b2", "d1", "c2"])


async def test_the_next_of_a_key_waits_no_longer_than_patience_when_the_first_gave_up(yard: Yard) -> None:
    await yard.comes("a1", "a2", "b1", "b2", "c1", "c2")
    yard.tasks[4].cancel()
    await settle()

    await yard.clock.advance(PATIENCE_SECONDS)

    assert yard.inside == ["a1", "a2", "b1", "b2", "c2"]


async def test_of_very_many_slow_keys_the_first_is_quick_again() -> None:
    clock = VirtualClock()
    lanes = Lanes(clock, each=1, together=1)
    for key in range(1001):
        async with lanes.hold(key):
            await clock.advance(PATIENCE_SECONDS)

    async with lanes.hold("quick"):
        async with asyncio.timeout(5), lanes.hold(1000):
            pass
        waiting = asyncio.create_task(lanes.hold(0).__aenter__())
        await settle()
        is_waiting = not waiting.done()
    await settle()

    assert (is_waiting, waiting.done()) == (True, True)


async def test_one_that_gives_up_waiting_leaves_no_hole(yard: Yard) -> None:
    await yard.comes("a1", "a2", "a3", "a4")
    yard.tasks[2].cancel()
    await settle()

    await yard.goes("a1")

    assert yard.inside == ["a2", "a4"]


async def test_one_that_is_stopped_at_the_moment_of_its_turn_gives_the_lane_on(yard: Yard) -> None:
    await yard.comes("a1", "a2", "a3", "a4")
    yard.ends["a1"].set()
    yard.tasks[2].cancel()

    await settle()

    assert yard.inside == ["a2", "a4"]


async def test_lanes_are_empty_again_in_the_end(yard: Yard) -> None:
    async with AsyncExitStack() as stack:
        for key in range(4):
            await stack.enter_async_context(yard.lanes.hold(key))

    await yard.comes("a1", "a2", "b1", "b2")

    assert len(yard.inside) == 4


# ------------------------------------------------------------------ the engine


@pytest.fixture
def second(world: World) -> ScriptedProvider:
    other = ScriptedProvider(world.clock, "worldrouter")
    world.others = (other,)
    return other


async def test_a09_hung_creates_hold_up_no_other_gateways_order(
    second: ScriptedProvider, world: World
) -> None:
    world.provider.gate.clear()
    async with RunningCore(world).open() as running:
        for job_id in range(1, 33):
            await running.order(job_id, 1000 + job_id)
        await settle()

        await running.order(100, 1, ELSEWHERE)
        await settle()

        assert second.sent == [100]
        assert len(world.provider.sent) == 16, "so many at once go to one gateway"


async def test_a09_hung_questions_hold_up_no_other_gateways_question(
    second: ScriptedProvider, world: World
) -> None:
    world.places = 2560
    world.provider.check_gate.clear()
    async with RunningCore(world).open() as running:
        for job_id in range(1, 256 + 40):
            await running.order(job_id, 1000 + job_id)
        await world.clock.advance(120)

        await running.order(9999, 1, ELSEWHERE)
        await running.until(JobState.DONE, 9999, at_most=30)

        assert len(world.provider.asked) == 256, "so many at once go to one gateway"
        assert len(second.asked) == 1


async def test_a09_hung_downloads_hold_up_no_other_gateways_clip(
    second: ScriptedProvider, world: World
) -> None:
    world.provider.fetch_gate.clear()
    async with RunningCore(world).open() as running:
        for job_id in range(1, 17):
            await running.order(job_id, 1000 + job_id)
        await world.clock.until(lambda: len(world.provider.fetched) == 4, at_most=60)

        await running.order(100, 1, ELSEWHERE)
        await running.until(JobState.DONE, 100, at_most=15)

        assert len(world.provider.fetched) == 4, "so many at once come from one host"
        assert second.fetched


async def test_a09_hung_uploads_in_many_channels_hold_up_no_other_channel(world: World) -> None:
    silent = range(70, 82)
    world.courier.silent = set(silent)
    async with RunningCore(world).open() as running:
        numbers = count(1)
        for channel_id in silent:
            for _ in range(3):
                job_id = next(numbers)
                place = Destination(requester_id=1000 + job_id, channel_id=channel_id)
                await running.orders.order(job_id, BOAT, place)
        await world.clock.until(lambda: world.courier.uploads >= 8, at_most=60)

        await running.order(100, 1)
        started = world.clock.monotonic()
        await running.until(JobState.DONE, 100, at_most=60)

        assert world.clock.monotonic() - started < 12 + PATIENCE_SECONDS


async def test_a09_notices_that_hang_in_one_channel_hold_up_no_other_channel(world: World) -> None:
    world.provider.will(create=[Refused(Refusal.REQUEST, "no")] * 40)
    world.courier.silent = {70}
    async with RunningCore(world).open() as running:
        for job_id in range(1, 40):
            await running.orders.order(job_id, BOAT, Destination(requester_id=1000 + job_id, channel_id=70))
        await world.clock.advance(5)

        await running.order(100, 1)
        job = await running.until_notified(100, at_most=5)

        assert job.state is JobState.REJECTED
        assert world.courier.said(100)


async def test_a09_questions_for_fresh_links_that_hang_hold_up_no_other_gateways(
    second: ScriptedProvider, world: World
) -> None:
    world.places = 100
    for provider, count_of in ((world.provider, 40), (second, 1)):
        provider.will(fetch=[LinkExpired("403")] * count_of)
    world.provider.fetch_gate.clear()
    async with RunningCore(world).open() as running:
        for job_id in range(1, 41):
            await running.order(job_id, 1000 + job_id)
        await world.clock.until(lambda: len(world.provider.asked) == 40, at_most=60)
        world.provider.check_gate.clear()
        world.provider.fetch_gate.set()
        await settle()

        await running.order(100, 1, ELSEWHERE)
        await running.until(JobState.DONE, 100, at_most=14)

        assert len(world.provider.asked) == 40 + 32, "so many at once are asked again"


async def test_a09_downloads_that_hang_at_one_host_hold_up_no_other_host(world: World) -> None:
    elsewhere = Result(url="https://other.example/clip.mp4", seen_at=START)
    world.provider.will(check=[*[Finished(world.provider.result(f"{n}")) for n in range(8)]])
    world.provider.fetch_gate.clear()
    async with RunningCore(world).open() as running:
        for job_id in range(1, 9):
            await running.order(job_id, 1000 + job_id)
        await world.clock.until(lambda: len(world.provider.links) == 4, at_most=60)
        world.provider.will(check=[Finished(elsewhere)])

        await running.order(100, 1)
        await world.clock.until(lambda: elsewhere.url in world.provider.links, at_most=14)

        assert len(world.provider.links) == 5


class Mute(ScriptedProvider):
    """Never says whether it has the task of an order."""

    async def look_up(self, order: Order) -> Created | None:
        await asyncio.Event().wait()
        return await super().look_up(order)


async def test_a09_look_ups_that_hang_at_one_gateway_delay_no_other_job_in_their_channel(
    second: ScriptedProvider, world: World
) -> None:
    world.provider = Mute(world.clock)
    world.provider.will(create=[OutcomeUnknown("reset")] * 5)
    second.will(create=[OutcomeUnknown("reset"), Refused(Refusal.REQUEST, "no")])
    async with RunningCore(world).open() as running:
        for job_id in range(1, 6):
            await running.order(job_id, 1000 + job_id)
            await settle()
            running.registry.provider_health.creates.resume("anyint")
        assert world.provider.sent == [1, 2, 3, 4, 5]

        for job_id in (100, 101):
            place = Destination(requester_id=job_id, channel_id=7)
            await running.orders.order(job_id, ELSEWHERE, place)
        await world.clock.advance(5)

        assert world.courier.said(100)
        assert world.courier.said(101)
        assert not any(world.courier.said(job_id) for job_id in range(1, 6))


class Shut(RecordingCourier):
    """Is let into no channel; direct messages hang."""

    async def deliver(self, job: Job, video: Path, *, original: Link | None = None) -> Delivery:
        if job.delivery is None or not job.delivery.is_direct:
            raise NobodyThere("closed")
        return await super().deliver(job, video, original=original)


async def test_a09_direct_messages_to_one_member_are_one_place(world: World) -> None:
    world.courier = Shut()
    world.courier.gate.clear()
    async with RunningCore(world).open() as running:
        for job_id in (1, 2, 3):
            place = Destination(requester_id=101, channel_id=70 + job_id)
            await running.orders.order(job_id, BOAT, place)
        await world.clock.until(lambda: world.courier.uploads == 2, at_most=60)
        await world.clock.advance(3)

        assert world.courier.uploads == 2
        world.courier.gate.set()


async def test_a09_one_channel_takes_so_many_uploads_and_notices_at_once(world: World) -> None:
    world.provider.will(create=[Refused(Refusal.REQUEST, "no")] * 9)
    world.courier.silent = {70, 71}
    async with RunningCore(world).open() as running:
        for job_id in range(1, 10):
            await running.orders.order(job_id, BOAT, Destination(requester_id=1000 + job_id, channel_id=70))
        await settle()
        for job_id in range(10, 16):
            await running.orders.order(job_id, BOAT, Destination(requester_id=1000 + job_id, channel_id=71))
        await world.clock.until(lambda: world.courier.uploads == 2, at_most=60)
        await world.clock.advance(3)

        assert world.courier.uploads == 2
        assert world.courier.notices == 4


# --------------------------------------------- all together have a bound, too


async def order_in(running: RunningCore, channels: Iterable[int], *, each: int = 1) -> None:
    """Order so many videos in each of these channels, each by another member."""
    numbers = count(1)
    for channel_id in channels:
        for _ in range(each):
            place = Destination(requester_id=1000 + (job_id := next(numbers)), channel_id=channel_id)
            await running.orders.order(job_id, BOAT, place)


async def test_a09_so_many_uploads_hang_at_once_and_each_key_for_five_seconds(world: World) -> None:
    world.courier.silent = set(range(70, 90))
    async with RunningCore(world).open() as running:
        await order_in(running, range(70, 90))
        await world.clock.until(lambda: all(job.state is JobState.DELIVERING for job in world.store.jobs))
        began = world.clock.monotonic()

        at_first = world.courier.uploads
        await world.clock.until(lambda: world.courier.uploads > 8)

        assert at_first == 8
        assert world.clock.monotonic() - began <= 5


async def test_a09_so_many_notices_hang_at_once(world: World) -> None:
    world.provider.will(create=[Refused(Refusal.REQUEST, "no")] * 40)
    world.courier.silent = set(range(70, 110))
    async with RunningCore(world).open() as running:
        await order_in(running, range(70, 110))
        await world.clock.advance(1)

        assert world.courier.notices == 16


async def test_a09_so_many_downloads_hang_at_once(world: World) -> None:
    hosts = [Result(url=f"https://host-{n}.example/clip.mp4", seen_at=START) for n in range(20)]
    world.provider.will(check=[Finished(result) for result in hosts])
    world.provider.fetch_gate.clear()
    async with RunningCore(world).open() as running:
        await order_in(running, range(70, 90))
        await world.clock.until(lambda: all(job.state is JobState.READY for job in world.store.jobs))

        assert len(world.provider.links) == 8


@pytest.fixture
def many(world: World) -> list[ScriptedProvider]:
    """Six gateways that make the same."""
    others = [ScriptedProvider(world.clock, f"gateway-{number}") for number in range(1, 6)]
    world.others, world.places = tuple(others), 20
    world.catalog = Catalog(replace(STANDARD, provider=one.name) for one in (world.provider, *others))
    return [world.provider, *others]


async def test_a09_so_many_creates_hang_at_once(many: list[ScriptedProvider], world: World) -> None:
    for provider in many:
        provider.gate.clear()
    async with RunningCore(world).open() as running:
        await order_in(running, range(70, 190))
        await world.clock.advance(1)

        assert sum(len(provider.sent) for provider in many) == 64
        for provider in many:
            provider.gate.set()


async def test_a09_so_many_questions_for_fresh_links_hang_at_once(
    many: list[ScriptedProvider], world: World
) -> None:
    for provider in many:
        provider.will(fetch=[LinkExpired("403")] * 20)
        provider.fetch_gate.clear()
    async with RunningCore(world).open() as running:
        await order_in(running, range(70, 190))
        await world.clock.until(lambda: all(job.state is JobState.READY for job in world.store.jobs))
        asked = sum(len(provider.asked) for provider in many)
        for provider in many:
            provider.check_gate.clear()
            provider.fetch_gate.set()
        await settle()

        assert sum(len(provider.asked) for provider in many) - asked == 64
