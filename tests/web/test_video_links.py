"""Which link a member gets, and which link no member ever gets."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import product
from pathlib import Path

import aiohttp
import httpx
import pytest
import yarl
from moto.server import ThreadedMotoServer

from bot.compose.links import KEYS, gateway_links, sharing
from bot.compose.providers import allowed_hosts
from bot.settings.settings import Settings
from core.model.job import Job, file_name
from core.model.video import Result
from core.ports import Link
from providers.http.addresses import Addresses
from storage.bucket import Account, Bucket
from storage.files.clips import FolderClips
from storage.files.pictures import FolderPictures
from storage.sqlite.database import Database, open_database
from tests.contracts.examples import ticket
from tests.fakes.clock import START, VirtualClock
from tests.web.screen import stored_job
from web.links.gateway_links import GatewayLinks
from web.links.video_links import BucketLinks, LinkKinds

OWN = {"MATINEE_HTTP_LISTEN": "127.0.0.1:8080", "MATINEE_PUBLIC_URL": "https://videos.example.org"}
DEAD_BUCKET = {
    "MATINEE_S3_BUCKET": "clips",
    "MATINEE_S3_ACCESS_KEY_ID": "an-id",
    "MATINEE_S3_SECRET_ACCESS_KEY": "a-secret",
    "MATINEE_S3_ENDPOINT": "http://127.0.0.1:1",
}
PUBLIC_CLIP = "https://cdn.example.com/clip.mp4?sign=abc"


@dataclass(frozen=True, slots=True)
class Place:
    """A disk with one finished video on it."""

    database: Database
    clips: FolderClips
    job: Job
    clock: VirtualClock

    async def links(self, monkeypatch: pytest.MonkeyPatch, **settings: str) -> LinkKinds:
        for name, value in settings.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setenv("MATINEE_DATA_DIR", str(self.database.path.parent))
        picture_store = FolderPictures(self.database.path.with_name("pictures"))
        return (await sharing(Settings.load(), self.clock, self.database, self.clips, picture_store)).links

    def made_by(self, provider: str) -> Job:
        return replace(self.job, ticket=replace(ticket("task-7"), provider=provider))


@pytest.fixture
async def place(tmp_path: Path) -> AsyncIterator[Place]:
    async with open_database(tmp_path / "matinee.db") as database:
        clips = FolderClips(tmp_path / "videos")
        job = await stored_job(database, clips, b"a film" * 1000)
        yield Place(database, clips, job, VirtualClock())


def result(url: str | None = PUBLIC_CLIP) -> Result:
    return Result(url=url, seen_at=START)


async def test_our_own_link_comes_before_the_gateways(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    links = await place.links(monkeypatch, **OWN)

    link = await links.offer(place.made_by("worldrouter"), result())

    assert link is not None
    assert link.url.startswith("https://videos.example.org/v/")
    assert link.expires_at == START + timedelta(days=7)


async def test_a_video_has_one_link_until_half_of_its_life_is_over(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    links = await place.links(monkeypatch, **OWN)

    first = await links.offer(place.job, None)
    await place.clock.advance(3 * 86_400)
    again = await links.offer(place.job, None)
    await place.clock.advance(86_400)
    later = await links.offer(place.job, None)

    assert first == again
    assert later is not None
    assert later != first
    assert later.expires_at == place.clock.now() + timedelta(days=7)


async def test_a_link_that_a_wrong_clock_gave_is_replaced_when_the_clock_is_right_again(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    links = await place.links(monkeypatch, **OWN)
    place.clock.jump(timedelta(days=300))
    await links.offer(place.job, None)
    place.clock.jump(timedelta(days=-300))

    link = await links.offer(place.job, None)
    again = await links.offer(place.job, None)

    assert link is not None
    assert link.expires_at == START + timedelta(days=7)
    assert again == link


async def test_two_that_ask_at_once_both_get_a_link(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    links = await place.links(monkeypatch, **OWN)

    offered = await asyncio.gather(*(links.offer(place.job, None) for _ in range(5)))

    assert None not in offered


async def test_a_bucket_that_does_not_answer_makes_way_for_our_own_link(
    place: Place, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    links = await place.links(monkeypatch, **OWN, **DEAD_BUCKET)

    link = await links.offer(place.job, None)

    assert link is not None
    assert link.url.startswith("https://videos.example.org/v/")
    assert "no link of this kind" in caplog.text
    assert "a-secret" not in caplog.text


async def test_without_a_server_of_ours_the_gateways_public_link_is_offered(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    links = await place.links(monkeypatch)

    assert await links.offer(place.made_by("worldrouter"), result()) == Link(
        PUBLIC_CLIP, START + timedelta(days=1)
    )
    assert not (place.database.path.parent / KEYS).exists()


async def test_a_listening_server_that_the_world_cannot_reach_gives_out_no_links(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    links = await place.links(monkeypatch, MATINEE_HTTP_LISTEN="127.0.0.1:8080")

    assert await links.offer(place.job, None) is None


async def test_a_video_that_is_gone_from_the_disk_has_no_link_of_ours(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    links = await place.links(monkeypatch, **OWN)
    place.clips.path(place.job.id).unlink()

    assert await links.offer(place.job, None) is None


@pytest.fixture
async def endpoint() -> AsyncIterator[str]:
    """The address of an S3 server with an empty bucket, `clips`."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    async with aiohttp.ClientSession() as anybody:
        await anybody.put(f"http://{host}:{port}/clips")
    yield f"http://{host}:{port}"
    await asyncio.to_thread(server.stop)


async def test_a_bucket_comes_first_and_takes_its_copy_back_with_the_link(
    place: Place, endpoint: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    links = await place.links(monkeypatch, **OWN, **DEAD_BUCKET | {"MATINEE_S3_ENDPOINT": endpoint})

    link = await links.offer(place.job, None)
    assert link is not None
    before = await fetched(link.url)
    await links.withdraw(place.job.id)
    after = await fetched(link.url)

    assert link.expires_at == START + timedelta(days=7)
    assert before == (200, place.clips.path(place.job.id).read_bytes())
    assert after[0] == 404


async def test_a_clip_that_is_removed_on_its_way_to_the_bucket_does_not_stay_there(
    place: Place, endpoint: str
) -> None:
    class Slow(Bucket):
        async def put(self, name: str, file: Path) -> None:
            await super().put(name, file)
            file.unlink()

    bucket = Slow(Account("clips", "eu-central-1", "an-id", "a-secret", endpoint))

    link = await BucketLinks(bucket, place.clips, place.clock, timedelta(days=7)).offer(place.job, None)

    left = await fetched(await bucket.link(file_name(place.job.id), timedelta(days=1)))
    assert (link, left[0]) == (None, 404)


async def fetched(url: str) -> tuple[int, bytes]:
    async with aiohttp.ClientSession() as member, member.get(yarl.URL(url, encoded=True)) as answer:
        return answer.status, await answer.read()


# ------------------------------------------------------------ what the gateways give


@pytest.mark.parametrize(
    ("url", "ends"),
    [
        (
            "https://b.s3.example.com/c.mp4?X-Amz-Date=20260301T000000Z&X-Amz-Expires=3600",
            datetime(2026, 3, 1, 1, tzinfo=UTC),
        ),
        ("https://cdn.example.com/c.mp4?Expires=1772409600", datetime(2026, 3, 2, tzinfo=UTC)),
        ("https://cdn.example.com/c.mp4?Expires=never", START + timedelta(days=1)),
        ("https://cdn.example.com/c.mp4?X-Amz-Date=2026&X-Amz-Expires=1", START + timedelta(days=1)),
    ],
)
async def test_a_signed_link_says_itself_when_it_ends(place: Place, url: str, ends: datetime) -> None:
    gateway = GatewayLinks(public={"worldrouter"}, closed=())

    assert await gateway.offer(place.made_by("worldrouter"), result(url)) == Link(url, ends)


@pytest.mark.parametrize(
    "url",
    [
        None,
        "",
        "clip.mp4",
        "http://cdn.example.com/clip.mp4",
        "ftp://cdn.example.com/clip.mp4",
        "https://user:word@cdn.example.com/clip.mp4",
        "https://localhost/clip.mp4",
        "https://nas.local/clip.mp4",
        "https://192.0.2.1/clip.mp4",
        "https://[2001:db8::1]/clip.mp4",
        "https://0x7f.1/clip.mp4",
        "https://cdn%2eexample.com/clip.mp4",
        "https://cdn.example.com/clip.mp4>",
        "https://cdn.example.com/a clip.mp4",
        "https://cdn.example.com/clip\u202e.mp4",
        "https://cdn.example.com:port/clip.mp4",
        "https://[cdn.example.com/clip.mp4",
        "https://cdn.example.com/" + "x" * 1500,
    ],
)
async def test_a_link_that_members_could_not_or_should_not_open_is_not_shown(
    place: Place, url: str | None
) -> None:
    gateway = GatewayLinks(public={"worldrouter"}, closed=())

    assert await gateway.offer(place.made_by("worldrouter"), result(url)) is None


@pytest.mark.parametrize(
    ("listed", "place_in_link"),
    [
        ("127.0.0.1:8080", "127.0.0.1:8080"),
        ("[::1]:8080", "[::1]:8080"),
        ("[FD00::1]:80", "[fd00::1]"),
        ("Media.lan:80", "MEDIA.lan"),
        ("bücher.lan:81", "xn--bcher-kva.lan:81"),
        ("xn--bcher-kva.lan:81", "xn--bcher-kva.lan:81"),
    ],
)
async def test_a_place_that_is_listed_is_one_for_providers_and_for_links(
    place: Place, monkeypatch: pytest.MonkeyPatch, listed: str, place_in_link: str
) -> None:
    monkeypatch.setenv("MATINEE_ALLOW_PRIVATE_HOSTS", listed)
    settings, url = Settings.load(), f"http://{place_in_link}/clip.mp4"

    shown = await gateway_links(settings).offer(place.made_by("worldrouter"), result(url))

    assert Addresses(allowed_hosts(settings)).lists(httpx.URL(url))
    assert shown == Link(url, START + timedelta(days=1))


# ------------------------------------------------------------ AnyInt's content route


CONFIGURATIONS = [
    {**own, **base, **listed}
    for own, base, listed in product(
        ({}, OWN),
        ({}, {"ANYINT_BASE_URL": "https://gateway.example.org"}, {"ANYINT_BASE_URL": "http://127.0.0.1:9"}),
        ({}, {"MATINEE_ALLOW_PRIVATE_HOSTS": "127.0.0.1:9,127.0.0.1:8"}),
    )
]

CONTENT = "/openai/v1/videos/task-7/content"


@pytest.mark.parametrize("settings", [*CONFIGURATIONS, DEAD_BUCKET, {**OWN, **DEAD_BUCKET}])
@pytest.mark.parametrize("provider", ["anyint", "anyint-native", "worldrouter"])
async def test_anyints_content_route_is_never_offered(
    place: Place, monkeypatch: pytest.MonkeyPatch, settings: dict[str, str], provider: str
) -> None:
    links = await place.links(monkeypatch, **settings)
    configured = settings.get("ANYINT_BASE_URL", "https://api.anyint.ai")
    addresses = [
        f"{configured}{CONTENT}",
        f"{configured}{CONTENT}?key=x",
        f"{configured.upper()}{CONTENT}",
        f"https://api.anyint.ai{CONTENT}",
        f"https://api.anyint.ai:443{CONTENT}",
        f"https://api.anyint.ai:8443{CONTENT}",
        f"https://api.anyint.ai.{CONTENT}",
        f"https://API.AnyInt.AI{CONTENT}",
        f"https://cdn.example.com@api.anyint.ai{CONTENT}",
        f"https://api.anyint.ai\\@cdn.example.com{CONTENT}",
        f"https://api%2eanyint.ai{CONTENT}",
        CONTENT,
    ]

    job = place.made_by(provider)
    offered = await asyncio.gather(*(links.offer(job, result(url)) for url in addresses))

    assert {link.url.partition("/v/")[0] for link in offered if link is not None} <= {
        "https://videos.example.org"
    }


async def test_nothing_that_anyint_gives_is_shown_even_where_it_lies_elsewhere(
    place: Place,
) -> None:
    gateway = gateway_links(Settings.load())

    assert await gateway.offer(place.made_by("anyint"), result()) is None
    assert await gateway.offer(place.made_by("worldrouter"), result()) is not None
