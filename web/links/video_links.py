"""Links to videos that members can open, the best kind first: a bucket's, our own, the gateway's."""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Protocol

from core.delivery.signed_links import (
    FILE_ID_SIZE,
    LinkClaims,
    SharedLink,
    SharedLinks,
    Signer,
    expiry,
    is_alive,
)
from core.model.errors import StoreError
from core.model.job import Job, file_name
from core.model.video import Result
from core.ports import ClipStore, Clock, Link

log = logging.getLogger(__name__)

PREFIX = "/v/"
"""The beginning of the path of every link to our own server."""


class Kind(Protocol):
    """One kind of links."""

    async def offer(self, job: Job, result: Result | None) -> Link | None:
        """Return a link, or None where this kind has none. May raise; another kind is tried then."""
        ...

    async def withdraw(self, job_id: int) -> None:
        """Make every link of this kind stop working."""
        ...


class LinkKinds:
    """`core.ports.Links`: asks one kind after the other."""

    def __init__(self, kinds: Sequence[Kind]) -> None:
        self._kinds = kinds

    async def offer(self, job: Job, result: Result | None) -> Link | None:
        for kind in self._kinds:
            link = await _offer(kind, job, result)
            if link is not None:
                return link
        return None

    async def withdraw(self, job_id: int) -> bool:
        """Make every link to a job's video stop working. One that cannot be withdrawn expires by itself."""
        is_done = True
        for kind in self._kinds:
            try:
                await kind.withdraw(job_id)
            except StoreError as error:
                is_done = False
                log.warning("links not withdrawn", extra={"job": job_id, "why": str(error)})
        return is_done


async def _offer(kind: Kind, job: Job, result: Result | None) -> Link | None:
    try:
        return await kind.offer(job, result)
    except StoreError as error:
        log.warning("no link of this kind", extra={"job": job.id, "why": str(error)})
    except Exception:
        log.exception("a link went wrong", extra={"job": job.id})
    return None


class Bucket(Protocol):
    """Stores clips elsewhere and serves them by links of its own. Every call may raise StoreError."""

    async def put(self, name: str, file: Path) -> None: ...

    async def link(self, name: str, lifetime: timedelta) -> str: ...

    async def discard(self, name: str) -> None: ...


class BucketLinks:
    """A bucket serves the video; it is sent there when the first link to it is needed."""

    def __init__(self, bucket: Bucket, clips: ClipStore, clock: Clock, lifetime: timedelta) -> None:
        self._bucket = bucket
        self._clips = clips
        self._clock = clock
        self._lifetime = lifetime

    async def offer(self, job: Job, result: Result | None) -> Link | None:
        del result
        if job.video is None or not await self._clips.holds(job.id, job.video):
            return None
        clip = self._clips.path(job.id)
        await self._bucket.put(file_name(job.id), clip)
        if not await asyncio.to_thread(clip.exists):
            await self.withdraw(job.id)  # it was removed during the upload, and its links withdrawn too early
            return None
        expires_at = expiry(self._clock.now(), self._lifetime)
        return Link(await self._bucket.link(file_name(job.id), self._lifetime), expires_at)

    async def withdraw(self, job_id: int) -> None:
        await self._bucket.discard(file_name(job_id))


class OwnLinks:
    """Our own server shows the video to everyone who has the link."""

    def __init__(
        self,
        *,
        signer: Signer,
        shared: SharedLinks,
        clips: ClipStore,
        clock: Clock,
        public_url: str,
        lifetime: timedelta,
    ) -> None:
        self._signer = signer
        self._shared = shared
        self._clips = clips
        self._clock = clock
        self._base = public_url + PREFIX
        self._lifetime = lifetime

    async def offer(self, job: Job, result: Result | None) -> Link | None:
        """Return the present link, as long as most of its life lies before it, else a new one."""
        del result
        if job.video is None or not await self._clips.holds(job.id, job.video):
            return None
        now = self._clock.now()
        shared = await self._shared.latest(job.id)
        if shared is None or not is_alive(shared.expires_at, now + self._lifetime / 2):
            shared = await self._new(job.id, now)
        page = self._base + self._signer.token(LinkClaims(shared.file_id, shared.expires_at))
        return Link(page, shared.expires_at, file=f"{page}.mp4")

    async def withdraw(self, job_id: int) -> None:
        await self._shared.withdraw(job_id)

    async def _new(self, job_id: int, now: datetime) -> SharedLink:
        link = SharedLink(secrets.token_bytes(FILE_ID_SIZE), job_id, expiry(now, self._lifetime))
        await self._shared.add(link, now)
        return link
