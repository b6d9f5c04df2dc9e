"""What an operator may know of a gateway beyond its document: off unless set, and the same everywhere."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bot.compose import providers as composed
from bot.settings.settings import Settings, SettingsUnusable
from sandbox.discord import LocalDiscord
from sandbox.gateways import LocalGateways, faults
from storage.memory.stores import MemoryReplyLog
from tests.bot.command_line import Command
from tests.providers.world import CLIP, VirtualClock

ERASURE = ("generate", "A paper boat in the rain", "-o", "boat.mp4", "--json")
BOTH_OF_ANYINT = pytest.mark.parametrize("provider", ["anyint", "anyint-native"])


def test_nothing_is_known_beyond_the_documents_unless_it_is_set() -> None:
    loaded = Settings.load()

    assert loaded.matinee_undocumented_options is False
    assert loaded.matinee_anyint_safe_statuses == ()
    assert loaded.matinee_anyint_external_task_id is False


def test_what_is_known_is_read_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MATINEE_UNDOCUMENTED_OPTIONS", "true")
    monkeypatch.setenv("MATINEE_ANYINT_SAFE_STATUSES", "503, 502")
    monkeypatch.setenv("MATINEE_ANYINT_EXTERNAL_TASK_ID", "1")

    loaded = Settings.load()

    assert loaded.matinee_undocumented_options
    assert loaded.matinee_anyint_safe_statuses == (503, 502)
    assert loaded.matinee_anyint_external_task_id


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("MATINEE_UNDOCUMENTED_OPTIONS", "perhaps", "must be true or false."),
        ("MATINEE_ANYINT_SAFE_STATUSES", "503,often", "not a whole number."),
        ("MATINEE_ANYINT_SAFE_STATUSES", "200", "must be at least 400."),
        ("MATINEE_ANYINT_SAFE_STATUSES", "600", "must be at most 599."),
    ],
)
def test_what_makes_no_sense_is_named(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, says: str
) -> None:
    monkeypatch.setenv(name, value)

    with pytest.raises(SettingsUnusable) as refused:
        Settings.load()

    assert refused.value.problems == [f"{name}: {says}"]


@BOTH_OF_ANYINT
async def test_a_duration_that_only_kling_documents_is_made_where_that_is_wanted(
    matinee: Command, gateways: LocalGateways, monkeypatch: pytest.MonkeyPatch, provider: str
) -> None:
    usual = await matinee(*ERASURE, "--provider", provider, "--duration", "7")
    sent_at_first = len(gateways.creates())

    monkeypatch.setenv("MATINEE_UNDOCUMENTED_OPTIONS", "true")
    wanted = await matinee(*ERASURE, "--provider", provider, "--duration", "7")

    assert (usual.code, sent_at_first) == (2, 0)
    assert "not 7" in usual.err
    assert wanted.code == 0
    assert [task.order.seconds for task in gateways.tasks] == [7]


async def test_models_lists_the_same_catalogue_whose_prices_stay_estimates(
    matinee: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MATINEE_UNDOCUMENTED_OPTIONS", "true")

    ran = await matinee("models", "--json")

    listed = {(model["provider"], model["model"]): model for model in ran.lines}
    assert listed["anyint", "kling-3.0"]["durations"] == list(range(3, 16))
    assert ("anyint-native", "kling-v2-6") in listed
    assert all(model["price_is_estimate"] for model in ran.lines)


async def test_the_line_up_of_the_bot_offers_it_too(
    gateways: LocalGateways, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MATINEE_UNDOCUMENTED_OPTIONS", "true")
    settings = Settings.load(["provider"])

    async with composed.network(settings, VirtualClock()) as network:
        registry = composed.registry(settings, ["anyint-native"], network, MemoryReplyLog())

    assert gateways.requests == []
    assert {model.name for model in registry.catalog} == {"kling-v3", "kling-v3-omni", "kling-v2-6"}


@pytest.mark.usefixtures("gateways")
async def test_doctor_reads_prices_against_the_same_catalogue(
    matinee: Command, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "prices.json").write_text(json.dumps({"anyint-native": {"kling-v2-6": {"std": 0.05}}}))
    monkeypatch.setenv("MATINEE_PRICES_FILE", "prices.json")
    async with LocalDiscord() as discord:
        monkeypatch.setenv("DISCORD_TOKEN", discord.token)
        monkeypatch.setenv("DISCORD_API_URL", discord.api_url)
        monkeypatch.setenv("DISCORD_GATEWAY_URL", discord.gateway_url)

        usual = await matinee("doctor")
        monkeypatch.setenv("MATINEE_UNDOCUMENTED_OPTIONS", "true")
        wanted = await matinee("doctor")

    assert usual.code == 78
    assert usual.out.startswith("✗ MATINEE_PRICES_FILE: There is no model anyint-native kling-v2-6")
    assert wanted.code == 0, wanted.out


@BOTH_OF_ANYINT
async def test_a_status_that_the_operator_vouches_for_is_sent_again(
    matinee: Command, gateways: LocalGateways, folder: Path, monkeypatch: pytest.MonkeyPatch, provider: str
) -> None:
    monkeypatch.setenv("MATINEE_ANYINT_SAFE_STATUSES", "503")
    gateways.faults.add(faults.create_refused(503, 5001, "Server temporarily unavailable"))

    ran = await matinee(*ERASURE, "--provider", provider)

    assert ran.code == 0
    assert (len(gateways.creates()), len(gateways.tasks)) == (2, 1)
    assert (folder / "boat.mp4").read_bytes() == CLIP


@pytest.mark.parametrize(
    ("provider", "vouched", "fault"),
    [
        ("anyint", "", faults.create_refused(503)),
        ("anyint", "502", faults.create_refused(503)),
        ("anyint", "503", faults.after_create(faults.html(503))),
        ("worldrouter", "503", faults.create_refused(503)),
    ],
    ids=["nothing-vouched", "another-status", "not-its-own-words", "another-gateway"],
)
async def test_the_operator_vouches_for_nothing_else(
    matinee: Command,
    gateways: LocalGateways,
    monkeypatch: pytest.MonkeyPatch,
    provider: str,
    vouched: str,
    fault: faults.Fault,
) -> None:
    monkeypatch.setenv("MATINEE_ANYINT_SAFE_STATUSES", vouched)
    gateways.faults.add(fault)

    ran = await matinee(*ERASURE, "--provider", provider)

    assert (ran.code, ran.last["event"]) == (4, "unknown")
    assert len(gateways.creates()) == 1


async def test_generate_finds_a_native_task_whose_reply_was_lost(
    matinee: Command, gateways: LocalGateways, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MATINEE_ANYINT_EXTERNAL_TASK_ID", "true")
    gateways.faults.add(faults.create_accepted_then_reset())
    gateways.faults.add(faults.status_refused(500))

    ran = await matinee(*ERASURE, "--provider", "anyint-native")

    (task,) = gateways.tasks
    assert ran.code == 0
    assert len(gateways.creates()) == 1
    assert ran.lines[0] == {"event": "submitted", "provider": "anyint-native", "task_id": task.id}
    assert (folder / "boat.mp4").read_bytes() == CLIP


async def test_generate_leaves_a_native_task_in_doubt_that_cannot_be_found(
    matinee: Command, gateways: LocalGateways, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MATINEE_ANYINT_EXTERNAL_TASK_ID", "true")
    gateways.faults.add(faults.create_reset())

    ran = await matinee(*ERASURE, "--provider", "anyint-native")

    assert (ran.code, ran.last["event"]) == (4, "unknown")
    assert len(gateways.creates()) == 1


async def test_without_the_setting_no_id_of_ours_is_sent(matinee: Command, gateways: LocalGateways) -> None:
    gateways.faults.add(faults.create_accepted_then_reset())

    ran = await matinee(*ERASURE, "--provider", "anyint-native")

    (create,) = gateways.creates()
    assert (ran.code, ran.last["event"]) == (4, "unknown")
    assert "external_task_id" not in create.json
