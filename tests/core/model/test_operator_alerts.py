from __future__ import annotations

from pathlib import Path
from random import Random

import pytest

from core.dispatch.provider_health import Infirmary
from core.dispatch.provider_registry import Lineup
from core.engine.fetch_and_notify import Handover
from core.engine.step import Desk
from core.model.catalog import Catalog
from core.model.errors import FetchFailed, NoRoom, Refusal, Refused, Stale, StoreFull, StoreUnusable
from core.model.job import JobState
from core.model.operator_alerts import NothingSaved, ProviderClosed, VideoUnkept
from core.polling.schedule import Schedule
from core.services.orders import Studio
from tests.contracts.examples import NOON, life, queued
from tests.fakes.alerts import RecordingAlarm
from tests.fakes.clip_store import FolderArchive
from tests.fakes.clock import VirtualClock
from tests.fakes.courier import RecordingCourier
from tests.fakes.models import CATALOG
from tests.fakes.provider import ScriptedProvider
from tests.fakes.running_core import BOAT
from tests.fakes.store import TroubledStore


@pytest.fixture
def alarm() -> RecordingAlarm:
    return RecordingAlarm()


@pytest.fixture
def store() -> TroubledStore:
    return TroubledStore()


@pytest.mark.parametrize(
    ("why", "is_out_of_credit"), [(Refusal.CREDIT, True), (Refusal.CONFIGURATION, False)]
)
def test_a_provider_that_closes_is_told_once(
    alarm: RecordingAlarm, why: Refusal, *, is_out_of_credit: bool
) -> None:
    infirmary = Infirmary(VirtualClock(), ["anyint"], alarm)

    for _ in range(3):
        infirmary.refused("anyint", Refused(why, "no"))

    assert alarm.raised_events == [ProviderClosed("anyint", is_out_of_credit, "no")]


def test_a_provider_that_closes_again_is_told_again(alarm: RecordingAlarm) -> None:
    infirmary = Infirmary(VirtualClock(), ["anyint"], alarm)

    for _ in range(2):
        infirmary.refused("anyint", Refused(Refusal.CREDIT, "no"))
        infirmary.worked("anyint")

    assert len(alarm.raised_events) == 2


@pytest.mark.parametrize("why", [Refusal.BUSY, Refusal.UPSTREAM, Refusal.REQUEST])
def test_what_passes_by_itself_alarms_nobody(alarm: RecordingAlarm, why: Refusal) -> None:
    infirmary = Infirmary(VirtualClock(), ["anyint"], alarm)

    infirmary.refused("anyint", Refused(why, "no"))
    infirmary.unreachable("anyint", "no network")

    assert alarm.raised_events == []


@pytest.mark.parametrize("error", [StoreFull("no room"), StoreUnusable("damaged")], ids=repr)
async def test_a_step_that_cannot_be_written_down_is_told(
    alarm: RecordingAlarm, store: TroubledStore, error: Exception
) -> None:
    desk = Desk(store=store, clock=VirtualClock(), schedule=Schedule(chance=Random(7)), alarm=alarm)
    store.will_fail(JobState.SUBMITTING, error)
    await store.admit(queued(1))

    with pytest.raises(type(error)):
        await desk.moved(queued(1), queued(1).submitting("anyint", NOON))

    assert alarm.raised_events == [NothingSaved(str(error))]


async def test_a_step_that_came_too_late_alarms_nobody(alarm: RecordingAlarm, store: TroubledStore) -> None:
    desk = Desk(store=store, clock=VirtualClock(), schedule=Schedule(chance=Random(7)), alarm=alarm)
    await store.admit(queued(1))
    store.will_disagree = True

    with pytest.raises(Stale):
        await desk.moved(queued(1), queued(1).submitting("anyint", NOON))

    assert alarm.raised_events == []


async def test_an_order_that_cannot_be_written_down_is_told(
    alarm: RecordingAlarm, store: TroubledStore
) -> None:
    clock = VirtualClock()
    lineup = Lineup({}, Catalog.shipped().of([]), clock)
    studio = Studio(store=store, lineup=lineup, clock=clock, take_up=lambda _: None, alarm=alarm)
    store.is_full = True

    with pytest.raises(StoreFull):
        await studio.order(1, BOAT, queued(1).destination)

    assert alarm.raised_events == [NothingSaved("no room")]


async def test_a_video_that_cannot_be_kept_is_told_and_fetched_again(
    alarm: RecordingAlarm, store: TroubledStore, tmp_path: Path
) -> None:
    clock = VirtualClock()
    provider = ScriptedProvider(clock)
    provider.will(fetch=[NoRoom("no space"), FetchFailed("cut off")])
    desk = Desk(store=store, clock=clock, schedule=Schedule(chance=Random(7)), alarm=alarm)
    lineup = Lineup({"anyint": provider}, CATALOG.of(["anyint"]), clock)
    handover = Handover(desk, lineup, FolderArchive(tmp_path), RecordingCourier())
    ready = next(job for job in life(1) if job.state is JobState.READY)

    steps = [await handover.fetch(ready) for _ in range(2)]

    assert alarm.raised_events == [VideoUnkept(1, "no space")]
    assert [step.job for step in steps] == [ready, ready]
