"""What is promised of every surface alike."""

from dataclasses import replace
from pathlib import Path
from urllib.parse import unquote

import pytest

from core.model.errors import CheckFailed, OutcomeUnknown, TaskMissing
from core.model.video import VideoRequest
from core.ports import Finished, Provider
from providers import Network, build
from sandbox.gateways import LocalGateways
from sandbox.gateways.faults import create_says
from tests.providers.world import CLIP, OMNI, PICTURE, TEXT, RememberedReplies, film, order, outcome


@pytest.mark.parametrize(
    "request_", [TEXT, replace(TEXT, first_frame=PICTURE), OMNI, replace(OMNI, first_frame=PICTURE)]
)
async def test_each_kind_of_request_is_accepted_as_written(
    provider: Provider, gateways: LocalGateways, request_: VideoRequest
) -> None:
    created = await provider.create(order(provider.name, request_))

    assert created.ticket.provider == provider.name
    assert [created.ticket.task_id] == [task.id for task in gateways.tasks]


async def test_a_clip_comes_whole(provider: Provider, gateways: LocalGateways, tmp_path: Path) -> None:
    created = await provider.create(order(provider.name))
    await film(provider, created.ticket, gateways, tmp_path / "video-7.mp4")

    assert (tmp_path / "video-7.mp4").read_bytes() == CLIP
    assert [path.name for path in tmp_path.iterdir()] == ["video-7.mp4"]


async def test_the_log_of_replies_tells_as_much_as_the_reply_did(
    provider: Provider, replies: RememberedReplies
) -> None:
    created = await provider.create(order(provider.name, job_id=7))
    reply = await replies.last(7)

    assert reply is not None
    assert provider.read(reply) == created


async def test_an_unknown_task_is_missing(provider: Provider) -> None:
    created = await provider.create(order(provider.name))

    with pytest.raises(TaskMissing):
        await provider.check(replace(created.ticket, task_id="1234567890"))


async def test_a_task_of_another_key_is_not_missing_but_out_of_reach(provider: Provider) -> None:
    created = await provider.create(order(provider.name))

    with pytest.raises(CheckFailed, match="another key"):
        await provider.check(replace(created.ticket, task_id="1234567890", key_fingerprint="0" * 12))


async def test_an_order_in_doubt_cannot_be_found_without_its_id(provider: Provider) -> None:
    assert await provider.look_up(order(provider.name)) is None


async def test_native_finds_an_order_in_doubt_by_our_own_id(
    gateways: LocalGateways, network: Network, replies: RememberedReplies
) -> None:
    native = build(
        ["anyint-native"],
        keys={"anyint": gateways.anyint_key},
        base_urls={"anyint": gateways.anyint_url},
        network=network,
        replies=replies,
        sends_job_id=True,
    )["anyint-native"]
    created = await native.create(order("anyint-native", job_id=5))
    found = await native.look_up(order("anyint-native", job_id=5))
    not_found = await native.look_up(order("anyint-native", job_id=6))

    assert found is not None
    assert found.ticket == created.ticket
    assert not_found is None


async def test_surfaces_stay_in_the_order_of_preference(
    gateways: LocalGateways, network: Network, replies: RememberedReplies
) -> None:
    keys = {"anyint": gateways.anyint_key, "worldrouter": gateways.worldrouter_key}
    built = build(["worldrouter", "anyint"], keys=keys, base_urls={}, network=network, replies=replies)

    assert list(built) == ["worldrouter", "anyint"]


@pytest.mark.parametrize(
    ("names", "keys", "base_urls", "complaint"),
    [
        (["runway"], {}, {}, "no provider “runway”"),
        (["anyint"], {"worldrouter": "k"}, {}, "needs a key for anyint"),
        (["anyint"], {"anyint": "two words"}, {}, "characters that no key has"),
        (["anyint"], {"anyint": "k"}, {"anyint": "http://gateway.example"}, "in the clear"),
        (["anyint"], {"anyint": "k"}, {"anyint": "https://user:pw@gateway.example"}, "https://host"),
    ],
)
async def test_unusable_settings_are_said_in_words(
    network: Network,
    replies: RememberedReplies,
    names: list[str],
    keys: dict[str, str],
    base_urls: dict[str, str],
    complaint: str,
) -> None:
    with pytest.raises(ValueError, match=complaint):
        build(names, keys=keys, base_urls=base_urls, network=network, replies=replies)


async def test_closing_a_surface_leaves_the_network_to_its_owner(
    provider: Provider, gateways: LocalGateways
) -> None:
    await provider.close()
    created = await provider.create(order(provider.name))

    assert isinstance(await outcome(provider, created.ticket, gateways), Finished)


@pytest.mark.parametrize("task_id", ["a/b?c=d#e", "%41%2F..", "video_é=", "..hidden", "a b", "a" * 600])
async def test_an_id_is_opaque_and_comes_back_as_it_was_given(
    provider: Provider, gateways: LocalGateways, task_id: str
) -> None:
    gateways.faults.add(create_says({"id": task_id, "data": {"task_id": task_id}}))
    created = await provider.create(order(provider.name))

    with pytest.raises(TaskMissing):
        await provider.check(created.ticket)

    assert unquote(gateways.requests[-1].path).endswith(f"/{task_id}")


@pytest.mark.parametrize("task_id", [".", "..", "a\nb", "a" * 2000, "\ud800"])
async def test_an_id_that_cannot_be_asked_for_leaves_the_outcome_unknown(
    provider: Provider, gateways: LocalGateways, task_id: str
) -> None:
    gateways.faults.add(create_says({"id": task_id, "data": {"task_id": task_id}}))

    with pytest.raises(OutcomeUnknown):
        await provider.create(order(provider.name))
