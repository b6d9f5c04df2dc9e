"""Files that are sent over HTTP by the kernel, so many at once and no longer than a while."""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from collections.abc import Generator, Mapping
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Final

from aiohttp import hdrs, web
from aiohttp.abc import AbstractStreamWriter

from web.connections import CONNECTIONS

MOST: Final = 50
MOST_OF_ONE_FILE: Final = 20
MOST_FOR_ONE_VISITOR: Final = 10
BUSY_SECONDS: Final = 10
_BUSY: Final = "Too many files are being sent. Try again in a moment."
LONGEST_SECONDS: Final = 900.0
"""A player that is cut off asks for the rest; one that stands still must not keep its place."""

_ONE_RANGE: Final = re.compile(r"bytes=(\d{1,18}-\d{0,18}|-0{0,9}[1-9]\d{0,17})", re.ASCII)


class Streams:
    """Counts the files that are being sent: all of them, those of one file, those to one visitor."""

    def __init__(self, most: int = MOST, longest_seconds: float = LONGEST_SECONDS) -> None:
        self._most = most
        self.longest_seconds = longest_seconds
        self._of_one: Counter[Path | str] = Counter()
        self.count = 0

    def file(self, path: Path, headers: Mapping[str, str], visitor: str | None) -> FileStream:
        """Send a file. Raise the answer that is given instead where too many are being sent.

        A visitor of None is one of the many behind a proxy that does not tell them apart. The fewer are
        free, the fewer may one file have, and one visitor: a handful of links does not take them all.
        """
        free = self._most - self.count
        is_full = self._of_one[path] >= min(MOST_OF_ONE_FILE, free)
        if is_full or (visitor is not None and self._of_one[visitor] >= min(MOST_FOR_ONE_VISITOR, free)):
            raise web.HTTPServiceUnavailable(text=_BUSY, headers={"Retry-After": str(BUSY_SECONDS)})
        return FileStream(path, self, headers, visitor)

    @contextmanager
    def sending(self, *which: Path | str | None) -> Generator[None]:
        """Count one that is being sent, of this file and to this visitor."""
        counted = [one for one in which if one is not None]
        self.count += 1
        self._of_one.update(counted)
        try:
            yield
        finally:
            self.count -= 1
            self._of_one.subtract(counted)
            for one in counted:
                if self._of_one[one] <= 0:
                    del self._of_one[one]


class FileStream(web.FileResponse):
    """A file or a part of it, as asked. The body never passes through Python."""

    def __init__(self, path: Path, streams: Streams, headers: Mapping[str, str], visitor: str | None) -> None:
        super().__init__(path, headers=headers)
        self._streams = streams
        self._visitor = visitor

    async def prepare(self, request: web.BaseRequest) -> AbstractStreamWriter | None:
        """Send everything. Raise ConnectionError where the visitor is gone, or takes too long."""
        connections = request.app[CONNECTIONS] if isinstance(request, web.Request) else None
        try:
            async with asyncio.timeout(self._streams.longest_seconds) as limit:
                with (
                    self._streams.sending(self._path, self._visitor),
                    nullcontext() if connections is None else connections.reading(request, limit),
                ):
                    return await super().prepare(await _sound(request, self._path))
        except TimeoutError:
            if request.transport is not None:
                request.transport.abort()
            raise ConnectionResetError("the stream took too long") from None


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
