"""The program's disk: the real store, log and folder of clips in files, or their stand-ins in memory."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Protocol

from core.model.errors import StoreError, StoreFull
from core.model.job import Job, JobState, Notice
from core.model.job_outline import Outline
from core.model.ledger import Account, Measure, Scope
from core.model.limits import Admission, Admitted, Limit
from core.model.video import StoredVideo
from core.ports import ClipStore, JobStore, NoReply, Reply, ReplyLog, TaskClaim
from storage.files.clips import FolderClips
from storage.files.reply_log import FileReplyLog
from storage.memory.stores import MemoryJobStore, MemoryReplyLog
from storage.sqlite.database import open_database
from storage.sqlite.jobs import SqliteJobStore
from tests.fakes.clip_store import FolderArchive as QuickLibrary
from tests.proof.harness.failpoints import ENDS, Failpoints, Fault

EVERYBODY: Final = Account(Scope.BOT, 0, "")


class Unkept(Exception):
    """The reply could not be put on the disk; the program gets no error."""


WRITE: Final = (
    Fault("disk full", lambda: StoreFull("no room")),
    Fault("written, unheard", lambda: StoreError("disk I/O error"), has_effect=True),
    *ENDS,
)
READ: Final = (Fault("fails", lambda: StoreError("disk I/O error")),)
LOG: Final = (Fault("is not kept", Unkept), *ENDS)


@dataclass(frozen=True, slots=True)
class Files:
    """What an open disk offers to the program."""

    store: JobStore
    replies: ReplyLog
    clips: ClipStore


class Disk(Protocol):
    def opened(self) -> AsyncGenerator[Files]: ...

    def crash(self) -> None:
        """Keep what is on the disk at this very moment, whatever still happens in the program."""
        ...


@dataclass(slots=True)
class MemoryDisk:
    """A dictionary survives as a disk does: what was written is there, at once and whole."""

    folder: Path
    store: MemoryJobStore = field(default_factory=MemoryJobStore)
    replies: MemoryReplyLog = field(default_factory=MemoryReplyLog)

    async def opened(self) -> AsyncGenerator[Files]:
        yield Files(self.store, self.replies, QuickLibrary(self.folder))

    def crash(self) -> None:
        return


@dataclass(slots=True)
class RealDisk:
    """A data folder with the files of the real adapters; a crash leaves a copy of it to the next start."""

    folder: Path
    starts: int = 0

    @property
    def data(self) -> Path:
        return self.folder / str(self.starts)

    async def opened(self) -> AsyncGenerator[Files]:
        data = self.data
        async with open_database(data / "matinee.db") as database:
            yield Files(
                SqliteJobStore(database), FileReplyLog(data / "replies.log"), FolderClips(data / "videos")
            )

    def crash(self) -> None:
        before = self.data
        self.starts += 1
        shutil.copytree(before, self.data, ignore=shutil.ignore_patterns("*.lock", "*-shm"))


@dataclass(slots=True)
class Chronicle:
    """Every change that the store has made: jobs before and after it. It outlives the program.

    `restless` are jobs for which something is left to do; `money` is what all jobs together have reserved
    and spent, `most_money` the most that it ever was. With `closes_doubts` a job in doubt rests only when it
    is closed.
    """

    moves: list[tuple[Job | None, Job]] = field(default_factory=list[tuple[Job | None, Job]])
    jobs: dict[int, Job] = field(default_factory=dict[int, Job])
    restless: set[int] = field(default_factory=set[int])
    money: int = 0
    most_money: int = 0
    closes_doubts: bool = False

    def note(self, before: Job | None, after: Job) -> None:
        self.moves.append((before, after))
        self.jobs[after.id] = after
        if self.is_at_rest(after):
            self.restless.discard(after.id)
        else:
            self.restless.add(after.id)

    def is_at_rest(self, job: Job) -> bool:
        return is_at_rest(job) and not (self.closes_doubts and job.state is JobState.UNKNOWN)


def is_at_rest(job: Job) -> bool:
    """Whether nothing is left to do for a job, or only for a person who was told."""
    return job.next_at is None or (job.state is JobState.UNKNOWN and job.notice is Notice.GIVEN)


class StoreDoor:
    """Implements `core.ports.JobStore`."""

    def __init__(self, store: JobStore, points: Failpoints, chronicle: Chronicle) -> None:
        self._store = store
        self._points = points
        self._chronicle = chronicle
        self.of_requester = store.of_requester
        self.pending = store.pending
        self.recent = store.recent
        self.by_message = store.by_message
        self.usage = store.usage
        self.entries = store.entries
        self.events = store.events

    async def admit(self, job: Job, limits: Sequence[Limit] = ()) -> Admission:
        async def effect() -> Admission:
            return await asyncio.shield(asyncio.create_task(self._admit(job, limits)))

        return await self._points.at("admit", effect, WRITE)

    async def move(self, before: Job, after: Job, limits: Sequence[Limit] = ()) -> None:
        async def effect() -> None:
            # A write that has begun is finished, also where its caller is cancelled.
            await asyncio.shield(asyncio.create_task(self._move(before, after, limits)))

        await self._points.at(f"save {after.state}", effect, WRITE)

    async def _admit(self, job: Job, limits: Sequence[Limit]) -> Admission:
        admission = await self._store.admit(job, limits)
        if isinstance(admission, Admitted):
            self._chronicle.note(None, job)
            await self._look_at_money()
        return admission

    async def _look_at_money(self) -> None:
        chronicle = self._chronicle
        chronicle.money = (await self._store.usage(EVERYBODY)).of(Measure.MONEY)
        chronicle.most_money = max(chronicle.most_money, chronicle.money)

    async def _move(self, before: Job, after: Job, limits: Sequence[Limit]) -> None:
        await self._store.move(before, after, limits)
        self._chronicle.note(before, after)
        await self._look_at_money()

    async def outlines(self) -> AsyncIterator[Outline]:
        async def effect() -> list[Outline]:
            return [job async for job in self._store.outlines()]

        for job in await self._points.at("read all", effect, ()):
            yield job

    async def rivals(self, claim: TaskClaim) -> frozenset[JobState]:
        async def effect() -> frozenset[JobState]:
            return await self._store.rivals(claim)

        return await self._points.at("read rivals", effect, ())

    async def get(self, job_id: int) -> Job | None:
        async def effect() -> Job | None:
            return await self._store.get(job_id)

        return await self._points.at("read", effect, READ)


class RepliesDoor:
    """Implements `core.ports.ReplyLog`."""

    def __init__(self, replies: ReplyLog, points: Failpoints) -> None:
        self._replies = replies
        self._points = points

    async def append(self, job_id: int, reply: Reply | NoReply) -> None:
        async def effect() -> None:
            await self._replies.append(job_id, reply)

        try:
            await self._points.at("log", effect, LOG)
        except Unkept:
            return

    async def last(self, job_id: int) -> Reply | NoReply | None:
        async def effect() -> Reply | NoReply | None:
            return await self._replies.last(job_id)

        return await self._points.at("read log", effect, ())


class LibraryDoor:
    """Implements `core.ports.ClipStore`."""

    def __init__(self, clips: ClipStore, points: Failpoints) -> None:
        self._clips = clips
        self._points = points
        self.path = clips.path
        self.fitted = clips.fitted

    async def discard(self, job_id: int) -> None:
        await self._points.counted(lambda: self._clips.discard(job_id))

    async def discard_fitted(self, job_id: int) -> None:
        await self._points.counted(lambda: self._clips.discard_fitted(job_id))

    async def holds(self, job_id: int, video: StoredVideo) -> bool:
        async def effect() -> bool:
            return await self._clips.holds(job_id, video)

        return await self._points.at("look at file", effect, ())
