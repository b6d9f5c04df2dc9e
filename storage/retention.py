"""Keeps the folders of clips and pictures within the time and the room that the settings give it."""

from __future__ import annotations

import asyncio
import logging
import re
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from core.delivery.signed_links import is_alive
from core.model.errors import JobDamaged, Stale, StoreError
from core.model.job import JobState
from core.ports import ClipStore, Clock, JobStore
from core.requests.stored_pictures import picture_in_file
from storage.clock_guard import AgeCertainty
from storage.files.pictures import FolderPictures
from storage.sqlite.shared_links import SqliteSharedLinks

log = logging.getLogger(__name__)

EVERY_SECONDS: Final = 3600.0
LEAST_FREE: Final = 250_000_000
"""Bytes of the disk that delivered clips make way for, before a new one cannot be stored."""

_FIRST_SECONDS: Final = 30.0
_UNFINISHED_FOR: Final = timedelta(days=1)
"""How long a download may take; an older part file was left behind by a program that was killed."""

_PICTURE_FOR: Final = timedelta(days=2)
"""The least time for which a picture is stored: a job that was ordered with it may wait for a day."""

_CLIP: Final = re.compile(r"video-(\d+)\.mp4")
_MOST_ID: Final = 2**63 - 1
_LEFTOVER: Final = re.compile(r"video-\d+\.mp4\..+")


@dataclass(frozen=True, slots=True)
class ClipOnDisk:
    """A clip on the disk. `used_at` is when it was last written or read."""

    job_id: int
    size: int
    used_at: datetime


@dataclass(frozen=True, slots=True)
class Room:
    """How many bytes clips may take, and how many of the disk are left free."""

    quota: int
    least_free: int = LEAST_FREE

    def lacking(self, folder: Path, used: int) -> int:
        """How many bytes of clips have to be removed; none where it is less than one."""
        return max(used - self.quota, self.least_free - shutil.disk_usage(folder).free)


class Retention:
    """Removes clips that were delivered: those not used for so long, then the least recently used.

    A clock that was set far ahead removes nothing for its age, until it has gone on like that for half a day.

    The job is changed before its clip is removed. A clip that was not delivered stays, however large; so does
    one that a link still shows.
    """

    def __init__(
        self,
        *,
        store: JobStore,
        clips: ClipStore,
        folder: Path,
        pictures: FolderPictures,
        clock: Clock,
        keep: timedelta,
        room: Room,
        shared: SqliteSharedLinks | None = None,
    ) -> None:
        self._store = store
        self._clips = clips
        self._folder = folder
        self._pictures = pictures
        self._clock = clock
        self._ages = AgeCertainty(clock)
        self._keep = keep
        self._room = room
        self._shared = shared

    async def run(self) -> None:
        """Sweep every hour, until cancelled. A failure is left to the next sweep."""
        await self._clock.sleep(_FIRST_SECONDS)
        while True:
            try:
                await self.sweep()
            except (OSError, StoreError) as error:
                log.warning("the folder of clips was not tidied", extra={"why": repr(error)})
            await self._clock.sleep(EVERY_SECONDS)

    async def sweep(self) -> list[int]:
        """Remove what need not be stored any longer; return the jobs whose clips were removed."""
        now = self._clock.now()
        are_certain = await asyncio.to_thread(self._ages.are_certain, self._used)
        if are_certain:
            await self._pictures.sweep(now - max(self._keep, _PICTURE_FOR))
            await asyncio.to_thread(_tidy, self._folder, now - _UNFINISHED_FOR)
        clips = await asyncio.to_thread(_clips, self._folder)
        over = self._room.lacking(self._folder, sum(clip.size for clip in clips))
        gone: list[int] = []
        for clip in clips:
            is_due = over > 0 or (are_certain and now - clip.used_at > self._keep)
            if await self._has_let_go(clip.job_id, is_due=is_due):
                over -= clip.size
                gone.append(clip.job_id)
        if over > 0:
            log.warning(
                "there is too little room, and no clip that was delivered is left to go", extra={"over": over}
            )
        return gone

    def _used(self) -> list[datetime]:
        """When each clip and each picture was used last."""
        pictures = (path for path in list(self._pictures.folder.iterdir()) if picture_in_file(path.name))
        return [_used_at(path) for path in (*_files(self._folder, _CLIP), *pictures)]

    async def _has_let_go(self, job_id: int, *, is_due: bool) -> bool:
        """Remove a clip that is due; that of a job that cannot be read stays."""
        try:
            return await self._let_go(job_id, is_due=is_due)
        except JobDamaged:
            return False

    async def _let_go(self, job_id: int, *, is_due: bool) -> bool:
        """Remove a clip that is due, if its job was delivered; and one that its job has given up already."""
        job = await self._store.get(job_id)
        is_forgotten = job is not None and job.has_ended and job.video is None
        is_delivered = job is None or job.state is JobState.DONE
        if not is_forgotten and not (is_due and is_delivered and not await self._is_shown(job_id)):
            return False
        if job is not None and job.video is not None:
            try:
                await self._store.move(job, job.without_video(self._clock.now()))
            except Stale:
                return False  # the job was changed at this very moment
        await self._clips.discard(job_id)
        return True

    async def _is_shown(self, job_id: int) -> bool:
        """Whether a link to the clip was given out that works until later."""
        link = None if self._shared is None else await self._shared.latest(job_id)
        return link is not None and is_alive(link.expires_at, self._clock.now())


def _tidy(folder: Path, left_before: datetime) -> None:
    """Remove what was left behind."""
    for leftover in _files(folder, _LEFTOVER):
        if _used_at(leftover) < left_before:
            leftover.unlink(missing_ok=True)


def _clips(folder: Path) -> Sequence[ClipOnDisk]:
    """Return the clips, the least recently used first."""
    clips = (_clip_on_disk(path) for path in _files(folder, _CLIP))
    return sorted((clip for clip in clips if clip.job_id <= _MOST_ID), key=lambda clip: clip.used_at)


def _files(folder: Path, name: re.Pattern[str]) -> Iterator[Path]:
    return (path for path in list(folder.iterdir()) if name.fullmatch(path.name))


def _clip_on_disk(path: Path) -> ClipOnDisk:
    job_id = int(path.name.removeprefix("video-").removesuffix(".mp4"))
    return ClipOnDisk(job_id, path.stat().st_size, _used_at(path))


def _used_at(path: Path) -> datetime:
    facts = path.stat()
    return datetime.fromtimestamp(max(facts.st_mtime, facts.st_atime), UTC)
