from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from core.dispatch.provider_registry import ProviderRegistry
from core.model.catalog import Catalog
from core.model.delivery import Destination
from core.model.errors import NotAllowed
from core.model.job import Job, JobState
from core.model.ledger import Account, Measure, Scope, Usage, Window
from core.model.limits import Admission, Limit, LimitReached, OverLimit, dollars, next_start
from core.services.job_actions import Member
from core.services.orders import OrderService
from tests.fakes.clock import settle
from tests.fakes.models import CATALOG
from tests.fakes.provider import ScriptedProvider
from tests.fakes.running_core import ALICE, BOAT, BOB, RunningCore, World
from tests.fakes.store import TroubledStore

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
ORDER = Job(
    id=1,
    request=BOAT,
    destination=Destination(requester_id=ALICE, channel_id=7, guild_id=8),
    ordered_at=NOON,
    updated_at=NOON,
    next_at=NOON,
    price=420_000,
)
ONE_OPEN = Limit(scope=Scope.MEMBER, measure=Measure.OPEN_JOBS, most=1)
THIS_DAY = Account(Scope.BOT, 0, "2026-03-01")
A_DOLLAR_A_DAY = Limit(scope=Scope.BOT, measure=Measure.MONEY, window=Window.DAY, most=1_000_000)


class SlowStore(TroubledStore):
    """Admits nothing until its door is opened."""

    def __init__(self) -> None:
        super().__init__()
        self.door = asyncio.Event()

    async def admit(self, job: Job, limits: Sequence[Limit] = ()) -> Admission:
        await self.door.wait()
        return await super().admit(job, limits)


def refusal(limit: Limit, used: int, job: Job = ORDER) -> str:
    return str(LimitReached(OverLimit(limit, used), job))


@pytest.mark.parametrize(
    ("limit", "used", "sentences"),
    [
        (
            Limit(scope=Scope.MEMBER, measure=Measure.OPEN_JOBS, most=3),
            3,
            (
                "You have 3 videos under way, and 3 at a time is the limit. "
                "Try again when one of them is finished."
            ),
        ),
        (
            Limit(scope=Scope.MEMBER, measure=Measure.VIDEOS, window=Window.DAY, most=5),
            5,
            "You have used 5 of your 5 videos today. It starts anew at 0:00 UTC on 2 March (in 12 hours).",
        ),
        (
            Limit(scope=Scope.SERVER, measure=Measure.MONEY, window=Window.MONTH, most=10_000_000),
            9_800_000,
            (
                "This server has used $9.80 of its budget of $10.00 this month, and this video would cost "
                "about $0.42. It starts anew at 0:00 UTC on 1 April (in 30 days)."
            ),
        ),
        (
            Limit(scope=Scope.BOT, measure=Measure.VIDEOS, most=100),
            100,
            "This bot has used 100 of its 100 videos. Whoever runs this bot can raise that.",
        ),
    ],
    ids=["open jobs", "videos", "money", "for ever"],
)
def test_a_refusal_says_which_limit_it_is_and_when_it_ends(limit: Limit, used: int, sentences: str) -> None:
    assert refusal(limit, used) == f"{sentences} Nothing was ordered and nothing was charged."


def test_a_video_without_a_price_says_that_it_is_unknown() -> None:
    assert "nobody knows what this video would cost" in refusal(A_DOLLAR_A_DAY, 0, replace(ORDER, price=None))


def test_an_hour_and_less_is_one_hour() -> None:
    late = replace(ORDER, ordered_at=NOON + timedelta(hours=11, minutes=50))

    assert "(in 1 hour)" in refusal(A_DOLLAR_A_DAY, 0, late)


def test_the_next_month_begins_where_this_one_ends() -> None:
    last_moment = datetime(2026, 12, 31, 23, 59, 59, tzinfo=UTC)

    assert next_start(Window.MONTH, last_moment) == datetime(2027, 1, 1, tzinfo=UTC)
    assert next_start(Window.DAY, last_moment) == datetime(2027, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("micros", "words"), [(0, "$0.00"), (420_000, "$0.42"), (1_234_500_000, "$1,234.50"), (1_000, "$0.001")]
)
def test_money_is_written_as_people_do(micros: int, words: str) -> None:
    assert dollars(micros) == words


async def test_an_order_over_a_limit_is_not_made(world: World) -> None:
    world.limits = (ONE_OPEN,)
    world.provider.gate.clear()
    async with RunningCore(world).open() as running:
        await running.order(1)

        with pytest.raises(LimitReached, match="You have 1 video under way") as refused:
            await running.order(2)
        await settle()

        assert (refused.value.limit, refused.value.used) == (ONE_OPEN, 1)
        assert isinstance(refused.value, NotAllowed)
        assert world.provider.sent == [1]


async def test_the_same_event_twice_is_one_order_also_at_the_limit(world: World) -> None:
    world.limits = (ONE_OPEN,)
    running = RunningCore(world)

    assert await running.order(1) == await running.order(1)


async def test_a_budget_takes_as_many_as_it_pays_for_and_a_cancelled_one_makes_room(world: World) -> None:
    world.limits, world.places = (A_DOLLAR_A_DAY,), 0
    async with RunningCore(world).open() as running:
        await running.order(1, member_id=ALICE)
        await running.order(2, member_id=BOB)

        with pytest.raises(LimitReached, match=r"used \$0\.84 of its budget of \$1\.00 today"):
            await running.order(3, member_id=BOB)
        await running.orders.cancel(2, Member(BOB))
        await running.order(4, member_id=ALICE)

        assert (await world.store.usage(THIS_DAY)).of(Measure.MONEY) == 840_000


async def test_a_job_that_is_done_is_settled(world: World) -> None:
    async with RunningCore(world).open() as running:
        await running.order()
        await running.until_notified()

        assert await world.store.usage(THIS_DAY) == Usage(videos=1, spent=420_000)


async def test_a_cancelled_caller_leaves_no_job_without_a_worker(world: World) -> None:
    world.store = store = SlowStore()
    async with RunningCore(world).open() as running:
        await cancelled_order(running)

        store.door.set()
        await settle()
        world.courier.has_card(running.job())
        await running.until_notified()

        assert running.state() is JobState.DONE


async def test_a_cancelled_caller_who_would_be_refused_leaves_nothing(world: World) -> None:
    world.store = store = SlowStore()
    world.limits = (replace(ONE_OPEN, most=0),)
    async with RunningCore(world).open() as running:
        await cancelled_order(running)

        store.door.set()
        await settle()

        assert await store.get(1) is None
        assert len(running.runner) == 0


async def cancelled_order(running: RunningCore) -> None:
    """Order, and be cancelled before the store has answered."""
    ordering = asyncio.create_task(running.orders.order(1, BOAT, ORDER.destination))
    await settle()
    ordering.cancel()
    await asyncio.gather(ordering, return_exceptions=True)
    assert ordering.cancelled()


@pytest.mark.parametrize(
    ("price", "reserved"), [("1", 5_000_000), ("0.01", 420_000), (None, None)], ids=["dearer", "less", "none"]
)
async def test_the_most_that_it_may_cost_is_reserved_whichever_provider_makes_it(
    world: World, price: str | None, reserved: int | None
) -> None:
    names = ("anyint", "worldrouter")
    prices = {} if price is None else {("worldrouter", "kling-v3"): {"std": Decimal(price)}}
    silent = replace(BOAT, audio=None)
    models = [replace(model, audio=False) for model in CATALOG.with_prices(prices)]
    providers = {name: ScriptedProvider(world.clock, name) for name in names}
    registry = ProviderRegistry(providers, Catalog(models), world.clock)
    orders = OrderService(store=world.store, registry=registry, clock=world.clock, wake=lambda _: None)

    job = await orders.order(1, silent, ORDER.destination)

    assert job.price == reserved
