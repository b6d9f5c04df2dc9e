"""Takes in members' pictures: downloads from Discord, weighs them by the header, converts them in a child."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import signal
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from dataclasses import asdict
from http import HTTPStatus
from importlib.util import find_spec
from pathlib import Path
from typing import Final, assert_never

import httpx

from core.dispatch.picture_queue import PictureQueue
from core.model.errors import FetchFailed, PictureNotConverted, PictureUnusable, StoreFull
from core.ports import ChildLimits, ChildResult, PictureFile, RunChild
from providers.http.clients import Network
from providers.http.safe_links import Source, open_source
from providers.pictures import conversion as picture_child
from providers.pictures.conversion import Kind, Outcome, Task
from providers.pictures.headers import MOST_TEXT, Header, read_header

log = logging.getLogger(__name__)

LARGEST_BYTES: Final = 50_000_000
MOST_WEIGHT: Final = 400_000_000
"""Bytes of memory that converting a picture may take, by its header."""

MOST_FRAMES: Final = 1000
MEMORY: Final = 512 * 2**20
CPU_SECONDS: Final = 15
_FETCH_SECONDS: Final = 30.0
_BOUNDS: Final = ChildLimits(seconds=120, memory=MEMORY, written=64_000_000, niceness=2)
"""When a child is killed that has not bounded itself, or stands still. A member waits for it."""

_WRITTEN_AT_ONCE: Final = 2**17
_SHORTEST_SIDE: Final = 300
_MOST_PIXELS: Final = 50_000_000
_WIDEST: Final = 2.5

_UNREADABLE: Final = "That file is not a picture that can be read. Use a JPEG, PNG, WebP or GIF."
_NOT_HANDED: Final = "Discord did not hand me the picture. Nothing was ordered; attach it again."
_NOTHING: Final = "Nothing was ordered and nothing was charged."
_TOO_HEAVY: Final = "The picture cannot be brought under 10 MB. Use a smaller one."
_NO_MEMORY: Final = (
    "Converting this picture takes more memory than I may use, though the file may be in order. "
    f"{_NOTHING} Make it smaller, or save it as an ordinary JPEG, and attach that."
)
_TOO_LONG: Final = (
    f"Converting this picture takes longer than {CPU_SECONDS} seconds, which is the most. {_NOTHING} "
    "Make it smaller, or save it as an ordinary JPEG, and attach that."
)
_STOPPED: Final = (
    "The program that converts pictures was stopped on my side before it had finished; that says nothing "
    f"about your picture. {_NOTHING} Try again in a minute."
)


class ChildPictures:
    """Implements `core.ports.PictureIntake`.

    `folder` is for files that wait or are looked at, and nothing else: files of an earlier run are removed.
    """

    def __init__(self, *, network: Network, run: RunChild, queue: PictureQueue, folder: Path) -> None:
        self._network = network
        self._run = run
        self._queue = queue
        self._folder = folder
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for leftover in folder.iterdir():
            with suppress(OSError):  # a folder, or another user's file: not ours, and harmless
                leftover.unlink(missing_ok=True)

    def close(self) -> None:
        """Stop looking at pictures; callers that wait for one get an error."""
        self._queue.close()

    async def fetch(self, link: str, size: int, member_id: int) -> PictureFile:
        _check_size(size)
        async with self._queue.enter(member_id, size), self._file() as path:
            await self._fetch(link, size, path)
            return await self._fit(path, member_id)

    async def fit(self, data: bytes, member_id: int) -> PictureFile:
        _check_size(len(data))
        async with self._queue.enter(member_id, len(data)), self._file() as path:
            await asyncio.to_thread(path.write_bytes, data)
            del data
            return await self._fit(path, member_id)

    @asynccontextmanager
    async def _file(self) -> AsyncGenerator[Path]:
        """Name a file that is removed afterwards. Raise StoreFull where it cannot be written."""
        path = self._folder / os.urandom(8).hex()
        try:
            yield path
        except OSError as error:
            raise StoreFull(f"a picture cannot be put by ({error.strerror})") from error
        finally:
            for file in (path, _converted_path(path)):
                file.unlink(missing_ok=True)

    async def _fetch(self, link: str, size: int, path: Path) -> None:
        try:
            async with (
                asyncio.timeout(_FETCH_SECONDS),
                open_source(Source(link), self._network) as (response, _),
            ):
                _check_answer(response, size)
                await _save(response, size, path)
        except (FetchFailed, httpx.HTTPError, TimeoutError) as error:
            log.info("a picture was not fetched", extra={"why": f"{type(error).__name__}: {error}"})
            raise PictureUnusable(_NOT_HANDED) from error

    async def _fit(self, path: Path, member_id: int) -> PictureFile:
        header = await asyncio.to_thread(_header, path)
        _check_shape(header.width, header.height)
        _check_weight(header)
        async with self._queue.turn(member_id, header.weight):
            outcome = await self._outcome(header, path)
            _check_outcome(outcome, header)
            _check_shape(outcome.width, outcome.height)
            is_changed = outcome.kind is Kind.CONVERTED
            data = await asyncio.to_thread((_converted_path(path) if is_changed else path).read_bytes)
        return PictureFile(data, ".jpg" if is_changed or header.format == "JPEG" else ".png", is_changed)

    async def _outcome(self, header: Header, path: Path) -> Outcome:
        """Have a child look at the picture. Raise PictureNotConverted where the child was killed."""
        task = Task(
            source=str(path),
            into=str(_converted_path(path)),
            format=header.format,
            pixels=_most_pixels(header),
            need=header.weight,
            memory=MEMORY,
            seconds=CPU_SECONDS,
            paths=[str(folder) for folder in _pillow()],
        )
        command = [sys.executable, "-I", "-S", picture_child.__file__, json.dumps(asdict(task))]
        try:
            done = await self._run(command, _BOUNDS)
        except TimeoutError as error:
            raise PictureNotConverted(_TOO_LONG) from error
        except OSError as error:
            log.warning("no child for a picture", extra={"why": str(error)})
            raise PictureNotConverted(_STOPPED) from error
        return _read(done)


def _read(done: ChildResult) -> Outcome:
    if done.status == 0:
        return Outcome.read(done.said.splitlines()[-1])
    log.warning("no end of a picture", extra={"status": done.status, "said": done.said[-300:]})
    raise PictureNotConverted(_TOO_LONG if done.status == -signal.SIGXCPU else _STOPPED)


def _check_outcome(outcome: Outcome, header: Header) -> None:
    """Raise the error for a picture that was not converted."""
    match outcome.kind:
        case Kind.KEPT | Kind.CONVERTED:
            return
        case Kind.TOO_MANY_PIXELS:
            raise PictureUnusable(_too_many_pixels(outcome.width, outcome.height, _most_pixels(header)))
        case Kind.TOO_HEAVY:
            raise PictureUnusable(_TOO_HEAVY)
        case Kind.UNREADABLE:
            raise PictureUnusable(_UNREADABLE)
        case Kind.NO_MEMORY:
            raise PictureNotConverted(_NO_MEMORY)
        case _:
            assert_never(outcome.kind)


# ------------------------------------------------------------ what is known without decoding


def _check_size(size: int) -> None:
    if size > LARGEST_BYTES:
        most = LARGEST_BYTES // 1_000_000
        raise PictureUnusable(f"The picture weighs {size / 1e6:.0f} MB. Use one of at most {most} MB.")


def _header(path: Path) -> Header:
    """Read the header of a file. Raise PictureUnusable where it is no picture, or meant to do harm."""
    with path.open("rb") as file:
        header = read_header(file)
    if header is None:
        raise PictureUnusable(_UNREADABLE)
    if header.notes > MOST_TEXT:
        raise PictureUnusable(
            f"The picture carries notes that unpack to more than 1 MB. {_NOTHING} Save it again without them."
        )
    if header.frames > MOST_FRAMES:
        raise PictureUnusable(
            f"The picture is an animation of more than {MOST_FRAMES} frames, and only the first of them is "
            f"used. {_NOTHING} Attach a still picture."
        )
    return header


def _check_shape(width: int, height: int) -> None:
    if width * height > _MOST_PIXELS:
        raise PictureUnusable(_too_many_pixels(width, height, _MOST_PIXELS))
    if min(width, height) < _SHORTEST_SIDE:
        raise PictureUnusable(
            f"The picture has {width} by {height} pixels. Kling needs at least {_SHORTEST_SIDE} on each side."
        )
    if max(width, height) > _WIDEST * min(width, height):
        raise PictureUnusable(
            f"The picture has {width} by {height} pixels, which is too long. Kling takes 1:2.5 to 2.5:1."
        )


def _check_weight(header: Header) -> None:
    if header.weight > MOST_WEIGHT:
        raise PictureUnusable(
            f"The picture has {header.width} by {header.height} pixels. To convert a {header.format} of that "
            f"size takes {header.weight / 1e6:.0f} MB of memory, and {MOST_WEIGHT // 1_000_000} MB is the "
            f"most. {_NOTHING} Make it smaller: {_most_pixels(header) // 1_000_000} megapixels is the most "
            "for its kind."
        )


def _most_pixels(header: Header) -> int:
    return min(_MOST_PIXELS, int(MOST_WEIGHT / header.bytes_a_pixel))


def _too_many_pixels(width: int, height: int, most: int) -> str:
    return f"The picture has {width} by {height} pixels. Use one of at most {most // 1_000_000} megapixels."


# ------------------------------------------------------------ files


def _converted_path(path: Path) -> Path:
    return path.with_suffix(".jpg")


def _check_answer(response: httpx.Response, size: int) -> None:
    """Raise FetchFailed where this is not the file that Discord described, before any of it is read."""
    if response.status_code != HTTPStatus.OK:
        raise FetchFailed(f"HTTP {response.status_code}")
    length = response.headers.get("Content-Length", "")
    if length.isdecimal() and int(length) > size:
        raise FetchFailed(f"{length} bytes, where there should be {size}")


async def _save(response: httpx.Response, size: int, path: Path) -> None:
    """Write the body to the disk, a piece at a time. Raise FetchFailed where it is larger than announced."""
    left = size
    with path.open("xb") as file:
        async for piece in response.aiter_raw(_WRITTEN_AT_ONCE):
            left -= len(piece)
            if left < 0:
                raise FetchFailed(f"more than {size} bytes")
            await asyncio.to_thread(file.write, piece)


def _pillow() -> list[Path]:
    """Return where Pillow lies, for a child that has no paths of its own."""
    spec = find_spec("PIL")
    return [] if spec is None or spec.origin is None else [Path(spec.origin).parents[1]]
