"""The files of jobs outside the store of jobs: clips, links to them, pictures, gateways' replies."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from core.model.job import Job
from core.ports import ClipStore, Links, ReplyArchive
from core.requests.stored_pictures import PictureStore, own_copy

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class JobFiles:
    clips: ClipStore
    links: Links
    pictures: PictureStore
    replies: ReplyArchive

    async def discard(self, jobs: Sequence[Job], shared: Collection[str]) -> list[Job]:
        """Remove all of it, except pictures that are `shared` with other jobs.

        Return the jobs that have nothing left. Doing it again does no harm.
        """
        for picture in own_pictures(jobs) - set(shared):
            await self.pictures.discard(picture)
        await self.replies.redact([job.id for job in jobs])
        are_gone = await asyncio.gather(*map(self._discard_clip, jobs))
        return [job for job, is_gone in zip(jobs, are_gone, strict=True) if is_gone]

    async def _discard_clip(self, job: Job) -> bool:
        """Remove the clip first: a caller that makes a link to it at this moment finds that it is gone."""
        is_gone = True
        try:
            await self.clips.discard(job.id)
        except OSError as error:
            is_gone = False
            log.warning("a clip is not removed", extra={"job": job.id, "why": str(error)})
        return await self.links.withdraw(job.id) and is_gone


def own_pictures(jobs: Sequence[Job]) -> set[str]:
    """Name our copies of the pictures of these jobs."""
    return {picture for job in jobs if (picture := own_copy(job.request)) is not None}
