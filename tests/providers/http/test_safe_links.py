"""Hard cases 56 to 59: where a link may lead. Numbers are those of the project's list of hard cases."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from core.model.errors import FetchFailed
from core.model.video import Result
from core.ports import Provider
from providers import AnyInt, Network, open_network
from providers.anyint import resolve_link
from providers.http.addresses import Addresses
from sandbox.gateways import FOREVER, LocalGateways
from sandbox.gateways.faults import (
    file_redirected,
    link_reads,
)
from tests.providers.world import (
    CLIP,
    RememberedReplies,
    VirtualClock,
    built,
    fetched,
    film,
    keys_sent,
    order,
    ready,
)

ROOT = "https://api.anyint.ai"
CONTENT = f"{ROOT}/openai/v1/videos/x/content"


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
def test_case_56_a_link_is_resolved_in_every_form_and_never_misleads(link: str, address: str | None) -> None:
    assert resolve_link(link, ROOT) == address


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


async def test_case_57_the_gateway_itself_need_not_be_listed(
    gateways: LocalGateways, clock: VirtualClock, replies: RememberedReplies, tmp_path: Path
) -> None:
    async with open_network(clock=clock) as unlisted:
        for name in ("anyint", "anyint-native", "worldrouter"):
            video = await fetched(built(name, gateways, unlisted, replies), gateways, tmp_path)

            assert video.size == len(CLIP)


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
