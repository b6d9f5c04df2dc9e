"""Hard cases 56 to 70: fetching the clip. Numbers are those of the project's list of hard cases."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from core.errors import FetchFailed, LinkExpired
from core.jobs import Ticket
from core.ports import Finished, Provider
from core.video import Result, StoredVideo
from providers import AnyInt, Network
from providers.addresses import Addresses
from providers.anyint import resolved
from providers.clients import Limits
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
    reshaped,
    says,
    slowly,
    usual,
)
from tests.providers.world import CLIP, RememberedReplies, VirtualClock, box, built, film, order, outcome

ROOT = "https://api.anyint.ai"
CONTENT = f"{ROOT}/openai/v1/videos/x/content"


async def ready(provider: Provider, gateways: LocalGateways) -> tuple[Ticket, Result]:
    """Order a clip and wait until it can be fetched."""
    created = await provider.create(order(provider.name))
    progress = await outcome(provider, created.ticket, gateways)
    assert isinstance(progress, Finished)
    return created.ticket, progress.result


async def fetched(provider: Provider, gateways: LocalGateways, folder: Path) -> StoredVideo:
    ticket, result = await ready(provider, gateways)
    return await provider.fetch(ticket, result, folder / "video-1.mp4")


def keys_sent(gateways: LocalGateways) -> list[str | None]:
    """Return the authorisation of each request for a file, in order."""
    return [
        sent.headers.get("Authorization") for sent in gateways.requests if sent.stage in {"content", "media"}
    ]


@pytest.fixture
async def media_link(gateways: LocalGateways, network: Network) -> str:
    """A living link to a clip on a host that is not AnyInt's."""
    worldrouter = built("worldrouter", gateways, network, RememberedReplies())
    _, result = await ready(worldrouter, gateways)
    assert result.url is not None
    return result.url


@pytest.mark.parametrize(
    ("link", "address"),
    [
        ("/v1/videos/x/content", CONTENT),
        ("v1/videos/x/content", CONTENT),
        ("/openai/v1/videos/x/content", CONTENT),
        ("openai/v1/videos/x/content", CONTENT),
        (f"{ROOT}/openai/v1/videos/x/content", CONTENT),
        ("https://cdn.example/a.mp4?sig=%7E%41", "https://cdn.example/a.mp4?sig=%7E%41"),
        ("/v1/videos/x/content?variant=a", f"{CONTENT}?variant=a"),
        ("//evil.example/a.mp4", None),
        ("/v1/../../admin", None),
        ("/v1/%2e%2e/%2E%2E/admin", None),
        ("..", None),
        ("/v1\\..\\admin", None),
        ("file:///etc/passwd", None),
        ("javascript:alert(1)", None),
        ("https://user:secret@cdn.example/a.mp4", None),
        ("https:///a.mp4", None),
        ("https://[::1/a.mp4", None),
        ("/v1/videos/x\ncontent", None),
        ("", None),
    ],
)
def test_case_56_a_link_is_resolved_in_every_form_and_never_astray(link: str, address: str | None) -> None:
    assert resolved(link, ROOT) == address


@pytest.mark.parametrize("written", ["", "/", "/openai", "/openai/", "/openai/v1", "/openai/v1/videos"])
async def test_case_56_the_base_url_may_be_written_in_any_form(
    gateways: LocalGateways, network: Network, replies: RememberedReplies, tmp_path: Path, written: str
) -> None:
    anyint = AnyInt(
        base_url=gateways.anyint_url + written, key=gateways.anyint_key, network=network, replies=replies
    )

    assert (await fetched(anyint, gateways, tmp_path)).size == len(CLIP)


@pytest.mark.parametrize("prefix", ["/v1/videos/", "/openai/v1/videos/", "v1/videos/"])
async def test_case_56_a_relative_link_leads_to_the_clip(
    anyint: AnyInt, gateways: LocalGateways, tmp_path: Path, prefix: str
) -> None:
    created = await anyint.create(order("anyint"))
    await gateways.until(lambda: gateways.tasks[0].is_over)
    gateways.faults.add(link_reads(f"{prefix}{created.ticket.task_id}/content"))

    assert (await film(anyint, created.ticket, gateways, tmp_path / "video-1.mp4")).size == len(CLIP)


async def test_case_57_the_key_goes_to_its_own_gateway_only(
    anyint: AnyInt, gateways: LocalGateways, media_link: str, tmp_path: Path
) -> None:
    await fetched(anyint, gateways, tmp_path)
    created = await anyint.create(order("anyint"))
    await gateways.until(lambda: all(task.is_over for task in gateways.tasks))
    gateways.faults.add(link_reads(media_link))
    await film(anyint, created.ticket, gateways, tmp_path / "video-2.mp4")

    assert keys_sent(gateways) == [f"Bearer {gateways.anyint_key}", None]


@pytest.mark.parametrize("name", ["anyint-native", "worldrouter"])
async def test_case_57_a_link_that_needs_no_key_gets_none(
    gateways: LocalGateways, network: Network, replies: RememberedReplies, tmp_path: Path, name: str
) -> None:
    await fetched(built(name, gateways, network, replies), gateways, tmp_path)

    assert keys_sent(gateways) == [None]


async def test_case_58_a_redirect_to_another_host_goes_without_the_key(
    anyint: AnyInt, gateways: LocalGateways, media_link: str, tmp_path: Path
) -> None:
    gateways.faults.add(file_redirected(media_link))

    await fetched(anyint, gateways, tmp_path)

    assert keys_sent(gateways) == [f"Bearer {gateways.anyint_key}", None]


async def test_case_58_three_redirects_are_followed_and_no_more(
    provider: Provider, gateways: LocalGateways, tmp_path: Path
) -> None:
    ticket, result = await ready(provider, gateways)
    gateways.faults.add(file_redirected(), times=3)
    await provider.fetch(ticket, result, tmp_path / "video-1.mp4")
    gateways.faults.add(file_redirected(), times=FOREVER)

    with pytest.raises(FetchFailed, match="without end"):
        await provider.fetch(ticket, result, tmp_path / "video-2.mp4")


@pytest.mark.parametrize(
    "to",
    [
        "http://127.0.0.1:1/a.mp4",
        "https://127.0.0.1/a.mp4",
        "https://169.254.169.254/latest/meta-data",
        "https://[::ffff:10.0.0.1]/a.mp4",
        "https://localhost/a.mp4",
        "https://0x7f.1/a.mp4",
        "https://user:pw@example.com/a.mp4",
        "file:///etc/passwd",
        "ftp://example.com/a.mp4",
    ],
)
async def test_case_58_a_redirect_to_a_place_inside_is_not_followed(
    anyint: AnyInt, gateways: LocalGateways, tmp_path: Path, to: str
) -> None:
    gateways.faults.add(file_redirected(to))

    with pytest.raises(FetchFailed):
        await fetched(anyint, gateways, tmp_path)

    assert list(tmp_path.iterdir()) == []


async def test_case_59_a_redirect_to_plain_http_is_refused(
    anyint: AnyInt, gateways: LocalGateways, tmp_path: Path
) -> None:
    gateways.faults.add(file_redirected("http://media.example.com/a.mp4"))

    with pytest.raises(FetchFailed, match=r"media\.example\.com is not plain https"):
        await fetched(anyint, gateways, tmp_path)


@pytest.mark.parametrize("status", [202, 400, 404, 409, 425])
async def test_case_60_a_content_route_that_is_not_ready_is_asked_again(
    anyint: AnyInt, gateways: LocalGateways, clock: VirtualClock, tmp_path: Path, status: int
) -> None:
    gateways.faults.add(file_not_ready(status), times=5)

    assert (await fetched(anyint, gateways, tmp_path)).size == len(CLIP)
    assert clock.waits == [2, 4, 8, 15, 30]


async def test_case_60_patience_ends(
    anyint: AnyInt, gateways: LocalGateways, clock: VirtualClock, tmp_path: Path
) -> None:
    gateways.faults.add(file_not_ready(), times=FOREVER)

    with pytest.raises(FetchFailed, match="400"):
        await fetched(anyint, gateways, tmp_path)

    assert len(clock.waits) == 5


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
    video = await fetched(provider, gateways, tmp_path)
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
        after_file(reshaped(lambda body: body + b"\0\0")),
        on_file(says(box(b"ftyp", b"isom") + box(b"mdat", b"x" * 100))),
    ],
)
async def test_case_63_half_a_clip_is_noticed_and_fetched_anew(
    provider: Provider, gateways: LocalGateways, tmp_path: Path, fault: Fault
) -> None:
    gateways.faults.add(replace(fault, times=2))

    await fetched(provider, gateways, tmp_path)

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

    assert (await fetched(anyint, gateways, tmp_path)).size == len(CLIP)


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503])
async def test_case_67_trouble_at_the_file_server_passes(
    provider: Provider, gateways: LocalGateways, clock: VirtualClock, tmp_path: Path, status: int
) -> None:
    gateways.faults.add(file_refused(status), times=3)

    assert (await fetched(provider, gateways, tmp_path)).size == len(CLIP)
    assert clock.waits == [1, 2, 4]


async def test_case_68_a_gateway_may_take_its_time_before_the_first_byte(
    provider: Provider, gateways: LocalGateways, network: Network, tmp_path: Path
) -> None:
    gateways.faults.add(after_file(slowly(0.2, usual())))

    assert (await fetched(provider, gateways, tmp_path)).size == len(CLIP)
    assert network.fetching.timeout.read == 120


async def test_case_69_a_broken_download_starts_anew_and_appears_at_once(
    provider: Provider, gateways: LocalGateways, tmp_path: Path
) -> None:
    gateways.faults.add(file_resets_midway(), times=2)

    video = await fetched(provider, gateways, tmp_path)

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
    provider: Provider, gateways: LocalGateways, clock: VirtualClock, tmp_path: Path
) -> None:
    gateways.faults.add(file_is_empty(), times=2)

    assert (await fetched(provider, gateways, tmp_path)).size == len(CLIP)
    assert clock.waits == [2, 4]


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


@pytest.mark.parametrize(
    ("addresses", "is_followed"),
    [(["93.184.215.14"], True), (["93.184.215.14", "10.0.0.1"], False), ([], False)],
)
async def test_the_address_that_was_checked_is_the_one_that_is_used(
    network: Network,
    gateways: LocalGateways,
    replies: RememberedReplies,
    tmp_path: Path,
    addresses: list[str],
    *,
    is_followed: bool,
) -> None:
    seen: list[httpx.Request] = []
    questions: list[str] = []

    async def resolve(host: str, port: int) -> list[str]:
        questions.append(f"{host}:{port}")
        return addresses

    async def body() -> AsyncIterator[bytes]:
        yield CLIP

    def serve(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200, content=body())

    async with httpx.AsyncClient(transport=httpx.MockTransport(serve)) as outside:
        rebinding = replace(network, fetching=outside, addresses=Addresses(frozenset(), resolve))
        worldrouter = built("worldrouter", gateways, rebinding, replies)
        created = await worldrouter.create(order("worldrouter"))
        result = Result(url="https://media.example.com:8443/a.mp4?sig=%7E", seen_at=network.clock.now())
        try:
            await worldrouter.fetch(created.ticket, result, tmp_path / "video-1.mp4")
        except FetchFailed:
            assert not is_followed

    assert questions == ["media.example.com:8443"]
    assert [(str(sent.url), sent.headers["Host"], sent.extensions["sni_hostname"]) for sent in seen] == [
        ("https://93.184.215.14:8443/a.mp4?sig=%7E", "media.example.com:8443", "media.example.com")
    ] * is_followed
