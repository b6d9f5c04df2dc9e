"""Linked videos over real HTTP."""

from __future__ import annotations

import asyncio
import base64
import re
from collections.abc import AsyncIterator
from datetime import timedelta
from html import unescape
from pathlib import Path

import pytest

from core.delivery.signed_links import LinkClaims, LinkKey, Signer
from tests.web import screen as screens
from tests.web.screen import KEY, PUBLIC, WEEK, Screen
from web.server import AddressTaken
from web.streams import Streams

CONTENT = bytes(range(256)) * 1000
NOTHING = "There is nothing here."


@pytest.fixture
async def screen(tmp_path: Path) -> AsyncIterator[Screen]:
    async with screens.opened(tmp_path, CONTENT) as opened:
        yield opened


def read_by_a_crawler(page: str) -> dict[str, str]:
    """What the page says of itself, by name."""
    said = re.findall(r'<meta (?:property|name)="([^"]+)" content="([^"]*)">', page)
    return {name: unescape(value) for name, value in said}


# ------------------------------------------------------------ what a link shows


async def test_the_page_has_a_player_and_says_to_discord_where_the_video_is(screen: Screen) -> None:
    path = await screen.path()

    async with screen.get(path) as answer:
        page = await answer.text()

    assert answer.status == 200
    assert answer.content_type == "text/html"
    assert f'<video src="{path.removeprefix("/v/")}.mp4"' in page
    meta = read_by_a_crawler(page)
    assert meta["og:type"] == "video.other"
    assert meta["og:title"] == "a paper boat"
    assert meta["og:video"] == meta["og:video:secure_url"] == f"{PUBLIC}{path}.mp4"
    assert meta["og:video:type"] == "video/mp4"
    assert (meta["og:video:width"], meta["og:video:height"]) == ("1920", "1080")
    assert meta["robots"] == "noindex, nofollow"


async def test_the_file_is_the_video_under_its_name(screen: Screen) -> None:
    async with screen.get(f"{await screen.path()}.mp4") as answer:
        content = await answer.read()

    assert content == CONTENT
    assert answer.content_type == "video/mp4"
    assert answer.headers["Accept-Ranges"] == "bytes"
    assert answer.headers["Content-Disposition"] == 'inline; filename="video-7.mp4"'


@pytest.mark.parametrize("ending", ["", ".mp4", "x"])
async def test_every_answer_has_good_manners(screen: Screen, ending: str) -> None:
    async with screen.get(await screen.path() + ending) as answer:
        headers = answer.headers

    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["X-Robots-Tag"] == "noindex, nofollow"
    assert headers["Content-Security-Policy"].startswith("default-src 'none'; ")
    assert headers["Server"] == "Matinee"
    assert headers["Cache-Control"].startswith(("private", "no-store"))
    assert not {"Access-Control-Allow-Origin", "Set-Cookie"} & headers.keys()


async def test_the_pages_policy_allows_its_own_style_and_its_video_only(screen: Screen) -> None:
    async with screen.get(await screen.path()) as answer:
        policy = answer.headers["Content-Security-Policy"]

    assert re.fullmatch(
        r"default-src 'none'; media-src 'self'; style-src 'sha256-[\w+/]{43}='; "
        r"base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
        policy,
    )


# ------------------------------------------------------------ parts of the file


@pytest.mark.parametrize(
    ("asked", "part"),
    [
        ("bytes=0-0", (0, 1)),
        ("bytes=256-511", (256, 512)),
        ("bytes=255000-", (255_000, 256_000)),
        ("bytes=-10", (255_990, 256_000)),
        ("bytes=255999-999999", (255_999, 256_000)),
        ("bytes=-999999", (0, 256_000)),
    ],
)
async def test_a_part_is_sent_as_asked(screen: Screen, asked: str, part: tuple[int, int]) -> None:
    first, end = part

    async with screen.get(f"{await screen.path()}.mp4", Range=asked) as answer:
        content = await answer.read()

    assert answer.status == 206
    assert answer.headers["Content-Range"] == f"bytes {first}-{end - 1}/256000"
    assert content == CONTENT[first:end]


@pytest.mark.parametrize("asked", ["bytes=256000-", "bytes=999999-1000000"])
async def test_a_part_beyond_the_end_is_refused_with_the_size(screen: Screen, asked: str) -> None:
    async with screen.get(f"{await screen.path()}.mp4", Range=asked) as answer:
        assert answer.status == 416
        assert answer.headers["Content-Range"] == "bytes */256000"


@pytest.mark.parametrize(
    "asked",
    ["bytes=5-2", "bytes=a-b", "bytes=", "bytes=0-1,5-6", "lines=0-1", "bytes=-0", f"bytes={'9' * 5000}-"],
)
async def test_what_is_not_one_part_is_answered_with_all_of_it(screen: Screen, asked: str) -> None:
    async with screen.get(f"{await screen.path()}.mp4", Range=asked) as answer:
        assert answer.status == 200
        assert await answer.read() == CONTENT


async def test_a_part_of_a_file_that_is_still_the_same_is_sent(screen: Screen) -> None:
    path = f"{await screen.path()}.mp4"
    async with screen.get(path) as whole:
        tag, changed = whole.headers["ETag"], whole.headers["Last-Modified"]

    assert await screen.status(path, **{"Range": "bytes=0-9", "If-Range": tag}) == 206
    assert await screen.status(path, **{"Range": "bytes=0-9", "If-Range": changed}) == 206


@pytest.mark.parametrize(
    "condition", ['"of-another-file"', 'W/"weak"', "Sun, 01 Mar 2020 12:00:00 GMT", "yesterday"]
)
async def test_a_part_of_another_file_is_answered_with_all_of_this_one(
    screen: Screen, condition: str
) -> None:
    path = f"{await screen.path()}.mp4"

    async with screen.get(path, **{"Range": "bytes=0-9", "If-Range": condition}) as answer:
        assert answer.status == 200
        assert await answer.read() == CONTENT


async def test_a_head_says_what_a_get_would_say(screen: Screen) -> None:
    path = f"{await screen.path()}.mp4"

    async with screen.browser.head(f"{screen.address}{path}", headers={"Range": "bytes=0-9"}) as answer:
        assert answer.status == 200
        assert answer.headers["Content-Length"] == "256000"
        assert await answer.read() == b""


async def test_a_browser_that_has_it_is_not_sent_it_again(screen: Screen) -> None:
    path = f"{await screen.path()}.mp4"
    async with screen.get(path) as whole:
        tag = whole.headers["ETag"]

    assert await screen.status(path, **{"If-None-Match": tag}) == 304


# ------------------------------------------------------------ what opens nothing


async def answered(screen: Screen, path: str) -> tuple[int, str, dict[str, str]]:
    """Everything that a visitor learns from an answer."""
    async with screen.get(path) as answer:
        headers = {name: value for name, value in answer.headers.items() if name != "Date"}
        return answer.status, await answer.text(), headers


async def test_whatever_was_not_signed_here_has_one_answer(screen: Screen) -> None:
    path = await screen.path()
    token = path.removeprefix("/v/")
    content = base64.urlsafe_b64decode(token)
    claim = screen.signer.read(token)
    assert claim is not None
    stranger = Signer([LinkKey(KEY.id, bytes(32))]).token(claim)
    other_key = Signer([LinkKey(b"key2", KEY.secret)]).token(claim)
    flipped = base64.urlsafe_b64encode(content[:20] + bytes([content[20] ^ 1]) + content[21:]).decode()
    wrong = [stranger, other_key, flipped, token[:-1], f"{token}A", "", "x", "%00", "7", "video-7", "..%2f7"]

    answers = [await answered(screen, f"/v/{text}{ending}") for text in wrong for ending in ("", ".mp4")]

    assert {status for status, _, _ in answers} == {404}
    assert {text for _, text, _ in answers} == {NOTHING}
    assert len({tuple(sorted(headers.items())) for _, _, headers in answers}) == 1
    assert await answered(screen, "/") == answers[0]


async def test_a_link_that_has_expired_says_so(screen: Screen) -> None:
    path = await screen.path()
    await screen.clock.advance((WEEK - timedelta(seconds=2)).total_seconds())
    assert await screen.status(path) == 200

    await screen.clock.advance(2)

    status, text, _ = await answered(screen, path)
    assert (status, text) == (
        410,
        "This link is no longer valid. In Discord, 📥 under the video gives another one while it is kept.",
    )
    assert await screen.status(f"{path}.mp4") == 410


async def test_a_link_that_was_taken_back_opens_nothing_at_once(screen: Screen) -> None:
    path = await screen.path()

    await screen.links.withdraw(screen.job.id)

    assert await screen.status(path) == 410
    assert await screen.status(f"{path}.mp4") == 410


async def test_a_signed_link_that_was_never_given_out_opens_nothing(screen: Screen) -> None:
    token = screen.signer.token(LinkClaims(bytes(16), screen.clock.now() + WEEK))

    assert await screen.status(f"/v/{token}") == 410


async def test_a_link_to_a_file_that_is_gone_or_torn_opens_nothing(screen: Screen) -> None:
    path = await screen.path()

    screen.clip.write_bytes(CONTENT[:-1])
    assert await screen.status(f"{path}.mp4") == 410
    screen.clip.unlink()
    assert await screen.status(f"{path}.mp4") == 410


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE"])
async def test_nothing_but_reading_is_answered(screen: Screen, method: str) -> None:
    path = await screen.path()

    async with screen.browser.request(method, f"{screen.address}{path}", data=None) as answer:
        assert answer.status == 405
        assert answer.headers["Allow"] == "GET, HEAD"


# ------------------------------------------------------------ many at once


async def test_fifty_megabytes_are_sent_in_pieces_and_many_may_watch(tmp_path: Path) -> None:
    size = 50 * 2**20
    async with screens.opened(tmp_path, bytes(size)) as screen:
        path = f"{await screen.path()}.mp4"

        async def watch() -> int:
            async with screen.get(path) as answer:
                return sum([len(piece) async for piece in answer.content.iter_chunked(2**16)])

        assert await asyncio.gather(*(watch() for _ in range(4))) == [size] * 4
        assert screen.streams.count == 0


async def begun(screen: Screen, path: str) -> asyncio.StreamWriter:
    """Ask for a file and read nothing of it."""
    address = screen.address.removeprefix("http://")
    host, _, port = address.partition(":")
    reader, writer = await asyncio.open_connection(host, int(port), limit=1024)
    writer.write(f"GET {path} HTTP/1.1\r\nHost: {address}\r\n\r\n".encode())
    await reader.readuntil(b"\r\n")
    return writer


async def test_those_beyond_the_limit_are_asked_to_wait_until_another_leaves(tmp_path: Path) -> None:
    async with screens.opened(tmp_path, bytes(30_000_000), streams=Streams(2)) as screen:
        path = f"{await screen.path()}.mp4"
        watching = [await begun(screen, path) for _ in range(2)]

        async with screen.get(path) as answer:
            assert answer.status == 503
            assert answer.headers["Retry-After"] == "10"
        assert await screen.status(path.removesuffix(".mp4")) == 200

        for writer in watching:
            writer.close()
        async with asyncio.timeout(5):
            while await screen.status(path, Range="bytes=0-0") != 206:  # noqa: ASYNC110 - no event is set
                await asyncio.sleep(0.01)


async def test_a_visitor_who_asks_too_often_has_to_wait(tmp_path: Path) -> None:
    async with screens.opened(tmp_path, CONTENT, at_once=3) as screen:
        path = await screen.path()

        statuses = [await screen.status(path) for _ in range(4)]

        assert statuses == [200, 200, 200, 429]
        await screen.clock.advance(0.1)
        assert await screen.status(path) == 200


async def test_a_proxy_beside_us_does_not_count_as_one_visitor(tmp_path: Path) -> None:
    async with screens.opened(tmp_path, CONTENT, at_once=1) as screen:
        path = await screen.path()

        async def status(*forwarded: str) -> int:
            return await screen.status(path, **{"X-Forwarded-For": ", ".join(forwarded)})

        assert await status("203.0.113.7") == 200
        assert await status("203.0.113.7") == 429
        assert await status("made-up", "203.0.113.7") == 429
        assert await status("203.0.113.8") == 200
        assert await status("2001:db8:1:2::1") == 200
        assert await status("2001:db8:1:2:ffff::9") == 429


async def test_an_address_that_another_program_has_is_reported_as_taken(
    screen: Screen, tmp_path: Path
) -> None:
    with pytest.raises(AddressTaken, match="cannot listen there"):
        async with screens.opened(
            tmp_path / "other", CONTENT, address=screen.address.removeprefix("http://")
        ):
            pass


async def test_the_log_has_no_link(screen: Screen, caplog: pytest.LogCaptureFixture) -> None:
    path = await screen.path()
    caplog.set_level(0)

    await screen.status(path)
    await screen.status(f"{path}.mp4")

    assert path.removeprefix("/v/") not in caplog.text


async def test_a_visitor_who_stands_still_loses_their_place(tmp_path: Path) -> None:
    async with screens.opened(tmp_path, bytes(30_000_000), streams=Streams(1, longest_seconds=0.2)) as screen:
        path = f"{await screen.path()}.mp4"
        standing = await begun(screen, path)
        assert await screen.status(path, Range="bytes=0-0") == 503

        async with asyncio.timeout(5):
            while screen.streams.count:  # noqa: ASYNC110 - the kernel sends no notice
                await asyncio.sleep(0.01)

        assert await screen.status(path, Range="bytes=0-0") == 206
        standing.close()
