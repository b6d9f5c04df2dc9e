"""Linked pictures over real HTTP."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import pytest

from bot.process.clock import SystemClock
from core.delivery.signed_links import PICTURES, LinkClaims, Signer
from core.ports import PictureFile
from storage.files.pictures import FolderPictures
from tests.fakes.clock import VirtualClock
from tests.web.screen import KEY, PUBLIC
from web.links.picture_links import LIFETIME, PictureLinks
from web.pictures import PictureRoutes
from web.rate_limit import RateLimit
from web.server import serving
from web.streams import Streams

CONTENT = bytes(range(256)) * 40


@dataclass(frozen=True, slots=True)
class Wall:
    """A server that shows one picture; `path` is where a new link says that it is."""

    address: str
    clock: VirtualClock
    folder: Path
    picture: str
    path: str
    browser: aiohttp.ClientSession

    async def got(self, path: str) -> tuple[int, str, bytes]:
        async with self.browser.get(f"{self.address}{path}") as answer:
            return answer.status, answer.content_type, await answer.read()


@pytest.fixture
async def wall(tmp_path: Path) -> AsyncIterator[Wall]:
    clock, picture_store = VirtualClock(), FolderPictures(tmp_path / "pictures")
    links = PictureLinks(
        signer=Signer([KEY], PICTURES), picture_store=picture_store, clock=clock, public_url=PUBLIC
    )
    routes = PictureRoutes(links, streams=Streams(), rate_limit=RateLimit(clock, at_once=500)).routes
    picture = await picture_store.keep(PictureFile(CONTENT, ".png", is_changed=False))
    link = await links.offer(picture)
    assert link is not None
    async with serving("127.0.0.1:0", routes, SystemClock()) as place, aiohttp.ClientSession() as browser:
        yield Wall(
            f"http://{place}", clock, picture_store.folder, picture, link.removeprefix(PUBLIC), browser
        )


async def test_a_link_shows_the_picture_until_it_expires(wall: Wall) -> None:
    before = await wall.got(wall.path)
    await wall.clock.advance(LIFETIME.total_seconds() - 1)
    late = await wall.got(wall.path)
    await wall.clock.advance(1)
    after = await wall.got(wall.path)

    assert before == late == (200, "image/png", CONTENT)
    assert after[0] == 410


async def test_a_link_to_a_picture_that_is_gone_says_that_it_is_over(wall: Wall) -> None:
    for file in wall.folder.iterdir():
        file.unlink()

    assert (await wall.got(wall.path))[0] == 410


async def test_a_link_that_was_changed_anywhere_opens_nothing(wall: Wall) -> None:
    start = len("/v/")
    changed = [
        f"{wall.path[:place]}{'A' if letter != 'A' else 'B'}{wall.path[place + 1 :]}"
        for place, letter in enumerate(wall.path)
        if place >= start and letter != "/"
    ]

    statuses = {(await wall.got(path))[0] for path in changed}

    assert statuses == {404}


async def test_a_link_to_a_video_opens_no_picture_and_the_other_way_round(wall: Wall) -> None:
    token, file = wall.path.removeprefix("/v/").split("/")
    claim = Signer([KEY], PICTURES).read(token)
    assert claim is not None
    of_a_video = Signer([KEY]).token(LinkClaims(claim.file_id, claim.expires_at))

    status, _, _ = await wall.got(f"/v/{of_a_video}/{file}")

    assert status == 404
    assert Signer([KEY]).read(token) is None


@pytest.mark.parametrize("file", ["..%2Fmatinee.db", "%2Fetc%2Fpasswd", "x", "a" * 64 + ".gif"])
async def test_no_other_file_can_be_named(wall: Wall, file: str) -> None:
    token, _ = wall.path.removeprefix("/v/").split("/")

    assert (await wall.got(f"/v/{token}/{file}"))[0] == 404
