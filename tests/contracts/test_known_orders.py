"""A known number counts only for the same order: the same person, the same place, the same words."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core.dispatch.provider_registry import ProviderRegistry
from core.model.catalog import Catalog
from core.model.delivery import Destination
from core.model.job import Job
from core.model.order_ids import OWN, copy_id, fresh_id
from core.model.video import Mode, VideoRequest
from core.ports import JobStore
from core.services.orders import OrderService
from tests.fakes.clock import VirtualClock
from tests.fakes.provider import ScriptedProvider

COMMAND = 1_573_257_335_579_607_040
ALICE, BOB = 101, 102
BOAT = VideoRequest(
    model="kling-v3", prompt="A boat", duration_seconds=5, aspect_ratio="16:9", mode=Mode.STD, audio=False
)
HERE = Destination(requester_id=ALICE, channel_id=201, guild_id=301, card_id=401)
OTHERS = {
    "of somebody else": (BOAT, replace(HERE, requester_id=BOB)),
    "in another channel": (BOAT, replace(HERE, channel_id=202)),
    "in no server": (BOAT, replace(HERE, guild_id=None)),
    "of a message": (BOAT, replace(HERE, prompt_id=17, prompt_channel_id=201)),
    "in other words": (replace(BOAT, prompt="A ship"), HERE),
    "longer": (replace(BOAT, duration_seconds=10), HERE),
}
AGAIN = {
    "as it was": HERE,
    "with another card": replace(HERE, card_id=402),
    "with another hint": replace(HERE, upload_limit=1, wants_ping=False),
}


@pytest.fixture
def orders(store: JobStore) -> OrderService:
    clock = VirtualClock()
    registry = ProviderRegistry({"anyint": ScriptedProvider(clock)}, Catalog.shipped().of(["anyint"]), clock)
    return OrderService(store=store, registry=registry, clock=clock, wake=lambda _: None)


async def ids(store: JobStore) -> set[int]:
    return {job.id for job in await store.recent()}


@pytest.mark.parametrize("place", AGAIN.values(), ids=AGAIN.keys())
async def test_a15_the_same_order_again_is_the_same_job(
    store: JobStore, orders: OrderService, place: Destination
) -> None:
    first = await orders.order(COMMAND, BOAT, HERE)

    assert await orders.order(COMMAND, BOAT, place) == first
    assert await ids(store) == {COMMAND}


@pytest.mark.parametrize("other", OTHERS.values(), ids=OTHERS.keys())
async def test_a15_another_order_under_a_known_number_is_made_all_the_same(
    store: JobStore, orders: OrderService, other: tuple[VideoRequest, Destination]
) -> None:
    first = await orders.order(COMMAND, BOAT, HERE)

    second = await orders.order(COMMAND, *other)
    replayed = await orders.order(COMMAND, *other)

    assert (second.request, second.destination) == other
    assert (second.id, replayed.id) == (fresh_id(COMMAND), second.id)
    assert second.id >= OWN
    assert await store.get(COMMAND) == first
    assert await ids(store) == {COMMAND, second.id}


async def test_a15_copies_of_an_older_version_keep_their_numbers_and_hide_no_order(
    orders: OrderService,
) -> None:
    """They were numbered by the number after the command's: another command may bear it."""
    copy = await orders.order(COMMAND + 1, BOAT, HERE)

    order = await orders.order(COMMAND + 1, replace(BOAT, prompt="A ship"), replace(HERE, requester_id=BOB))

    assert await orders.find(COMMAND + 1) == copy
    assert (await orders.find(order.id)).request.prompt == "A ship"


async def test_a15_a_thread_of_our_own_is_no_other_place(store: JobStore, orders: OrderService) -> None:
    """A message that is delivered twice opens its thread only once."""
    asked = replace(HERE, prompt_id=COMMAND, prompt_channel_id=201)
    first = await orders.order(COMMAND, BOAT, replace(asked, channel_id=COMMAND))

    assert await orders.order(COMMAND, BOAT, asked) == first
    assert await ids(store) == {COMMAND}


async def test_a15_copies_of_a_command_are_jobs_of_their_own(store: JobStore, orders: OrderService) -> None:
    jobs: list[Job] = [await orders.order(copy_id(COMMAND, nth), BOAT, HERE) for nth in (0, 1, 2, 3, 1)]

    assert len(await ids(store)) == 4
    assert jobs[1] == jobs[4]
