"""The program as a process of its own: what only shows there."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from sandbox.gateways import LocalGateways, faults
from tests.bot.command_line import ended, process, settings_for, started
from tests.providers.world import CLIP


async def test_generate_makes_a_video_over_plain_http_on_this_machine(
    gateways: LocalGateways, folder: Path
) -> None:
    ran = await process("generate", "A boat", "-o", "boat.mp4", "--json", environment=settings_for(gateways))

    assert (ran.code, ran.err) == (0, "")
    assert [event["event"] for event in ran.lines if event["event"] != "progress"] == ["submitted", "done"]
    assert (folder / "boat.mp4").read_bytes() == CLIP


async def test_an_unknown_outcome_is_sent_once(gateways: LocalGateways) -> None:
    gateways.faults.add(faults.create_accepted_then_reset())

    ran = await process("generate", "A boat", "-o", "boat.mp4", "--json", environment=settings_for(gateways))

    assert (ran.code, ran.last["event"], ran.err) == (4, "unknown", "")
    assert len(gateways.creates()) == 1


async def test_ctrl_c_leaves_the_task_running_and_says_so(gateways: LocalGateways) -> None:
    gateways.faults.add(faults.task_never_ends())
    running = await started(
        "generate", "A boat", "-o", "boat.mp4", "--json", environment=settings_for(gateways)
    )

    await gateways.until(lambda: any(request.stage == "status" for request in gateways.requests))
    running.send_signal(signal.SIGINT)
    ran = await ended(running)

    assert ran.code == 130
    assert ran.err == (
        f"Interrupted. Task {gateways.tasks[0].id} goes on at anyint and will be charged; "
        "ask there for the video.\n"
    )
    assert ran.lines[0]["event"] == "submitted"


async def test_ctrl_c_while_the_paid_request_is_unanswered_says_that_it_may_be_charged(
    gateways: LocalGateways,
) -> None:
    gateways.faults.add(faults.create_accepted_then_hangs())
    patient = {**settings_for(gateways), "MATINEE_CREATE_READ_TIMEOUT_SECONDS": "60"}
    running = await started("generate", "A boat", "-o", "boat.mp4", environment=patient)

    await gateways.until(lambda: gateways.tasks)
    running.send_signal(signal.SIGINT)
    ran = await ended(running)

    assert ran.code == 130
    assert "may be charged" in ran.err
    assert "Traceback" not in ran.err


@pytest.mark.parametrize("command", ["run", "doctor"])
async def test_unusable_settings_end_with_78_and_never_show_a_key(command: str) -> None:
    canary = "sk-canary-0123456789"
    environment = {"ANYINT_API_KEY": f"{canary} {canary}", "ANYINT_BASE_URL": canary}

    ran = await process(command, environment=environment)

    assert ran.code == 78
    assert {line.removeprefix("✗ ").partition(":")[0] for line in (ran.out + ran.err).splitlines()} == {
        "ANYINT_API_KEY",
        "ANYINT_BASE_URL",
        "DISCORD_TOKEN",
    }
    assert canary not in ran.out + ran.err
