"""What `generate` does when something passes by itself, in virtual time and over real HTTP."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Coroutine
from contextlib import suppress
from pathlib import Path
from random import Random
from typing import Any

import pytest

from bot.cli.exit_codes import Exit
from bot.cli.generate_endings import Ended
from bot.cli.generate_events import JsonEvents
from bot.cli.generate_run import GenerateRun
from core.model.catalog import Catalog
from core.polling.poll_budget import PollBudget
from core.polling.schedule import AdaptiveSchedule
from core.polling.task_durations import DurationModel
from core.ports import Created, Order
from providers import Network, Surface, build, open_network
from sandbox.gateways import FOREVER, LocalGateways, Pace, faults
from storage.memory.stores import MemoryReplyLog
from tests.fakes.clock import settle
from tests.proof.harness.world import PatientClock
from tests.providers.world import CLIP, TEXT, order, place
from tests.stranger.driver import Calls, Watched

HOUR = 3600.0


class TimedProvider(Watched):
    """Notes when each paid request is sent."""

    def __init__(self, provider: Surface, calls: Calls, clock: PatientClock) -> None:
        super().__init__(provider, calls)
        self._clock = clock
        self.sent_at: list[float] = []

    async def create(self, order: Order) -> Created:
        self.sent_at.append(self._clock.monotonic())
        return await super().create(order)


class NotedEvents(JsonEvents):
    """Sets an event when something was noted."""

    def __init__(self, noted: asyncio.Event) -> None:
        super().__init__()
        self._is_noted = noted

    def note(self, message: str) -> None:
        super().note(message)
        self._is_noted.set()


class Shop:
    """Orders at one provider, in time that passes at once while no request is under way."""

    def __init__(self, gateways: LocalGateways, network: Network, clock: PatientClock) -> None:
        self.clock = clock
        self.sent_at: list[float] = []
        self.noted = asyncio.Event()
        self._gateways = gateways
        self._network = network
        self._calls = Calls()
        self._replies = MemoryReplyLog()

    def surface(self, provider: str) -> Surface:
        return build(
            [provider],
            keys={"anyint": self._gateways.anyint_key, "worldrouter": self._gateways.worldrouter_key},
            base_urls={"anyint": self._gateways.anyint_url, "worldrouter": self._gateways.worldrouter_url},
            network=self._network,
            replies=self._replies,
        )[provider]

    def run(
        self, output: Path, provider: str = "anyint", timeout_seconds: float | None = None
    ) -> GenerateRun:
        timed = TimedProvider(self.surface(provider), self._calls, self.clock)
        self.sent_at = timed.sent_at
        return GenerateRun(
            provider=timed,
            catalog=Catalog.shipped(),
            clock=self.clock,
            schedule=AdaptiveSchedule(
                chance=Random(1), durations=DurationModel(), poll_budget=PollBudget(10.0)
            ),
            replies=self._replies,
            events=NotedEvents(self.noted),
            output=output,
            timeout_seconds=timeout_seconds,
        )

    async def buy(
        self, output: Path, provider: str = "anyint", *, timeout_seconds: float | None = None
    ) -> None:
        await self.see_through(self.run(output, provider, timeout_seconds).order(TEXT))

    async def resume(
        self, task_id: str, output: Path, provider: str = "anyint", *, timeout_seconds: float | None = None
    ) -> None:
        routes = self.surface(provider).tickets(task_id)
        await self.see_through(self.run(output, provider, timeout_seconds).resume(routes))

    async def see_through(self, work: Coroutine[Any, Any, None]) -> None:
        """Let time pass while every task waits for it."""
        async with asyncio.TaskGroup() as group:
            task = group.create_task(_caught(work))
            while not task.done():
                await settle()
                if self._calls.count or not await self.clock.step(until=float("inf")):
                    await asyncio.sleep(0.001)
        if (error := task.result()) is not None:
            raise error


async def _caught(work: Coroutine[Any, Any, None]) -> Ended | None:
    try:
        await work
    except Ended as end:
        return end
    return None


@pytest.fixture
async def gateways() -> AsyncIterator[LocalGateways]:
    """Gateways that are done at once, since the buyer's day passes in no time."""
    async with LocalGateways(pace=Pace(queued=0, rendering=0, steps=1), clip=CLIP) as opened:
        yield opened


@pytest.fixture
async def shop(gateways: LocalGateways) -> AsyncIterator[Shop]:
    clock = PatientClock()
    allowed = [place(gateways.anyint_url), place(gateways.worldrouter_url)]
    async with open_network(clock=clock, allowed_hosts=allowed, create_read_timeout=0.5) as network:
        yield Shop(gateways, network, clock)


def events(capsys: pytest.CaptureFixture[str]) -> list[Any]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


async def test_a_gateway_that_is_busy_is_asked_again_after_its_retry_after(
    shop: Shop, gateways: LocalGateways, folder: Path
) -> None:
    gateways.faults.add(faults.create_too_many_pending("7"), times=2)

    await shop.buy(folder / "boat.mp4")

    first, second, third = shop.sent_at
    assert (second - first, third - second) == pytest.approx((7, 7), abs=0.1)
    assert len(gateways.creates()) == 3
    assert len(gateways.tasks) == 1


@pytest.mark.parametrize(
    ("fault", "provider", "reason"),
    [
        (faults.create_too_many_pending(), "worldrouter", "busy"),
        (faults.create_failed_upstream(503), "worldrouter", "upstream"),
    ],
)
async def test_what_does_not_pass_within_three_tries_is_reported(
    shop: Shop, gateways: LocalGateways, folder: Path, fault: faults.Fault, provider: str, reason: str
) -> None:
    gateways.faults.add(fault, times=FOREVER)

    with pytest.raises(Ended) as end:
        await shop.buy(folder / "boat.mp4", provider)

    assert (end.value.exit_code, end.value.reason) == (Exit.REFUSED, reason)
    assert len(gateways.creates()) == 3


async def test_a_terminal_never_waits_a_quarter_of_an_hour(
    shop: Shop, gateways: LocalGateways, folder: Path
) -> None:
    gateways.faults.add(faults.create_too_many_pending("900"))

    with pytest.raises(Ended) as end:
        await shop.buy(folder / "boat.mp4")

    assert end.value.exit_code is Exit.REFUSED
    assert len(gateways.creates()) == 1
    assert shop.clock.monotonic() < 1


async def test_a_gateway_that_is_not_there_cost_nothing(
    shop: Shop, gateways: LocalGateways, folder: Path
) -> None:
    async with gateways.unreachable("anyint"):
        with pytest.raises(Ended) as end:
            await shop.buy(folder / "boat.mp4")

    assert (end.value.exit_code, end.value.reason) == (Exit.REFUSED, "not_sent")
    assert "Nothing was charged." in str(end.value)
    assert gateways.tasks == []


async def test_a_task_that_stays_unknown_is_given_up_after_ten_minutes(
    shop: Shop, gateways: LocalGateways, folder: Path
) -> None:
    gateways.faults.add(faults.status_not_found(), times=FOREVER)

    with pytest.raises(Ended) as end:
        await shop.buy(folder / "boat.mp4")

    assert (end.value.exit_code, end.value.reason) == (Exit.FAILED, "forgotten")
    assert 600 < shop.clock.monotonic() < 720


async def test_a_task_that_never_ends_is_given_up_after_a_day(
    shop: Shop, gateways: LocalGateways, folder: Path
) -> None:
    gateways.faults.add(faults.task_never_ends())

    with pytest.raises(Ended) as end:
        await shop.buy(folder / "boat.mp4")

    assert (end.value.exit_code, end.value.reason) == (Exit.FAILED, "lost")
    assert gateways.tasks[0].id in str(end.value)


async def test_a_link_that_died_is_replaced_by_another(
    shop: Shop, gateways: LocalGateways, folder: Path
) -> None:
    gateways.faults.add(faults.media_link_expires(after=0))

    await shop.buy(folder / "boat.mp4", "worldrouter")

    assert (folder / "boat.mp4").read_bytes() == CLIP
    assert len(gateways.creates()) == 1


async def test_a_clip_that_breaks_off_is_fetched_again(
    shop: Shop, gateways: LocalGateways, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    gateways.faults.add(faults.file_truncated(), times=4)

    await shop.buy(folder / "boat.mp4")

    assert (folder / "boat.mp4").read_bytes() == CLIP
    assert events(capsys)[-1]["event"] == "done"


async def test_a_clip_that_never_comes_whole_is_told_with_its_task(
    shop: Shop, gateways: LocalGateways, folder: Path
) -> None:
    gateways.faults.add(faults.file_truncated(), times=FOREVER)

    with pytest.raises(Ended) as end:
        await shop.buy(folder / "boat.mp4")

    assert end.value.exit_code is Exit.UNFETCHED
    assert f"ask for task {gateways.tasks[0].id} at anyint" in str(end.value)
    assert list(folder.iterdir()) == []


async def test_a_clip_that_is_nowhere_is_waited_for_some_minutes(
    shop: Shop, gateways: LocalGateways, folder: Path
) -> None:
    gateways.faults.add(faults.link_missing(), times=FOREVER)

    with pytest.raises(Ended) as end:
        await shop.buy(folder / "boat.mp4", "worldrouter")

    assert end.value.exit_code is Exit.UNFETCHED
    assert 600 < shop.clock.monotonic() < 800
    assert "worldrouter does not say where it is" in str(end.value)
    assert f"ask for task {gateways.tasks[0].id} at worldrouter" in str(end.value)


async def test_who_interrupts_before_anything_is_sent_has_spent_nothing(
    shop: Shop, gateways: LocalGateways, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    gateways.faults.add(faults.create_too_many_pending("30"))

    buying = asyncio.create_task(shop.run(folder / "boat.mp4").order(TEXT))
    await shop.noted.wait()
    buying.cancel()
    with suppress(asyncio.CancelledError):
        await buying

    assert "Nothing was made and nothing was charged." in capsys.readouterr().err


@pytest.mark.parametrize("provider", ["anyint", "anyint-native", "worldrouter"])
async def test_a_timeout_names_the_task_and_sends_nothing_again(
    shop: Shop, gateways: LocalGateways, folder: Path, provider: str
) -> None:
    gateways.faults.add(faults.task_never_ends())

    with pytest.raises(Ended) as end:
        await shop.buy(folder / "boat.mp4", provider, timeout_seconds=HOUR)

    (task,) = gateways.tasks
    assert (end.value.exit_code, end.value.reason) == (Exit.UNFETCHED, "timeout")
    assert f"Task {task.id} goes on at {provider} and may be charged" in str(end.value)
    assert f"matinee generate --resume={task.id} --provider {provider} -o " in str(end.value)
    assert shop.clock.monotonic() == pytest.approx(HOUR, abs=0.1)
    assert len(gateways.creates()) == 1
    assert list(folder.iterdir()) == []


async def test_a_timeout_before_anything_is_sent_has_cost_nothing(
    shop: Shop, gateways: LocalGateways, folder: Path
) -> None:
    gateways.faults.add(faults.create_too_many_pending("30"), times=FOREVER)

    with pytest.raises(Ended) as end:
        await shop.buy(folder / "boat.mp4", timeout_seconds=20)

    assert (end.value.exit_code, end.value.reason) == (Exit.REFUSED, "timeout")
    assert "Nothing was made and nothing was charged." in str(end.value)
    assert (len(gateways.creates()), gateways.tasks) == (1, [])


async def test_a_timeout_waits_for_what_becomes_of_the_paid_request(
    shop: Shop, gateways: LocalGateways, folder: Path
) -> None:
    gateways.faults.add(faults.create_accepted_then_hangs())

    buying = asyncio.create_task(_caught(shop.run(folder / "boat.mp4", timeout_seconds=5).order(TEXT)))
    await gateways.until(lambda: gateways.tasks)
    await shop.clock.advance(5)
    end = await buying

    assert end is not None
    assert (end.exit_code, end.reason) == (Exit.UNKNOWN, "outcome_unknown")
    assert len(gateways.creates()) == 1


async def test_a_timeout_that_is_long_enough_changes_nothing(
    shop: Shop, gateways: LocalGateways, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    await shop.buy(folder / "boat.mp4", timeout_seconds=HOUR)

    assert (folder / "boat.mp4").read_bytes() == CLIP
    assert events(capsys)[-1]["event"] == "done"
    assert len(gateways.creates()) == 1


@pytest.mark.parametrize("provider", ["anyint", "anyint-native", "worldrouter"])
async def test_a_task_that_was_left_is_taken_up_by_its_id_alone(
    shop: Shop, gateways: LocalGateways, folder: Path, capsys: pytest.CaptureFixture[str], provider: str
) -> None:
    task_id = await bought(shop, gateways, folder, provider)
    capsys.readouterr()

    await shop.resume(task_id, folder / "boat.mp4", provider)

    told = events(capsys)
    assert (folder / "boat.mp4").read_bytes() == CLIP
    assert told[0] == {"event": "submitted", "provider": provider, "task_id": task_id}
    assert told[-1]["event"] == "done"
    assert len(gateways.creates()) == 1


async def test_an_unknown_task_is_forgotten_and_never_ordered(
    shop: Shop, gateways: LocalGateways, folder: Path
) -> None:
    with pytest.raises(Ended) as end:
        await shop.resume("no-such-task", folder / "boat.mp4", "worldrouter")

    assert (end.value.exit_code, end.value.reason) == (Exit.FAILED, "forgotten")
    assert 600 < shop.clock.monotonic() < 720
    assert gateways.creates() == []


async def test_a_task_that_failed_meanwhile_is_reported_as_failed(
    shop: Shop, gateways: LocalGateways, folder: Path
) -> None:
    gateways.faults.add(faults.task_moderated())
    created = await shop.surface("anyint").create(order("anyint"))

    with pytest.raises(Ended) as end:
        await shop.resume(created.ticket.task_id, folder / "boat.mp4")

    assert (end.value.exit_code, end.value.gateway_code) == (Exit.FAILED, "content_policy")
    assert len(gateways.creates()) == 1


async def bought(shop: Shop, gateways: LocalGateways, folder: Path, provider: str) -> str:
    """Pay for a video and leave it."""
    with pytest.raises(Ended):
        await shop.buy(folder / "left.mp4", provider, timeout_seconds=1e-6)
    (task,) = gateways.tasks
    return task.id
