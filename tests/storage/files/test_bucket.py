"""A bucket, tried against the S3 server of the moto project."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from urllib.parse import parse_qsl, quote, urlsplit

import httpx
import pytest
from moto.server import ThreadedMotoServer

from storage.bucket import Account, Bucket, BucketTrouble

KEY = "AKIDMADEUP"
SECRET = "made-up-secret-of-a-bucket"
WEEK = timedelta(days=7)


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


def account(server: str, bucket: str = "clips") -> Account:
    return Account(bucket, "eu-central-1", KEY, SECRET, server)


@pytest.fixture
async def bucket(server: str) -> Bucket:
    async with httpx.AsyncClient() as client:
        await client.put(f"{server}/clips")
    return Bucket(account(server))


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    path = tmp_path / "video-1.mp4"
    path.write_bytes(bytes(range(256)) * 48_000)
    return path


async def fetched(link: str, **headers: str) -> httpx.Response:
    async with httpx.AsyncClient() as anybody:
        return await anybody.get(link, headers=headers)


async def test_everyone_with_the_link_gets_the_clip_and_may_seek_in_it(bucket: Bucket, clip: Path) -> None:
    await bucket.put("video-1.mp4", clip)

    link = await bucket.link("video-1.mp4", WEEK)

    whole, part = await fetched(link), await fetched(link, Range="bytes=256-260")
    assert whole.content == clip.read_bytes()
    assert whole.headers["Content-Type"] == "video/mp4"
    assert whole.headers["Content-Disposition"] == 'inline; filename="video-1.mp4"'
    assert (part.status_code, part.content) == (206, bytes(range(5)))


async def test_what_is_there_is_not_sent_again(bucket: Bucket, clip: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.mp4"
    other.write_bytes(bytes(clip.stat().st_size))
    await bucket.put("video-2.mp4", clip)

    await bucket.put("video-2.mp4", other)

    assert (await fetched(await bucket.link("video-2.mp4", WEEK))).content == clip.read_bytes()


async def test_a_clip_that_was_withdrawn_opens_for_no_one(bucket: Bucket, clip: Path) -> None:
    await bucket.put("video-3.mp4", clip)
    link = await bucket.link("video-3.mp4", WEEK)

    await bucket.discard("video-3.mp4")
    await bucket.discard("video-3.mp4")

    assert (await fetched(link)).status_code == 404


async def test_a_link_is_signed_as_amazon_describes_it(server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_SESSION_TOKEN", "of-somebody-else")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "of-somebody-else")

    link = await Bucket(account(server)).link("video-1.mp4", WEEK)

    asked = dict(parse_qsl(urlsplit(link).query))
    signature = asked.pop("X-Amz-Signature")
    assert asked["X-Amz-Expires"] == "604800"
    assert asked["X-Amz-Credential"].startswith(f"{KEY}/")
    assert asked["X-Amz-SignedHeaders"] == "host"
    assert signature == signed(link, asked)
    assert "Token" not in link


def signed(link: str, asked: dict[str, str]) -> str:
    """Sign once more, by hand (Amazon S3, Authenticating Requests: Using Query Parameters)."""
    parts = urlsplit(link)
    query = "&".join(f"{quote(name)}={quote(asked[name], safe='')}" for name in sorted(asked))
    request = "\n".join(["GET", parts.path, query, f"host:{parts.netloc}", "", "host", "UNSIGNED-PAYLOAD"])
    _, scope = asked["X-Amz-Credential"].split("/", 1)
    digest = hashlib.sha256(request.encode()).hexdigest()
    key = f"AWS4{SECRET}".encode()
    for part in scope.split("/"):
        key = hmac.digest(key, part.encode(), "sha256")
    text = "\n".join([asked["X-Amz-Algorithm"], asked["X-Amz-Date"], scope, digest])
    return hmac.new(key, text.encode(), "sha256").hexdigest()


async def test_a_bucket_that_is_there_is_found_well(bucket: Bucket) -> None:
    await bucket.check()


async def test_a_bucket_that_is_not_there_is_said_to_be_so(
    server: str, clip: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    nowhere = Bucket(account(server, "of-nobody"))

    with pytest.raises(BucketTrouble):
        await nowhere.check()
    with pytest.raises(BucketTrouble, match="no such bucket"):
        await nowhere.put("video-1.mp4", clip)
    assert SECRET not in "".join(capfd.readouterr())


async def test_a_bucket_that_does_not_answer_is_given_up_soon(clip: Path) -> None:
    nobody = Bucket(account("http://127.0.0.1:1"))

    with pytest.raises(BucketTrouble) as trouble:
        await nobody.put("video-1.mp4", clip)

    assert "127.0.0.1" not in str(trouble.value)


async def test_a_clip_that_is_gone_from_the_disk_is_trouble_too(bucket: Bucket, tmp_path: Path) -> None:
    with pytest.raises(BucketTrouble):
        await bucket.put("video-4.mp4", tmp_path / "gone.mp4")


def test_the_secret_does_not_show() -> None:
    assert SECRET not in repr(account("http://127.0.0.1:1"))
