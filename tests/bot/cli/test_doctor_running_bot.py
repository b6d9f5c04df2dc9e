"""What `matinee doctor` learns from the bot that runs on the same data."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from bot.cli.checks import running_bot
from bot.cli.checks.finding import Finding, failed, noted, passed
from bot.process.control_socket import Action, listening
from bot.process.operator_actions import health_report
from bot.settings.settings import Settings
from core.dispatch.provider_health import ProviderHealth
from core.model.errors import Refusal, Refused
from tests.fakes.clock import VirtualClock


@pytest.fixture
def health(clock: VirtualClock) -> ProviderHealth:
    return ProviderHealth(clock, ["anyint", "worldrouter"])


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock()


@asynccontextmanager
async def bot(actions: Mapping[str, Action]) -> AsyncGenerator[None]:
    folder = Path("data")
    folder.mkdir()
    async with listening(folder, actions):
        yield


async def findings(health: ProviderHealth) -> list[Finding]:
    async with bot(health_report(health)):
        return await running_bot.check(Settings.load())


async def test_without_a_running_bot_nothing_is_said() -> None:
    assert await running_bot.check(Settings.load()) == []


async def test_all_is_well(health: ProviderHealth) -> None:
    assert await findings(health) == [passed("running bot", "no gateway has given it trouble that lasts")]


async def test_what_only_the_operator_ends_fails_and_says_since_when(
    health: ProviderHealth, clock: VirtualClock
) -> None:
    since = f"{clock.now():%Y-%m-%d %H:%M} UTC"
    health.creates.disable("anyint", Refused(Refusal.CREDIT, "balance too low"))
    await clock.advance(3600)

    assert await findings(health) == [
        failed(
            "running bot",
            f"asked for videos, anyint is out of credit since {since}: balance too low. "
            "Top up the account there; the bot tries it again by itself.",
        )
    ]


async def test_both_halves_of_a_provider_are_seen(health: ProviderHealth, clock: VirtualClock) -> None:
    since = f"{clock.now():%Y-%m-%d %H:%M} UTC"
    for _ in range(2):
        health.creates.note_unconfirmed("worldrouter", "no answer", sent_at=clock.monotonic())
    for _ in range(5):
        health.questions.note_failure("worldrouter", "502", 0.0)

    assert await findings(health) == [
        noted(
            "running bot",
            f"asked for videos, worldrouter is not confirming requests since {since}: "
            "it did not confirm paid requests. "
            "It is tried again by itself; `matinee jobs resume worldrouter` does so at once.",
        ),
        noted(
            "running bot",
            f"asked about tasks, worldrouter is down since {since}: 502. It is tried again by itself.",
        ),
    ]


async def test_a_bot_that_does_not_know_the_question_is_noted() -> None:
    async with bot({}):
        (found,) = await running_bot.check(Settings.load())

    assert found == noted(
        "running bot", "The running bot does not know that command. Restart it after an update."
    )
