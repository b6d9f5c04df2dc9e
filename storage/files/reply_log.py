"""Replies to paid requests on the disk, one JSON line each: a restart reads them when an id was not saved."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Callable, Collection, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final, TypeVar, cast

from core.model.errors import StoreFull, StoreUnusable
from core.model.order_ids import ordered_ms
from core.ports import NoReply, Reply
from storage.files import durable
from storage.files.held_file import HeldFile
from storage.files.presence import Presence

BODY_LIMIT: Final = 16_384
"""Bytes of a body that are stored: a task's id never stood later in any reply that was seen."""
SIZE_LIMIT: Final = 8 * 2**20
KEPT_MILLISECONDS: Final = 7 * 24 * 60 * 60 * 1000

_BREAK: Final = b"\n"

T = TypeVar("T")

log = logging.getLogger(__name__)


class FileReplyLog:
    """`core.ports.ReplyLog` in one file that only its owner can read.

    Opening it drops lines of jobs ordered more than a week before the newest one, and the oldest
    lines of more than 8 MB. A job's id tells when it was ordered (Discord, Reference, Snowflakes),
    so no clock that jumps can empty the file. Where each job's newest line begins is remembered: most
    jobs have none, and that is asked before each paid request.

    The file is held open: where it is removed or replaced, its whole content is written again.

    It has a thread of its own, in which everything here happens: however busy other threads are, a paid
    reply does not wait for them.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="replies")
        try:
            _prune(path)
        except OSError as error:
            log.warning("replies not pruned", extra={"path": str(path), "error": str(error)})
        self._beginnings = _beginnings(path)
        self._file = HeldFile(path)
        self._file.hold()
        self._had_folder = path.parent.is_dir()
        self._found = Presence.THERE

    @property
    def job_ids(self) -> frozenset[int]:
        """The jobs whose reply is stored."""
        return frozenset(self._beginnings)

    async def append(self, job_id: int, reply: Reply | NoReply) -> None:
        # The thread goes on, and has written, even where its caller is cancelled.
        line = _encode(_record(job_id, reply))
        await asyncio.shield(self._run_in_thread(lambda: self._append(job_id, line)))

    async def last(self, job_id: int) -> Reply | NoReply | None:
        beginning = self._beginnings.get(job_id)
        return None if beginning is None else await self._run_in_thread(lambda: self._read(job_id, beginning))

    async def look(self) -> Presence:
        """Put the file back where it was removed; return how it was found since the last look."""
        return await self._run_in_thread(self._look)

    async def redact(self, job_ids: Collection[int]) -> None:
        """The fact that a request was answered still keeps it from being sent again."""
        try:
            await self._run_in_thread(lambda: self._redact(frozenset(job_ids)))
        except OSError as error:
            raise StoreFull(f"{self._path} cannot be written anew ({error.strerror})") from error

    def _run_in_thread(self, work: Callable[[], T]) -> asyncio.Future[T]:
        return asyncio.get_running_loop().run_in_executor(self._thread, work)

    def _redact(self, job_ids: frozenset[int]) -> None:
        self._keep()
        if job_ids.isdisjoint(self._beginnings):
            return
        content = self._path.read_bytes()
        hushed = _redacted(content, job_ids)
        if hushed != content:
            durable.rewrite(self._path, hushed)
            self._file.hold()

    def _look(self) -> Presence:
        self._keep()
        found, self._found = self._found, Presence.THERE
        return found

    def _keep(self) -> None:
        """Have the file there, and know where its lines begin: an index never points to a missing line."""
        found = self._file.keep()
        if found is not Presence.THERE:
            self._found = found
            self._beginnings = _beginnings(self._path)

    def _append(self, job_id: int, line: bytes) -> None:
        self._keep()
        try:
            if self._had_folder:
                durable.make_folder(self._path.parent)
            durable.append(self._path, line)
            self._file.hold()
            self._beginnings[job_id] = self._file.size - len(line)
        except (OSError, StoreUnusable) as error:
            self._found = Presence.GONE
            # The words say it all: a traceback of the disk is no news.
            log.error("reply not kept", extra={"job_id": job_id, "error": str(error)})  # noqa: TRY400 - see above

    def _read(self, job_id: int, beginning: int) -> Reply | NoReply | None:
        try:
            with self._path.open("rb") as file:
                file.seek(beginning + len(_BREAK))
                line = file.readline()
        except OSError:
            return None
        return next((_reply(record) for record in _records([line]) if record["job_id"] == job_id), None)


def _record(job_id: int, reply: Reply | NoReply) -> dict[str, Any]:
    """Return a line's fields. An answer that never came has the status 0."""
    if isinstance(reply, NoReply):
        reply = Reply(reply.provider, family="", base_url="", status=0, body=b"", attempt=reply.attempt)
    return {
        "job_id": job_id,
        "provider": reply.provider,
        "family": reply.family,
        "base_url": reply.base_url,
        "status": reply.status,
        "attempt": reply.attempt,
        "is_cut": reply.is_cut,
        "retry_after": reply.retry_after,
        "body": reply.body[:BODY_LIMIT].decode("utf-8", "surrogateescape"),
    }


def _encode(record: dict[str, Any]) -> bytes:
    """Begin with the line break: what a torn write left before it stays a line of its own."""
    return _BREAK + json.dumps(record).encode("ascii")


def _reply(record: dict[str, Any]) -> Reply | NoReply:
    if record["status"] == 0:
        return NoReply(record["provider"], record["attempt"])
    return Reply(
        provider=record["provider"],
        family=record["family"],
        base_url=record["base_url"],
        status=record["status"],
        attempt=record["attempt"],
        is_cut=record.get("is_cut", False),  # lines of earlier versions do not have this field
        retry_after=record.get("retry_after"),
        body=record["body"].encode("utf-8", "surrogateescape"),
    )


def _records(lines: Iterable[bytes]) -> Iterator[dict[str, Any]]:
    """Read the lines that are whole; one that a crash tore, or that names no job, is left out."""
    for line in lines:
        try:
            record = json.loads(line)
        except (RecursionError, ValueError):
            continue
        named = cast("dict[str, Any]", record) if isinstance(record, dict) else {}
        if _is_number(named.get("job_id")):
            yield named


def _is_number(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _beginnings(path: Path) -> dict[int, int]:
    """Return where the newest line of each job begins, with the break before it."""
    found: dict[int, int] = {}
    end = 0
    try:
        lines = path.read_bytes().split(_BREAK)
    except OSError:
        return found
    for line in lines:
        found.update((record["job_id"], end - len(_BREAK)) for record in _records([line]))
        end += len(line) + len(_BREAK)
    return found


def _prune(path: Path) -> None:
    """Rewrite the file with the lines worth storing, where that is less than all of it."""
    durable.part_of(path).unlink(missing_ok=True)
    if not path.exists():
        return
    content = path.read_bytes()
    kept = b"".join(reversed(list(_worth_keeping(content))))
    if len(kept) < len(content):
        durable.rewrite(path, kept)


def _redacted(content: bytes, job_ids: frozenset[int]) -> bytes:
    """Take out the replies to these jobs, and lines that a crash tore: their job is unknown.

    Each line stays where it is, so that a caller that reads one at this very moment finds it in either file.
    """
    lines = content.split(_BREAK)
    return _BREAK.join(_without_words(line, job_ids).ljust(len(line)) for line in lines)


def _without_words(line: bytes, job_ids: frozenset[int]) -> bytes:
    record = next(_records([line]), None)
    if record is None:
        return b""
    return _encode(record | {"body": ""}).strip() if record["job_id"] in job_ids else line


def _worth_keeping(content: bytes) -> Iterator[bytes]:
    """Return lines, the newest first, until there are enough."""
    records = list(_records(reversed(content.split(_BREAK))))
    newest = max((_ordered_at(record["job_id"]) for record in records), default=0)
    room = SIZE_LIMIT
    for record in records:
        line = _encode(record)
        room -= len(line)
        if room < 0:
            return
        if _ordered_at(record["job_id"]) >= newest - KEPT_MILLISECONDS:
            yield line


def _ordered_at(job_id: int) -> int:
    return ordered_ms(job_id)
