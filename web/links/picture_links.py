"""Links to members' pictures, for a gateway that cannot fetch them from Discord any more."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from pathlib import Path
from typing import Final, Protocol

from core.delivery.signed_links import FILE_ID_SIZE, LinkClaims, Signer, expiry, is_alive
from core.model.errors import PictureLost
from core.model.job import Job
from core.ports import Clock
from core.requests.stored_pictures import PicturePublisher, file_of, picture_in_file
from web.links.video_links import PREFIX

LIFETIME: Final = timedelta(hours=6)
"""A gateway fetches a picture when it takes the request, or when the request's turn comes there."""


class Shelf(Protocol):
    """A `core.requests.stored_pictures.PictureStore` whose pictures are files."""

    async def use(self, name: str) -> bool: ...

    def path(self, name: str) -> Path: ...


class PictureLinks:
    """Our own server shows the copy of a picture to everyone who has the link; it needs nothing else."""

    def __init__(self, *, signer: Signer, picture_store: Shelf, clock: Clock, public_url: str) -> None:
        self._signer = signer
        self._shelf = picture_store
        self._clock = clock
        self._base = public_url + PREFIX

    async def offer(self, picture: str) -> str | None:
        """Return a link to a picture, None where our copy is gone."""
        file = file_of(picture)
        if file is None or not await self._shelf.use(picture):
            return None
        claim = LinkClaims(_file_id(file), expiry(self._clock.now(), LIFETIME))
        return f"{self._base}{self._signer.token(claim)}/{file}"

    def is_ours(self, token: str, file: str) -> bool:
        """Whether this program made this link, now or earlier."""
        claim = self._signer.read(token)
        return claim is not None and claim.file_id == _file_id(file)

    async def open(self, token: str, file: str) -> Path | None:
        """Find the picture of a link of ours; None where the link has expired, or our copy is gone."""
        claim, picture = self._signer.read(token), picture_in_file(file)
        if claim is None or picture is None or not is_alive(claim.expires_at, self._clock.now()):
            return None
        return self._shelf.path(picture) if await self._shelf.use(picture) else None


class LinkedPictures:
    """A `PicturePublisher` with links by which our own server shows what Discord can no longer show."""

    def __init__(self, discord: PicturePublisher, links: PictureLinks) -> None:
        self._discord = discord
        self._links = links

    async def link(self, job: Job, picture: str) -> str:
        try:
            return await self._discord.link(job, picture)
        except PictureLost:
            link = await self._links.offer(picture)
            if link is None:
                raise
            return link


def _file_id(file: str) -> bytes:
    return hashlib.sha256(file.encode()).digest()[:FILE_ID_SIZE]
