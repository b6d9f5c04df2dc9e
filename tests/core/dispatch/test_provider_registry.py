from __future__ import annotations

from dataclasses import replace

import pytest

from core.dispatch.provider_registry import Offer, ProviderRegistry
from core.model.delivery import Destination
from core.model.job import Job
from tests.fakes.clock import START, VirtualClock
from tests.fakes.models import CATALOG, LONGER, STANDARD
from tests.fakes.provider import ScriptedProvider
from tests.fakes.running_core import ALICE, BOAT

JOB = Job(
    id=1,
    request=BOAT,
    destination=Destination(requester_id=ALICE, channel_id=7),
    ordered_at=START,
    updated_at=START,
    next_at=START,
)


@pytest.fixture
def anyint() -> ScriptedProvider:
    return ScriptedProvider(VirtualClock(), "anyint")


@pytest.fixture
def worldrouter() -> ScriptedProvider:
    return ScriptedProvider(VirtualClock(), "worldrouter")


def test_those_who_make_exactly_this_come_in_the_order_of_preference(
    anyint: ScriptedProvider, worldrouter: ScriptedProvider
) -> None:
    registry = ProviderRegistry({"anyint": anyint, "worldrouter": worldrouter}, CATALOG, VirtualClock())

    assert registry.offers(BOAT) == [Offer(anyint, STANDARD), Offer(worldrouter, LONGER)]
    assert registry.offers(replace(BOAT, duration_seconds=15)) == [Offer(worldrouter, LONGER)]


def test_a_provider_that_is_not_in_use_is_passed_over(worldrouter: ScriptedProvider) -> None:
    registry = ProviderRegistry({"worldrouter": worldrouter}, CATALOG, VirtualClock())

    assert registry.offers(BOAT) == [Offer(worldrouter, LONGER)]


def test_there_is_no_offer_where_no_provider_makes_it(worldrouter: ScriptedProvider) -> None:
    registry = ProviderRegistry({"worldrouter": worldrouter}, CATALOG, VirtualClock())

    assert registry.offers(replace(BOAT, duration_seconds=10)) == []


def test_a_task_belongs_to_the_provider_that_its_ticket_names(anyint: ScriptedProvider) -> None:
    registry = ProviderRegistry({"anyint": anyint}, CATALOG, VirtualClock())

    assert registry.of(replace(JOB, ticket=anyint.ticket("t1"))) is anyint
    assert registry.of(replace(JOB, ticket=replace(anyint.ticket("t1"), provider="gone"))) is None
    assert registry.of(JOB) is None
