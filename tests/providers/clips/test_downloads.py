"""Hard cases 60 to 70: fetching the clip whole. Numbers are those of the project's list of hard cases."""

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from core.model.errors import FetchFailed, LinkExpired
from core.ports import Finished, Provider
from providers import AnyInt, Network
from providers.http.clients import Limits
from sandbox.gateways import FOREVER, Fault, LocalGateways
from sandbox.gateways.faults import (
    after_file,
    file_cut_short,
    file_drips,
    file_gzipped,
    file_is_at,
    file_is_empty,
    file_is_endless,
    file_is_html,
    file_is_huge,
    file_is_json_error,
    file_is_picture,
    file_not_ready,
    file_redirected,
    file_refused,
    file_resets_midway,
    file_truncated,
    link_reads,
    media_link_expires,
    on_file,
    says,
    slowly,
    usual,
)
from tests.providers.world import (
    CLIP,
    RememberedReplies,
    VirtualClock,
    box,
    built,
    fetched,
    fetched_at_last,
    film,
    keys_sent,
    order,
    ready,
)


@pytest.mark.parametrize("status", [202, 400, 404, 409, 425])
async def test_case_60_a_content_route_that_is_not_ready_is_asked_again(
    anyint: AnyInt, gateways: LocalGateways, tmp_path: Path, status: int
) -> None:
    gateways.faults.add(file_not_ready(status), times=5)

    assert (await fetched_at_last(anyint, gateways, tmp_path, failures=5)).size == len(CLIP)


@pytest.mark.parametrize("fault", [file_not_ready(), file_is_empty(), file_truncated(), file_refused(503)])
async def test_case_60_nothing_is_asked_twice_in_one_go_and_nothing_waited_for(
    provider: Provider, gateways: LocalGateways, clock: VirtualClock, tmp_path: Path, fault: Fault
) -> None:
    """A caller that waits between tries delays no other meanwhile: that is the engine."""
    gateways.faults.add(replace(fault, times=FOREVER))

    with pytest.raises(FetchFailed):
        await fetched(provider, gateways, tmp_path)

    assert clock.waits == []
    assert len(keys_sent(gateways)) == 1


@pytest.mark.parametrize("field", ["url", "video_url", "download_url"])
async def test_case_61_a_note_instead_of_the_clip_is_followed_once_without_the_key(
    anyint: AnyInt, gateways: LocalGateways, media_link: str, tmp_path: Path, field: str
) -> None:
    gateways.faults.add(file_is_at(media_link, field))

    assert (await fetched(anyint, gateways, tmp_path)).size == len(CLIP)
    assert keys_sent(gateways) == [f"Bearer {gateways.anyint_key}", None]


async def test_case_61_a_note_that_leads_to_a_note_leads_nowhere(
    anyint: AnyInt, gateways: LocalGateways, media_link: str, tmp_path: Path
) -> None:
    gateways.faults.add(file_is_at(media_link), times=FOREVER)

    with pytest.raises(FetchFailed, match="not an MP4"):
        await fetched(anyint, gateways, tmp_path)


@pytest.mark.parametrize(
    "fault",
    [
        file_is_html(),
        file_is_json_error(),
        file_is_picture(),
        on_file(says(b"\x1aE\xdf\xa3webm" + b"x" * 99)),
    ],
)
async def test_case_62_what_is_not_an_mp4_is_never_kept(
    provider: Provider, gateways: LocalGateways, tmp_path: Path, fault: Fault
) -> None:
    gateways.faults.add(replace(fault, times=1))
    video = await fetched_at_last(provider, gateways, tmp_path, failures=1)
    gateways.faults.add(replace(fault, times=FOREVER))
    ticket, result = await ready(provider, gateways)

    assert video.size == len(CLIP)
    with pytest.raises(FetchFailed, match="not an MP4"):
        await provider.fetch(ticket, result, tmp_path / "video-2.mp4")
    assert [path.name for path in tmp_path.iterdir()] == ["video-1.mp4"]


async def test_case_62_the_content_type_of_a_clip_decides_nothing(
    provider: Provider, gateways: LocalGateways, tmp_path: Path
) -> None:
    gateways.faults.add(on_file(says(CLIP, kind="text/html")))

    assert (await fetched(provider, gateways, tmp_path)).size == len(CLIP)


@pytest.mark.parametrize(
    "fault",
    [
        file_truncated(),
        file_truncated(is_length_told=False),
        file_cut_short(),
        on_file(says(box(b"ftyp", b"isom") + box(b"mdat", b"x" * 100))),
    ],
)
async def test_case_63_half_a_clip_is_noticed_and_fetched_again(
    provider: Provider, gateways: LocalGateways, tmp_path: Path, fault: Fault
) -> None:
    gateways.faults.add(replace(fault, times=2))

    await fetched_at_last(provider, gateways, tmp_path, failures=2)

    assert (tmp_path / "video-1.mp4").read_bytes() == CLIP


async def test_case_64_a_clip_that_was_packed_is_unpacked(
    provider: Provider, gateways: LocalGateways, tmp_path: Path
) -> None:
    gateways.faults.add(file_gzipped())

    await fetched(provider, gateways, tmp_path)

    assert (tmp_path / "video-1.mp4").read_bytes() == CLIP


@pytest.mark.parametrize("fault", [file_is_huge(3), file_is_endless()])
async def test_case_65_a_clip_that_is_too_large_is_cut_off(
    provider: Provider,
    gateways: LocalGateways,
    network: Network,
    replies: RememberedReplies,
    tmp_path: Path,
    fault: Fault,
) -> None:
    strict = built(provider.name, gateways, replace(network, limits=Limits(file_bytes=2_000_000)), replies)
    gateways.faults.add(replace(fault, times=1))

    with pytest.raises(FetchFailed, match="larger than 2,000,000 bytes"):
        await fetched(strict, gateways, tmp_path)

    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("status", [403, 404, 410])
@pytest.mark.parametrize("name", ["anyint-native", "worldrouter"])
async def test_case_66_a_dead_link_is_replaced_by_asking_once_more(
    gateways: LocalGateways,
    network: Network,
    replies: RememberedReplies,
    tmp_path: Path,
    name: str,
    status: int,
) -> None:
    provider = built(name, gateways, network, replies)
    gateways.faults.add(media_link_expires(status=status))
    ticket, dead = await ready(provider, gateways)

    with pytest.raises(LinkExpired):
        await provider.fetch(ticket, dead, tmp_path / "video-1.mp4")
    fresh = await provider.check(ticket)

    assert isinstance(fresh, Finished)
    assert (await provider.fetch(ticket, fresh.result, tmp_path / "video-1.mp4")).size == len(CLIP)


async def test_case_66_a_dead_link_behind_a_content_route_is_renewed_by_the_route(
    anyint: AnyInt, gateways: LocalGateways, media_link: str, tmp_path: Path
) -> None:
    gateways.faults.add(file_redirected(media_link), times=2, surface="anyint")
    gateways.faults.add(file_refused(403), surface="worldrouter")

    assert (await fetched_at_last(anyint, gateways, tmp_path, failures=1)).size == len(CLIP)


async def test_case_66_a_dead_link_that_anyint_gave_is_replaced_by_its_content_route(
    anyint: AnyInt, gateways: LocalGateways, media_link: str, tmp_path: Path
) -> None:
    created = await anyint.create(order("anyint"))
    await gateways.until(lambda: all(task.is_over for task in gateways.tasks))
    gateways.faults.add(link_reads(media_link))
    gateways.faults.add(file_refused(403))

    assert (await film(anyint, created.ticket, gateways, tmp_path / "video-1.mp4")).size == len(CLIP)


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503])
async def test_case_67_trouble_at_the_file_server_passes(
    provider: Provider, gateways: LocalGateways, tmp_path: Path, status: int
) -> None:
    gateways.faults.add(file_refused(status), times=3)

    assert (await fetched_at_last(provider, gateways, tmp_path, failures=3)).size == len(CLIP)


async def test_case_68_a_gateway_may_take_its_time_before_the_first_byte(
    provider: Provider, gateways: LocalGateways, network: Network, tmp_path: Path
) -> None:
    gateways.faults.add(after_file(slowly(0.2, usual())))

    assert (await fetched(provider, gateways, tmp_path)).size == len(CLIP)
    assert network.fetching.timeout.read == 120


async def test_case_69_a_broken_download_starts_again_and_appears_at_once(
    provider: Provider, gateways: LocalGateways, tmp_path: Path
) -> None:
    gateways.faults.add(file_resets_midway(), times=2)

    video = await fetched_at_last(provider, gateways, tmp_path, failures=2)

    assert (tmp_path / video.file).read_bytes() == CLIP
    assert [path.name for path in tmp_path.iterdir()] == ["video-1.mp4"]
    assert not any("Range" in sent.headers for sent in gateways.requests)


async def test_case_69_a_download_that_is_called_off_leaves_nothing_behind(
    provider: Provider, gateways: LocalGateways, tmp_path: Path
) -> None:
    ticket, result = await ready(provider, gateways)
    gateways.faults.add(file_drips(0.01))

    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.4):
            await provider.fetch(ticket, result, tmp_path / "video-1.mp4")

    assert list(tmp_path.iterdir()) == []


async def test_case_70_an_empty_body_is_not_ready_yet(
    provider: Provider, gateways: LocalGateways, tmp_path: Path
) -> None:
    gateways.faults.add(file_is_empty(), times=2)

    assert (await fetched_at_last(provider, gateways, tmp_path, failures=2)).size == len(CLIP)


@pytest.fixture
def hurried(network: Network) -> Network:
    return replace(network, limits=Limits(window_seconds=0.1, least_bytes_per_second=1000, file_seconds=2))


async def test_a_clip_that_drips_is_given_up(
    provider: Provider,
    gateways: LocalGateways,
    hurried: Network,
    replies: RememberedReplies,
    tmp_path: Path,
) -> None:
    gateways.faults.add(file_drips(0.01))

    with pytest.raises(FetchFailed, match="too slowly"):
        await fetched(built(provider.name, gateways, hurried, replies), gateways, tmp_path)


async def test_a_disk_that_cannot_be_written_is_said_in_words(
    provider: Provider, gateways: LocalGateways, tmp_path: Path
) -> None:
    ticket, result = await ready(provider, gateways)

    with pytest.raises(FetchFailed, match="No such file or directory"):
        await provider.fetch(ticket, result, tmp_path / "missing" / "video-1.mp4")
