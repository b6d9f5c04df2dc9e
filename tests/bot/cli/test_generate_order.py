"""What `generate` does when something passes by itself, in virtual time and over real HTTP."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from random import Random
from typing import Any

import pytest

from bot.cli.exit_codes import Exit
from bot.cli.generate_events import JsonEvents
from bot.cli.generate_order import Ended, GenerateOrder
from core.polling.schedule import Schedule
from providers import Network, build, open_network
from sandbox.gateways import FOREVER, LocalGateways, Pace, faults
from tests.providers.world import CLIP, RememberedReplies, VirtualClock, order, place


class Shop:
    """A buyer at one provider, in time that passes at once."""

    def __init__(self, gateways: LocalGateways, network: Network, clock: VirtualClock) -> None:
        self.clock = clock
        self._gateways = gateways
        self._network = network

    def buyer(self, provider: str = "anyint") -> GenerateOrder:
        providers = build(
            [provider],
            keys={"anyint": self._gateways.anyint_key, "worldrouter": self._gateways.worldrouter_key},
            base_urls={"anyint": self._gateways.anyint_url, "worldrouter": self._gateways.worldrouter_url},
            network=self._network,
            replies=RememberedReplies(),
        )
        schedule = Schedule(chance=Random(1))
        return GenerateOrder(providers[provider], self.clock, schedule, JsonEvents())

    async def buy(self, output: Path, provider: str = "anyint") -> None:
        await self.buyer(provider).buy(order(provider), output)


@pytest.fixture
async def gateways() -> AsyncIterator[LocalGateways]:
    """Gateways that are done at once, since the buyer's day passes in no time."""
    async with LocalGateways(pace=Pace(queued=0, rendering=0, steps=1), clip=CLIP) as opened:
        yield opened


@pytest.fixture
async def shop(gateways: LocalGateways) -> AsyncIterator[Shop]:
    clock = VirtualClock()
    allowed = [place(gateways.anyint_url), place(gateways.worldrouter_url)]
    async with open_network(clock=clock, allowed_hosts=allowed, create_read_timeout=0.5) as network:
        yield Shop(gateways, network, clock)


def events(capsys: pytest.CaptureFixture[str]) -> list[Any]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


async def test_a_gateway_that_is_busy_is_asked_again_when_it_wishes(
    shop: Shop, gateways: LocalGateways, folder: Path
) -> None:
    gateways.faults.add(faults.create_too_many_pending("7"), times=2)

    await shop.buy(folder / "boat.mp4")

    assert shop.clock.waits[:2] == [7, 7]
    assert len(gateways.creates()) == 3
    assert len(gateways.tasks) == 1


@pytest.mark.parametrize(
    ("fault", "provider", "reason"),
    [
        (faults.create_too_many_pending(), "worldrouter", "busy"),
        (faults.create_failed_upstream(503), "worldrouter", "upstream"),
    ],
)
async def test_what_does_not_pass_within_three_tries_is_told(
    shop: Shop, gateways: LocalGateways, folder: Path, fault: faults.Fault, provider: str, reason: str
) -> None:
    gateways.faults.add(fault, times=FOREVER)

    with pytest.raises(Ended) as end:
        await shop.buy(folder / "boat.mp4", provider)

    assert (end.value.exit_code, end.value.reason) == (Exit.REFUSED, reason)
    assert len(gateways.creates()) == 3


async def test_nobody_waits_a_quarter_of_an_hour_at_a_terminal(
    shop: Shop, gateways: LocalGateways, folder: Path
) -> None:
    gateways.faults.add(faults.create_too_many_pending("900"))

    with pytest.raises(Ended) as end:
        await shop.buy(folder / "boat.mp4")

    assert end.value.exit_code is Exit.REFUSED
    assert shop.clock.waits == []


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
    assert 600 < sum(shop.clock.waits) < 720


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
    assert 600 < sum(shop.clock.waits) < 800
    assert "worldrouter does not say where it is" in str(end.value)
    assert f"ask for task {gateways.tasks[0].id} at worldrouter" in str(end.value)


async def test_who_interrupts_before_anything_is_sent_has_spent_nothing(
    shop: Shop, gateways: LocalGateways, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    gateways.faults.add(faults.create_too_many_pending("30"))
    buyer, clock = shop.buyer(), Standstill()
    buyer.clock = clock

    async with asyncio.TaskGroup() as group:
        buying = group.create_task(buyer.buy(order("anyint"), folder / "boat.mp4"))
        await clock.asleep.wait()
        buying.cancel()

    assert "Nothing was made and nothing was charged." in capsys.readouterr().err


class Standstill(VirtualClock):
    """A clock on which whoever sleeps never wakes up."""

    def __init__(self) -> None:
        super().__init__()
        self.asleep = asyncio.Event()

    async def sleep(self, seconds: float) -> None:
        self.asleep.set()
        await super().sleep(seconds)
        await asyncio.Event().wait()
