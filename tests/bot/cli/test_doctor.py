from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.cli.checks import discord_side
from bot.cli.checks.finding import Finding, Mark, failed, noted, passed
from bot.settings.settings import Settings
from core.community.prompt_channels import PromptChannel, PromptChannels
from sandbox.discord import LocalDiscord
from sandbox.discord.world import BOT_PERMISSIONS
from sandbox.gateways import LocalGateways, faults
from storage.sqlite.database import open_database
from storage.sqlite.notes import SqliteKeyValues
from tests.bot.command_line import Command, Ran
from tests.providers.world import VirtualClock


@pytest.fixture
async def discord(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[LocalDiscord]:
    """A Discord, and settings in the environment that lead to it."""
    async with LocalDiscord() as opened:
        monkeypatch.setenv("DISCORD_TOKEN", opened.token)
        monkeypatch.setenv("DISCORD_API_URL", opened.api_url)
        monkeypatch.setenv("DISCORD_GATEWAY_URL", opened.gateway_url)
        yield opened


def findings(ran: Ran) -> list[Finding]:
    """Read the lines back."""
    parts = [line.partition(": ") for line in ran.out.splitlines()]
    return [Finding(Mark(begin[0]), begin[2:], said) for begin, _, said in parts]


def finding(ran: Ran, subject: str) -> Finding:
    (found,) = [found for found in findings(ran) if found.subject == subject]
    return found


async def discord_finding(subject: str, clock: VirtualClock | None = None) -> Finding:
    findings = await discord_side.check(Settings.load(), clock or VirtualClock())
    (found,) = [found for found in findings if found.subject == subject]
    return found


async def test_a_bot_that_can_start_passes_every_check_and_pays_nothing(
    matinee: Command, discord: LocalDiscord, gateways: LocalGateways
) -> None:
    ran = await matinee("doctor")

    assert (ran.code, ran.err) == (0, "")
    assert {found.subject: found.mark for found in findings(ran)} == {
        "settings": Mark.PASSED,
        "disk": Mark.PASSED,
        "database": Mark.NOTED,
        "ffmpeg": Mark.PASSED,
        "links": Mark.NOTED,
        "token": Mark.PASSED,
        "clock": Mark.PASSED,
        "commands": Mark.PASSED,
        "intents": Mark.PASSED,
        "gateway": Mark.PASSED,
        "servers": Mark.PASSED,
        "AnyInt": Mark.PASSED,
        "WorldRouter": Mark.PASSED,
    }
    assert {request.method for request in discord.requests} == {"GET"}
    assert {request.method for request in gateways.requests} == {"GET"}
    assert gateways.tasks == []
    assert discord.identified == 0


async def test_unusable_settings_are_listed_and_nothing_is_asked(
    matinee: Command, discord: LocalDiscord, gateways: LocalGateways, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MATINEE_LOG_LEVEL", "loud")
    monkeypatch.setenv("MATINEE_POLL_MIN_SECONDS", "-1")

    ran = await matinee("doctor")

    assert ran.code == 78
    assert ran.out.splitlines() == [
        "✗ MATINEE_POLL_MIN_SECONDS: must be more than 0.",
        "✗ MATINEE_LOG_LEVEL: must be 'debug', 'info', 'warning' or 'error'.",
    ]
    assert discord.requests == []
    assert gateways.requests == []


async def test_failures_say_what_to_do_and_never_show_a_secret(
    matinee: Command, discord: LocalDiscord, gateways: LocalGateways, monkeypatch: pytest.MonkeyPatch
) -> None:
    del discord
    monkeypatch.setenv("DISCORD_TOKEN", "an.old.token")
    monkeypatch.setenv("ANYINT_API_KEY", "an-old-key")
    monkeypatch.setenv("WORLDROUTER_API_KEY", gateways.worldrouter_personal_key)

    ran = await matinee("doctor")

    assert ran.code == 1
    assert finding(ran, "token") == failed(
        "token",
        "Discord refuses it. Copy it anew from the Bot page of your application into DISCORD_TOKEN.",
    )
    assert finding(ran, "AnyInt").said.startswith("refuses the key (HTTP 401")
    assert finding(ran, "AnyInt").said.endswith("Copy it anew into ANYINT_API_KEY.")
    assert "kling_team_required" in finding(ran, "WorldRouter").said
    secrets = ("an.old.token", "an-old-key", gateways.worldrouter_personal_key)
    assert not [secret for secret in secrets if secret in ran.out]


async def test_a_misspelt_setting_is_pointed_out(
    matinee: Command, discord: LocalDiscord, gateways: LocalGateways, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MATINEE_POLL_FIRST", "5")

    ran = await matinee("doctor")

    assert discord.requests
    assert gateways.requests
    assert ran.code == 0
    assert finding(ran, "settings") == noted(
        "settings", "usable, but MATINEE_POLL_FIRST is no setting and has no effect"
    )


async def test_gateways_that_are_not_there_or_not_used_are_told_apart(
    matinee: Command, discord: LocalDiscord, gateways: LocalGateways, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MATINEE_PROVIDERS", "anyint-native")

    async with gateways.unreachable("anyint"):
        ran = await matinee("doctor")

    assert discord.requests
    assert ran.code == 1
    assert finding(ran, "AnyInt").said.endswith("Check the network and ANYINT_BASE_URL.")
    assert finding(ran, "WorldRouter") == noted("WorldRouter", "not used: MATINEE_PROVIDERS leaves it out")


async def test_discord_that_is_not_there_is_one_finding(
    matinee: Command, gateways: LocalGateways, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DISCORD_TOKEN", "some.made.up.token")
    monkeypatch.setenv("DISCORD_API_URL", "http://127.0.0.1:9/api/v10")

    ran = await matinee("doctor")

    assert gateways.requests
    assert ran.code == 1
    assert finding(ran, "Discord").said.startswith("it does not answer (ClientConnectorError).")
    assert finding(ran, "AnyInt").mark is Mark.PASSED


@pytest.mark.usefixtures("discord")
async def test_a_clock_that_is_wrong_is_told_by_how_much() -> None:
    clock = VirtualClock()
    await clock.sleep(3600)

    found = await discord_finding("clock", clock)

    assert found.is_failure
    assert found.said.startswith(("3600 seconds ahead", "3599 seconds ahead", "3601 seconds ahead"))


async def test_what_a_server_does_not_allow_is_named(discord: LocalDiscord) -> None:
    guild = discord.world.get_guild(discord.guild_id)
    for role in guild.roles.values():
        role.permissions = BOT_PERMISSIONS & ~(1 << 15 | 1 << 14)
    guild.name = "Film\nClub"

    found = await discord_finding("servers")

    assert found.is_failure
    assert "\n" not in str(found)
    assert "in Film Club the bot lacks Embed Links, Attach Files." in str(found)
    assert f"permissions={BOT_PERMISSIONS}" in found.said


async def test_a_bot_in_no_server_is_told_how_to_get_into_one(discord: LocalDiscord) -> None:
    discord.world.guilds.clear()

    found = await discord_finding("servers")

    assert found.mark is Mark.NOTED
    assert f"client_id={discord.application_id}" in found.said


@pytest.fixture
async def prompt_channel(folder: Path) -> None:
    """A database in which a channel is made of prompts."""
    async with open_database(folder / "data" / "matinee.db") as database:
        channels = PromptChannels(SqliteKeyValues(database))
        await channels.keep(PromptChannel(channel_id=1, guild_id=2))


@pytest.mark.usefixtures("prompt_channel")
async def test_prompt_channels_that_the_bot_may_not_read_are_reported(discord: LocalDiscord) -> None:
    discord.world.message_content = False

    found = await discord_finding("intents")

    assert found == failed(
        "intents",
        "the application lacks Message Content. In prompt channels the bot hears only what calls it by name. "
        "Switch it on at the Bot page of your application.",
    )


@pytest.mark.usefixtures("discord", "prompt_channel")
async def test_prompt_channels_that_the_bot_may_read_are_well() -> None:
    found = await discord_finding("intents")

    assert found == passed("intents", "Message Content granted")


async def test_without_prompt_channels_it_does_not_matter_what_the_bot_may_read(
    discord: LocalDiscord,
) -> None:
    discord.world.message_content = False

    found = await discord_finding("intents")

    assert found.mark is Mark.PASSED


async def test_an_unreachable_gateway_is_reported(
    discord: LocalDiscord, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DISCORD_GATEWAY_URL", "ws://127.0.0.1:9/gateway")

    found = await discord_finding("gateway")

    assert discord.requests
    assert found.is_failure
    assert "127.0.0.1 cannot be reached" in found.said


@pytest.mark.parametrize("status", [403, 500])
async def test_discord_in_trouble_is_no_reason_to_doubt_the_token(discord: LocalDiscord, status: int) -> None:
    discord.faults.answer_instead("GET", "/users/@me$", status)

    found = await discord_finding("token")

    assert found.is_failure
    assert f"HTTP {status}" in found.said


@pytest.mark.parametrize("path", ["/oauth2/applications/@me", "/gateway/bot", "/users/@me/guilds"])
async def test_an_answer_that_is_missing_is_reported(discord: LocalDiscord, path: str) -> None:
    discord.faults.answer_instead("GET", path, 503)

    found = await discord_finding("Discord")

    assert found.is_failure
    assert f"it answers {path}" in found.said


@pytest.mark.parametrize(
    ("fault", "mark"),
    [
        (
            faults.Fault(on=("models",), answer=faults.refuses(404, "not_found")),
            Mark.PASSED,
        ),  # the task route tells
        (faults.Fault(on=("models",), answer=faults.refuses(503)), Mark.PASSED),
        (faults.Fault(on=("models",), answer=faults.html(200)), Mark.PASSED),
        (faults.Fault(on=("models", "status"), answer=faults.refuses(503), times=2), Mark.NOTED),
        (faults.Fault(on=("models", "status"), answer=faults.refuses(401), times=2), Mark.FAILED),
        (faults.Fault(on=("models",), answer=faults.says({"data": [{"id": "kling-3.0"}]})), Mark.NOTED),
    ],
)
async def test_only_a_clear_answer_says_that_a_key_is_good_or_bad(
    matinee: Command, discord: LocalDiscord, gateways: LocalGateways, fault: faults.Fault, mark: Mark
) -> None:
    gateways.faults.add(fault, surface="anyint")

    ran = await matinee("doctor")

    assert discord.requests
    assert finding(ran, "AnyInt").mark is mark, ran.out
    assert ran.code == (1 if mark is Mark.FAILED else 0)
