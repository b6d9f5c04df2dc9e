from __future__ import annotations

from pathlib import Path
from random import Random

import pytest

from core.dispatch.provider_health import ProviderHealth
from core.dispatch.provider_registry import ProviderRegistry
from core.engine.fetch_and_notify import FetchAndNotify
from core.engine.step import StepContext
from core.model.catalog import Catalog
from core.model.errors import FetchFailed, NoRoom, Refusal, Refused, Stale, StoreFull, StoreUnusable
from core.model.job import JobState
from core.model.operator_alerts import NothingSaved, ProviderClosed, VideoUnkept
from core.polling.schedule import Schedule
from core.services.orders import OrderService
from tests.contracts.examples import NOON, life, queued
from tests.fakes.alerts import RecordingAlerts
from tests.fakes.clip_store import FolderArchive
from tests.fakes.clock import VirtualClock
from tests.fakes.courier import RecordingCourier
from tests.fakes.models import CATALOG
from tests.fakes.provider import ScriptedProvider
from tests.fakes.running_core import BOAT
from tests.fakes.store import TroubledStore


@pytest.fixture
def alerts() -> RecordingAlerts:
    return RecordingAlerts()


@pytest.fixture
def store() -> TroubledStore:
    return TroubledStore()


@pytest.mark.parametrize(
    ("why", "is_out_of_credit"), [(Refusal.CREDIT, True), (Refusal.CONFIGURATION, False)]
)
def test_a_provider_that_closes_is_reported_once(
    alerts: RecordingAlerts, why: Refusal, *, is_out_of_credit: bool
) -> None:
    provider_health = ProviderHealth(VirtualClock(), ["anyint"], alerts)

    for _ in range(3):
        provider_health.creates.disable("anyint", Refused(why, "no"))

    assert alerts.raised_events == [ProviderClosed("anyint", is_out_of_credit, "no")]


def test_a_provider_that_closes_again_is_told_again(alerts: RecordingAlerts) -> None:
    provider_health = ProviderHealth(VirtualClock(), ["anyint"], alerts)

    for _ in range(2):
        provider_health.creates.disable("anyint", Refused(Refusal.CREDIT, "no"))
        provider_health.creates.note_success("anyint")

    assert len(alerts.raised_events) == 2


@pytest.mark.parametrize("why", [Refusal.BUSY, Refusal.UPSTREAM, Refusal.REQUEST])
def test_what_passes_by_itself_alerts_no_operator(alerts: RecordingAlerts, why: Refusal) -> None:
    provider_health = ProviderHealth(VirtualClock(), ["anyint"], alerts)

    provider_health.creates.disable("anyint", Refused(why, "no"))
    provider_health.creates.pause("anyint", "no network")

    assert alerts.raised_events == []


@pytest.mark.parametrize("error", [StoreFull("no room"), StoreUnusable("damaged")], ids=repr)
async def test_a_step_that_cannot_be_written_down_is_reported(
    alerts: RecordingAlerts, store: TroubledStore, error: Exception
) -> None:
    context = StepContext(
        store=store, clock=VirtualClock(), schedule=Schedule(chance=Random(7)), alerts=alerts
    )
    store.will_fail(JobState.SUBMITTING, error)
    await store.admit(queued(1))

    with pytest.raises(type(error)):
        await context.move(queued(1), queued(1).submitting("anyint", NOON))

    assert alerts.raised_events == [NothingSaved(str(error))]


async def test_a_step_that_came_too_late_alerts_no_operator(
    alerts: RecordingAlerts, store: TroubledStore
) -> None:
    context = StepContext(
        store=store, clock=VirtualClock(), schedule=Schedule(chance=Random(7)), alerts=alerts
    )
    await store.admit(queued(1))
    store.will_disagree = True

    with pytest.raises(Stale):
        await context.move(queued(1), queued(1).submitting("anyint", NOON))

    assert alerts.raised_events == []


async def test_an_order_that_cannot_be_written_down_is_reported(
    alerts: RecordingAlerts, store: TroubledStore
) -> None:
    clock = VirtualClock()
    registry = ProviderRegistry({}, Catalog.shipped().of([]), clock)
    orders = OrderService(store=store, registry=registry, clock=clock, wake=lambda _: None, alerts=alerts)
    store.is_full = True

    with pytest.raises(StoreFull):
        await orders.order(1, BOAT, queued(1).destination)

    assert alerts.raised_events == [NothingSaved("no room")]


async def test_a_video_that_cannot_be_kept_is_reported_and_fetched_again(
    alerts: RecordingAlerts, store: TroubledStore, tmp_path: Path
) -> None:
    clock = VirtualClock()
    provider = ScriptedProvider(clock)
    provider.will(fetch=[NoRoom("no space"), FetchFailed("cut off")])
    context = StepContext(store=store, clock=clock, schedule=Schedule(chance=Random(7)), alerts=alerts)
    registry = ProviderRegistry({"anyint": provider}, CATALOG.of(["anyint"]), clock)
    handover = FetchAndNotify(context, registry, FolderArchive(tmp_path), RecordingCourier())
    ready = next(job for job in life(1) if job.state is JobState.READY)

    steps = [await handover.fetch(ready) for _ in range(2)]

    assert alerts.raised_events == [VideoUnkept(1, "no space")]
    assert [step.job for step in steps] == [ready, ready]
