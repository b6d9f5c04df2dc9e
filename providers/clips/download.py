"""Streams a finished clip to the disk, once; the caller decides whether it is tried again."""

from __future__ import annotations

import asyncio
import zlib
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from http import HTTPStatus
from pathlib import Path
from typing import Final

import httpx

from core.model.errors import FetchFailed, LinkExpired, NoRoom
from core.model.video import StoredVideo
from providers.clips import mp4
from providers.clips.part_file import PartFile
from providers.http import wire
from providers.http.clients import Limits, Network
from providers.http.decompression import Unpacker
from providers.http.safe_links import Source, Unreachable, open_source
from providers.replies.clip_links import clip_links
from providers.replies.outcomes import SUCCESS

_NOT_READY: Final = frozenset({202, 400, 404, 409, 425})
_GONE: Final = frozenset({400, 401, 403, 404, 410})
_PASSES: Final = frozenset({408, 429})
_ENOUGH_TO_TELL: Final = 12
_LONGEST_NOTE: Final = 64_000
_WRITTEN_AT_ONCE: Final = 2**17


class NotReady(FetchFailed):
    """The gateway says that the clip is not there yet."""


class Broken(Unreachable):
    """What came is not a whole clip."""


async def download(sources: Sequence[Source], into: Path, network: Network) -> StoredVideo:
    """Fetch a clip whole from the first source that has it, each tried once.

    Raise FetchFailed or LinkExpired. Of several problems the most hopeful one is raised: a clip that is not
    there yet, then a broken transfer.
    """
    problems: list[FetchFailed] = []
    for source in sources:
        try:
            return await _within_time(source, into, network)
        except NoRoom:
            raise
        except FetchFailed as error:
            problems.append(error)
    raise min(problems, key=_hopelessness)


def _hopelessness(error: FetchFailed) -> int:
    kinds: tuple[type[FetchFailed], ...] = (NotReady, Unreachable, LinkExpired)
    return next((place for place, kind in enumerate(kinds) if isinstance(error, kind)), len(kinds))


async def _within_time(source: Source, into: Path, network: Network) -> StoredVideo:
    seconds = network.limits.file_seconds
    try:
        async with asyncio.timeout(seconds):
            return await _attempt(source, into, network)
    except TimeoutError as error:
        raise FetchFailed(f"the clip did not arrive within {seconds:.0f} seconds") from error
    except httpx.HTTPError as error:
        raise Unreachable(f"the clip broke off ({type(error).__name__})") from error
    except zlib.error as error:
        raise Broken("the clip is packed wrongly") from error
    except mp4.NotWhole as error:
        raise Broken(f"the clip is not whole: {error}") from error
    except OSError as error:
        raise NoRoom(f"the clip cannot be written to the disk ({error.strerror})") from error


async def _attempt(
    source: Source, into: Path, network: Network, *, is_from_note: bool = False
) -> StoredVideo:
    async with open_source(source, network) as (response, url):
        is_gateway = source.with_key and source.is_gateway(url)
        _check_status(response.status_code, is_gateway=is_gateway, is_renewable=source.is_renewable())
        chunks = _plain(response, _Meter(network.limits))
        head = await _head(chunks)
        if mp4.looks_like_mp4(head):
            return await _save(head, chunks, into)
        link = _link_inside(await _rest(head, chunks), str(url))
    if link is None or is_from_note:
        raise Broken("what came is not an MP4")
    with_key = source.with_key and is_gateway
    return await _attempt(replace(source, link=link, with_key=with_key), into, network, is_from_note=True)


def _check_status(status: int, *, is_gateway: bool, is_renewable: bool) -> None:
    """Raise what a status means: the gateway's own route may not be ready yet, a link elsewhere expires."""
    if status in SUCCESS and status not in _NOT_READY:
        return
    message = f"the clip was answered with HTTP {status}"
    if status in (_NOT_READY if is_gateway else _NOT_READY - _GONE):
        raise NotReady(message)
    if status in _PASSES or status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        raise Broken(message)
    if is_gateway:
        raise LinkExpired(message) if status == HTTPStatus.GONE else FetchFailed(message)
    if status in _GONE:
        raise Broken(message) if is_renewable else LinkExpired(message)
    raise FetchFailed(message)


async def _plain(response: httpx.Response, meter: _Meter) -> AsyncIterator[bytes]:
    """Yield the body, metered; a compression that we did not ask for is undone piece by piece."""
    unpacker = Unpacker(response.headers.get("Content-Encoding", ""))
    async for chunk in response.aiter_raw():
        for piece in unpacker.unpack(chunk):
            yield meter.count(piece)
    yield unpacker.rest()


async def _head(chunks: AsyncIterator[bytes]) -> bytes:
    """Read as much as shows which kind of file it is. Raise NotReady where nothing comes."""
    head = b""
    async for chunk in chunks:
        head += chunk
        if len(head) >= _ENOUGH_TO_TELL:
            return head
    if not head:
        raise NotReady("the clip is empty")
    return head


async def _save(head: bytes, chunks: AsyncIterator[bytes], into: Path) -> StoredVideo:
    with PartFile(into) as part:
        waiting = bytearray(head)
        is_cut = False
        try:
            async for chunk in chunks:
                waiting += chunk
                if len(waiting) >= _WRITTEN_AT_ONCE:
                    await asyncio.to_thread(part.write, bytes(waiting))
                    waiting.clear()
        except (httpx.HTTPError, zlib.error):
            is_cut = True  # the clip itself shows whether it is whole: some gateways end no answer rightly
        await asyncio.to_thread(part.write, bytes(waiting))
        return await asyncio.to_thread(part.finish, is_cut=is_cut)


async def _rest(head: bytes, chunks: AsyncIterator[bytes]) -> bytes:
    """Read the rest of a short text; a long one is none."""
    note = head
    async for chunk in chunks:
        note += chunk
        if len(note) > _LONGEST_NOTE:
            return b""
    return note


def _link_inside(note: bytes, address: str) -> str | None:
    """Find the link in a text that came instead of the clip: some gateways answer so."""
    return next(iter(clip_links(wire.document(note) or {}, address)), None)


class _Meter:
    """Counts bytes against the limits, in the loop's time, which stands still while the program is paused."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._time = asyncio.get_running_loop().time
        self._total = 0
        self._in_window = 0
        self._window_began = self._time()

    def count(self, chunk: bytes) -> bytes:
        """Return the chunk. Raise FetchFailed when it is too much, or comes too slowly."""
        self._total += len(chunk)
        self._in_window += len(chunk)
        if self._total > self._limits.file_bytes:
            raise FetchFailed(f"the clip is larger than {self._limits.file_bytes:,} bytes")
        passed = self._time() - self._window_began
        if passed >= self._limits.window_seconds:
            if self._in_window < self._limits.least_bytes_per_second * passed:
                raise FetchFailed("the clip comes too slowly")
            self._in_window, self._window_began = 0, self._time()
        return chunk
