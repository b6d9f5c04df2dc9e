"""Files that are sent over HTTP by the kernel, so many at once and no longer than a while."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from aiohttp import hdrs, web
from aiohttp.abc import AbstractStreamWriter

MOST: Final = 50
BUSY_SECONDS: Final = 10
_BUSY: Final = "Too many files are being sent. Try again in a moment."
LONGEST_SECONDS: Final = 900.0
"""A player that is cut off asks for the rest; one that stands still must not keep its place."""

_ONE_RANGE: Final = re.compile(r"bytes=(\d{1,18}-\d{0,18}|-0{0,9}[1-9]\d{0,17})", re.ASCII)


class Streams:
    """Counts the files that are being sent."""

    def __init__(self, most: int = MOST, longest_seconds: float = LONGEST_SECONDS) -> None:
        self._most = most
        self.longest_seconds = longest_seconds
        self.count = 0

    def file(self, path: Path, headers: Mapping[str, str]) -> FileStream:
        """Send a file. Raise the answer that is given instead where too many are being sent."""
        if self.count >= self._most:
            raise web.HTTPServiceUnavailable(text=_BUSY, headers={"Retry-After": str(BUSY_SECONDS)})
        return FileStream(path, self, headers)


class FileStream(web.FileResponse):
    """A file or a part of it, as asked. The body never passes through Python."""

    def __init__(self, path: Path, streams: Streams, headers: Mapping[str, str]) -> None:
        super().__init__(path, headers=headers)
        self._streams = streams

    async def prepare(self, request: web.BaseRequest) -> AbstractStreamWriter | None:
        """Send everything. Raise ConnectionError where whoever asked is gone, or takes too long."""
        self._streams.count += 1
        try:
            async with asyncio.timeout(self._streams.longest_seconds):
                return await super().prepare(await _sound(request, self._path))
        except TimeoutError:
            if request.transport is not None:
                request.transport.abort()
            raise ConnectionResetError("the stream took too long") from None
        finally:
            self._streams.count -= 1


async def _sound(request: web.BaseRequest, path: Path) -> web.BaseRequest:
    """Leave out a Range that does not count: the whole file is the answer then (RFC 9110, 13.1.5, 14.2)."""
    asked = request.headers.get(hdrs.RANGE)
    if asked is None:
        return request
    is_sound = request.method == hdrs.METH_GET and _ONE_RANGE.fullmatch(asked) and not _is_backwards(asked)
    if is_sound and await _holds(request, path):
        return request
    headers = request.headers.copy()
    del headers[hdrs.RANGE]
    return request.clone(headers=headers)


async def _holds(request: web.BaseRequest, path: Path) -> bool:
    """Whether the file is still the one of which a part is wanted; a time is compared by aiohttp."""
    condition = request.headers.get(hdrs.IF_RANGE)
    if condition is None or request.if_range is not None:
        return True
    return condition.strip() == await asyncio.to_thread(_tag, path)


def _is_backwards(asked: str) -> bool:
    first, _, last = asked.removeprefix("bytes=").partition("-")
    return bool(first and last) and int(last) < int(first)


def _tag(path: Path) -> str:
    """Return the tag that `web.FileResponse` gives a file."""
    try:
        found = path.stat()
    except OSError:
        return ""
    return f'"{found.st_mtime_ns:x}-{found.st_size:x}"'
