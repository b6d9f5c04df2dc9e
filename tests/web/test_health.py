"""What the program says of its own health, and what it counts."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

import aiohttp
import pytest
from prometheus_client import CollectorRegistry

from bot.process.clock import SystemClock
from core.dispatch.provider_health import ProviderHealth
from core.model.errors import CheckFailed, Refusal, Refused, StoreUnusable
from core.model.job import JobState
from core.ports import Stage, Working
from storage.sqlite.database import open_database
from storage.sqlite.figures import SqliteFigures
from storage.sqlite.jobs import SqliteJobStore
from tests.contracts.examples import life, queued, ticket
from tests.fakes.clock import VirtualClock, settle
from tests.fakes.provider import ScriptedProvider
from web.counted_provider import CountedProvider
from web.health import Health, Parts, Pulse
from web.metrics import Counters, Metrics, Sources
from web.server import serving

WELL = {"loop": "ok", "store": "ok", "runner": "ok"}


class ToughClock(VirtualClock):
    """Time that also passes while the loop stands still, so that no timer ends meanwhile."""

    def stand_still(self, seconds: float) -> None:
        self._seconds += seconds


@dataclass(slots=True)
class Patient:
    """A program whose parts do what a test says."""

    clock: ToughClock = field(default_factory=ToughClock)
    lateness: float | None = 0.0
    is_connected: bool = True
    trouble: Exception | None = None
    answer: asyncio.Event | None = None

    def __post_init__(self) -> None:
        self.pulse = Pulse(self.clock)
        self.provider_health = ProviderHealth(self.clock, ["anyint", "worldrouter"])
        self.health = Health(
            Parts(
                pulse=self.pulse,
                round_trip=self._round_trip,
                lateness=lambda: self.lateness,
                is_connected=lambda: self.is_connected,
                provider_health=self.provider_health,
            )
        )

    pulse: Pulse = field(init=False)
    provider_health: ProviderHealth = field(init=False)
    health: Health = field(init=False)

    async def _round_trip(self) -> None:
        if self.answer is not None:
            await self.answer.wait()
        if self.trouble is not None:
            raise self.trouble


@pytest.fixture
def patient() -> Patient:
    return Patient()


async def test_all_is_well(patient: Patient) -> None:
    assert await patient.health.alive() == WELL
    assert await patient.health.ready() == WELL | {"started": "ok", "discord": "ok", "providers": "ok"}


async def test_a_loop_that_stood_still_shows_at_once_and_for_ten_seconds(patient: Patient) -> None:
    beating = asyncio.create_task(patient.pulse.run())
    await patient.clock.advance(20)
    assert (await patient.health.alive())["loop"] == "ok"

    patient.clock.stand_still(3.25)
    assert (await patient.health.alive())["loop"] == "it is late by 3.0 s"
    await patient.clock.advance(9)
    assert (await patient.health.alive())["loop"] == "it is late by 3.0 s"
    await patient.clock.advance(2)
    assert (await patient.health.alive())["loop"] == "ok"
    beating.cancel()
    await settle()


async def test_a_store_that_fails_or_does_not_answer_is_unwell(
    patient: Patient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("web.health.LONGEST_ROUND_TRIP", 0.01)
    patient.trouble = StoreUnusable("damaged")
    assert (await patient.health.alive())["store"] == "it cannot be read"

    patient.answer = asyncio.Event()
    assert (await patient.health.alive())["store"] == "no answer within 0.01 s"


async def test_a_runner_that_lets_jobs_wait_is_unwell(patient: Patient) -> None:
    patient.lateness = 29.9
    assert await patient.health.alive() == WELL

    patient.lateness = 30.0
    assert (await patient.health.alive())["runner"] == "a job has been due for 30.0 s"


async def test_a_program_that_starts_is_well_but_not_ready(patient: Patient) -> None:
    patient.lateness, patient.is_connected = None, False

    assert await patient.health.alive() == WELL
    assert await patient.health.ready() == WELL | {
        "started": "not yet",
        "discord": "not connected",
        "providers": "ok",
    }


async def test_one_provider_that_works_is_enough(patient: Patient) -> None:
    patient.provider_health.creates.disable("anyint", Refused(Refusal.CREDIT, "no balance"))
    assert (await patient.health.ready())["providers"] == "ok"

    patient.provider_health.creates.pause("worldrouter", "no route")
    assert (await patient.health.ready())["providers"] == "anyint is out of credit, worldrouter is down"
    await patient.clock.advance(16)
    assert (await patient.health.ready())["providers"] == "ok"


async def test_providers_that_answer_no_questions_are_unwell_and_one_of_two_is_not(patient: Patient) -> None:
    silence(patient.provider_health, "anyint")
    assert (await patient.health.ready())["providers"] == "ok"

    silence(patient.provider_health, "worldrouter")
    assert (await patient.health.ready())["providers"] == "anyint is down, worldrouter is down"
    patient.provider_health.questions.note_answer("worldrouter")
    assert (await patient.health.ready())["providers"] == "ok"


async def test_a_provider_that_takes_orders_but_answers_no_questions_makes_up_for_no_other(
    patient: Patient,
) -> None:
    silence(patient.provider_health, "anyint")
    patient.provider_health.creates.disable("worldrouter", Refused(Refusal.CREDIT, "no balance"))

    assert (await patient.health.ready())["providers"] == "anyint is down, worldrouter is out of credit"
    assert (await patient.health.alive()) == WELL


async def test_a_silence_without_further_questions_does_not_last(patient: Patient) -> None:
    silence(patient.provider_health, "anyint")
    silence(patient.provider_health, "worldrouter")

    await patient.clock.advance(31)

    assert (await patient.health.ready())["providers"] == "ok"


def silence(provider_health: ProviderHealth, provider: str) -> None:
    """Let so many questions fail that the provider is asked now and then only."""
    for _ in range(5):
        provider_health.questions.note_failure(provider, "502", 0.0)


async def test_the_answer_is_a_status_and_the_reasons(patient: Patient) -> None:
    async with (
        serving("127.0.0.1:0", patient.health.routes, SystemClock()) as place,
        aiohttp.ClientSession() as monitor,
    ):
        async with monitor.get(f"http://{place}/healthz") as answer:
            assert (answer.status, await answer.json()) == (200, {"status": "ok", "checks": WELL})
        patient.is_connected = False
        async with monitor.get(f"http://{place}/readyz") as answer:
            assert answer.status == 503
            assert (await answer.json())["status"] == "unwell"


@pytest.mark.parametrize("header", ["X-Forwarded-For", "X-Forwarded-Host", "Forwarded", "Via"])
async def test_what_comes_through_a_proxy_or_by_the_public_name_learns_nothing(
    patient: Patient, header: str
) -> None:
    public = "https://videos.example.org"
    async with (
        serving("127.0.0.1:0", patient.health.routes, SystemClock(), public_url=public) as place,
        aiohttp.ClientSession() as world,
    ):
        for headers in ({header: "203.0.113.7"}, {"Host": "videos.example.org"}):
            async with world.get(f"http://{place}/healthz", headers=headers) as answer:
                assert (answer.status, await answer.text()) == (404, "There is nothing here.")
        async with world.get(f"http://{place}/healthz") as answer:
            assert answer.status == 200


# ------------------------------------------------------------ counting


@pytest.fixture
def registry() -> CollectorRegistry:
    return CollectorRegistry()


async def test_moves_are_counted_once_they_are_written_down(
    tmp_path: Path, registry: CollectorRegistry
) -> None:
    counts = Counters(registry)
    async with open_database(tmp_path / "matinee.db") as database:
        store, figures = SqliteJobStore(database), SqliteFigures(database)
        store.observe = counts.moved
        steps = life(7)
        await store.admit(steps[0])
        await store.admit(queued(8))
        for before, after in pairwise(steps):
            await store.move(before, after)

        assert await figures.open_jobs() == {JobState.QUEUED: 1}
    assert moves(registry, "QUEUED", "SUBMITTING") == 1
    assert moves(registry, "RUNNING", "READY") == 2
    assert moves(registry, "DELIVERED", "DONE") == 1
    assert registry.get_sample_value("matinee_delivery_seconds_count") == 1


def moves(registry: CollectorRegistry, before: str, after: str) -> float | None:
    return registry.get_sample_value("matinee_job_moves_total", {"before": before, "after": after})


async def test_the_condition_shown_is_that_of_the_worse_half(patient: Patient, tmp_path: Path) -> None:
    health = patient.provider_health
    health.creates.disable("worldrouter", Refused(Refusal.BUSY, "too many"))
    silence(health, "anyint")
    async with open_database(tmp_path / "matinee.db") as database:
        store, figures = SqliteJobStore(database), SqliteFigures(database)
        sources = Sources(store, figures, health, lambda: 0.0, lambda: True, lambda: 0)
        shown = (await Metrics().render(sources)).decode().splitlines()

    named = 'matinee_provider_condition{condition="%s",provider="%s"} %s'
    assert named % ("down", "anyint", "1.0") in shown
    assert named % ("working", "anyint", "0.0") in shown
    assert named % ("slow", "worldrouter", "1.0") in shown
    assert len([line for line in shown if line.startswith("matinee_provider_condition{")]) == 12


async def test_answers_of_providers_are_counted_by_how_they_turned_out(
    registry: CollectorRegistry,
) -> None:
    provider = ScriptedProvider(VirtualClock())
    counted = CountedProvider(provider, Counters(registry))
    provider.will(check=[CheckFailed("no answer"), Working(Stage.RUNNING)])

    with pytest.raises(CheckFailed):
        await counted.check(ticket("task-7"))
    await counted.check(ticket("task-7"))

    assert counted.name == "anyint"
    assert counted.links_are_public == provider.links_are_public
    assert calls(registry, "check", "check_failed") == 1
    assert calls(registry, "check", "ok") == 1


def calls(registry: CollectorRegistry, call: str, outcome: str) -> float | None:
    labels = {"provider": "anyint", "call": call, "outcome": outcome}
    return registry.get_sample_value("matinee_provider_calls_total", labels)
