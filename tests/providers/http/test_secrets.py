"""Hard cases 71 to 74: running it. Numbers are those of the project's list of hard cases."""

import logging
import traceback
from pathlib import Path

import pytest

from core.model.errors import MatineeError, Refusal, Refused
from core.model.video import Result
from core.ports import Finished, Provider
from providers import AnyInt, AnyIntNative, Network, WorldRouter
from sandbox.gateways import FOREVER, LocalGateways
from sandbox.gateways.faults import create_refused, file_refused, media_link_expires, status_refused
from tests.providers.world import (
    CLIP,
    TEXT,
    RememberedReplies,
    VirtualClock,
    built,
    film,
    order,
    outcome,
)

SIGNATURE = "sig=0123456789abcdef"


async def test_case_71_logs_hold_no_key_no_signed_link_and_no_prompt(
    provider: Provider, gateways: LocalGateways, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    created = await provider.create(order(provider.name))
    finished = await outcome(provider, created.ticket, gateways)
    assert isinstance(finished, Finished)
    signed = Result(url=f"{finished.result.url}?{SIGNATURE}", seen_at=finished.result.seen_at)
    await provider.fetch(created.ticket, signed, tmp_path / "video-1.mp4")

    ours = [record for record in caplog.records if not record.name.startswith("aiohttp.access")]
    written = "\n".join(f"{record.getMessage()} {vars(record)}" for record in ours)
    for secret in (gateways.anyint_key, gateways.worldrouter_key, SIGNATURE, TEXT.prompt):
        assert secret not in written


async def test_case_71_errors_hold_no_key_and_no_signed_link(
    provider: Provider, gateways: LocalGateways, tmp_path: Path
) -> None:
    created = await provider.create(order(provider.name))
    echo = (
        f"Key {gateways.anyint_key} {gateways.worldrouter_key} may not read https://cdn.example/a?{SIGNATURE}"
    )
    gateways.faults.add(create_refused(400, "denied", echo))
    gateways.faults.add(status_refused(500, "denied", echo))
    gateways.faults.add(file_refused(403), times=FOREVER)
    signed = Result(url=f"{gateways.worldrouter_url}/media/kling/a?{SIGNATURE}", seen_at=VirtualClock().now())
    errors: list[MatineeError] = []
    for attempt in (
        provider.create(order(provider.name)),
        provider.check(created.ticket),
        provider.fetch(created.ticket, signed, tmp_path / "video-1.mp4"),
    ):
        try:
            await attempt
        except MatineeError as error:
            errors.append(error)

    told = "\n".join("".join(traceback.format_exception(error)) + repr(error) for error in errors)
    own_key = gateways.worldrouter_key if provider.name == "worldrouter" else gateways.anyint_key
    assert len(errors) == 3
    assert own_key not in told
    assert SIGNATURE not in told


async def test_case_72_a_clip_can_be_fetched_long_after_any_interaction_has_died(
    provider: Provider, gateways: LocalGateways, clock: VirtualClock, tmp_path: Path
) -> None:
    created = await provider.create(order(provider.name))
    await clock.sleep(3 * 3600)

    await film(provider, created.ticket, gateways, tmp_path / "video-1.mp4")

    assert (tmp_path / "video-1.mp4").read_bytes() == CLIP


@pytest.mark.parametrize(
    ("status", "code", "message"),
    [
        (400, "unsupported_model", "unsupported model: 'kling-v3'"),
        (400, "invalid", "Unsupported model"),
        (400, "invalid", "The model kling-v3 does not exist"),
        (404, 1203, "model not found"),
        (404, "not_found", "No such route"),
    ],
)
async def test_case_73_a_model_that_was_taken_away_is_for_the_operator(
    provider: Provider, gateways: LocalGateways, status: int, code: str | int, message: str
) -> None:
    gateways.faults.add(create_refused(status, code, message))

    with pytest.raises(Refused) as caught:
        await provider.create(order(provider.name))

    assert caught.value.why is Refusal.CONFIGURATION


async def test_case_74_a_cap_of_the_account_holds_for_both_surfaces_of_a_gateway(
    anyint: AnyInt, native: AnyIntNative, gateways: LocalGateways
) -> None:
    gateways.anyint_limits.pending = 1
    await anyint.create(order("anyint"))

    with pytest.raises(Refused) as caught:
        await native.create(order("anyint-native"))

    assert caught.value.why is Refusal.BUSY
    assert AnyInt.gateway == AnyIntNative.gateway != WorldRouter.gateway


async def test_a_dead_link_does_not_show_in_the_error(
    gateways: LocalGateways, network: Network, replies: RememberedReplies, tmp_path: Path
) -> None:
    worldrouter = built("worldrouter", gateways, network, replies)
    gateways.faults.add(media_link_expires())
    created = await worldrouter.create(order("worldrouter"))
    finished = await outcome(worldrouter, created.ticket, gateways)
    assert isinstance(finished, Finished)
    assert finished.result.url is not None

    with pytest.raises(MatineeError) as caught:
        await worldrouter.fetch(created.ticket, finished.result, tmp_path / "video-1.mp4")

    assert finished.result.url not in "".join(traceback.format_exception(caught.value))
