"""What outlives a program that erases, and jobs for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import count, pairwise
from pathlib import Path

from core.model.delivery import Delivery, Way
from core.model.job import Job, JobState, Reason
from core.model.ledger import Account, Scope, Usage
from core.model.limits import Limit
from core.ports import Reply
from core.privacy.erasure import ErasureService
from core.privacy.job_files import JobFiles
from core.requests.preferences import PreferenceStore
from storage.files.pictures import FolderPictures
from storage.memory.erasures import MemoryErasures, MemoryPersonalData
from storage.memory.stores import MemoryJobStore, MemoryKeyValues, MemoryReplyLog
from tests.contracts.examples import ALICE, NOON, life
from tests.fakes.clip_store import FolderArchive
from tests.fakes.clock import VirtualClock
from tests.fakes.delivery_tools import ScriptedLinks
from tests.fakes.fuse import Fuse

PRICE = 350_000
REPLY = Reply("anyint", "videos", "https://gateway.example", 200, b'{"prompt": "a paper boat"}')


@dataclass(slots=True)
class World:
    """What outlives the program."""

    folder: Path
    limits: Sequence[Limit] = ()
    store: MemoryJobStore = field(default_factory=MemoryJobStore)
    notes: MemoryKeyValues = field(default_factory=MemoryKeyValues)
    replies: MemoryReplyLog = field(default_factory=MemoryReplyLog)
    links: ScriptedLinks = field(default_factory=ScriptedLinks)
    clock: VirtualClock = field(default_factory=VirtualClock)
    clips: FolderArchive = field(init=False)
    pictures: FolderPictures = field(init=False)
    erasures: MemoryErasures = field(init=False)
    pseudonyms: count[int] = field(default_factory=lambda: count(-1, -1))

    def __post_init__(self) -> None:
        self.folder.mkdir(exist_ok=True)
        self.clips = FolderArchive(self.folder)
        self.pictures = FolderPictures(self.folder / "pictures")
        self.erasures = MemoryErasures(self.store)

    def erasure_service(self, fuse: Fuse | None = None) -> ErasureService:
        """Start the program, with the power to go where the fuse says."""
        fuse = fuse or Fuse()
        notes = fuse.around(self.notes)
        return ErasureService(
            personal=MemoryPersonalData(self.store),
            erasures=fuse.around(self.erasures),
            job_files=JobFiles(
                *(fuse.around(self.clips), fuse.around(self.links)),
                *(fuse.around(self.pictures), fuse.around(self.replies)),
            ),
            notes=notes,
            preferences=PreferenceStore(notes),
            limits=self.limits,
            clock=self.clock,
            chance=lambda: next(self.pseudonyms),
        )

    async def has(self, moments: Sequence[Job]) -> Job:
        """Let a job live through these moments, with a reply and, where it has a video, a file."""
        await self.store.admit(moments[0])
        for before, after in pairwise(moments):
            await self.store.move(before, after)
        await self.replies.append(moments[0].id, REPLY)
        if moments[-1].video is not None:
            self.clips.path(moments[-1].id).write_bytes(b"a clip of a paper boat")
        return moments[-1]

    def files(self) -> list[str]:
        """Name the clips and pictures."""
        return sorted(path.name for path in self.folder.rglob("*") if path.is_file())

    async def of_alice(self) -> list[int]:
        return [job.id for job in await self.store.of_requester(ALICE)]

    async def used(self, member: int, period: str = "") -> Usage:
        return await self.store.usage(Account(Scope.MEMBER, member, period))


def drawn(moments: Sequence[Job], picture: str) -> list[Job]:
    return [replace(job, request=replace(job.request, first_frame=picture)) for job in moments]


def of(moments: Sequence[Job], member: int) -> list[Job]:
    return [replace(job, destination=replace(job.destination, requester_id=member)) for job in moments]


def kept(job_id: int) -> list[Job]:
    """A job whose video could not be delivered, and whose member was told."""
    moments = life(job_id)[:7]
    trying = moments[-1].delivering(Delivery(plan=Way.ATTACH), NOON)
    ended = trying.ended(JobState.UNDELIVERABLE, Reason(code="closed", said="Nobody was there."), NOON)
    return [*moments, trying, ended, ended.notified(NOON)]
