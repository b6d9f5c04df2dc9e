"""Our own copies of members' pictures: how requests name them, and who stores and publishes them."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Final, Protocol

from core.model.errors import PictureLost
from core.model.job import Job
from core.model.video import VideoRequest
from core.ports import PictureFile

_OWN: Final = re.compile(r"picture:(?P<file>[0-9a-f]{64}\.(?:jpg|png))")


class PictureStore(Protocol):
    """Stores copies of pictures by their content: the same picture is stored once, for all who use it."""

    async def keep(self, picture: PictureFile) -> str:
        """Put a picture on the disk and return its name, `picture:<sha256>.<ext>`. Raise StoreFull."""
        ...

    async def use(self, name: str) -> bool:
        """Note that a picture is used now, so that it stays; False where it is gone."""
        ...

    async def read(self, name: str) -> bytes | None:
        """Return a picture that is used now, None where it is gone."""
        ...

    async def discard(self, name: str) -> None:
        """Remove a picture. Fine if it is gone."""
        ...


class PicturePublisher(Protocol):
    """Puts our own copies of pictures where a gateway can fetch them."""

    async def link(self, job: Job, picture: str) -> str:
        """Return a link to a picture that works for hours.

        Raise DeliveryDelayed where that may work later, PictureLost where it never will.
        """
        ...


class Frames(Protocol):
    """Takes single pictures out of clips."""

    async def last(self, clip: Path) -> bytes | None:
        """Return the last picture of a clip, None where there is none to be had. Never raises."""
        ...


class NoPublisher:
    """`PicturePublisher` where no server can show anything to a gateway."""

    async def link(self, job: Job, picture: str) -> str:
        del job, picture
        raise PictureLost("nobody shows pictures to gateways here")


def name_of(sha256: str, extension: str) -> str:
    """Name the copy of a picture; the extension has its dot."""
    return f"picture:{sha256}{extension}"


def file_of(picture: str) -> str | None:
    """Return the file of an own copy; None for a link, or for any other text."""
    match = _OWN.fullmatch(picture)
    return None if match is None else match["file"]


def picture_in_file(file: str) -> str | None:
    """Name the copy that is in a file; None for any other file."""
    picture = f"picture:{file}"
    return None if file_of(picture) is None else picture


def own_copy(request: VideoRequest) -> str | None:
    """Name the picture of a request if it is a copy of ours; a request has one picture at most."""
    picture = request.reference or request.first_frame
    return picture if picture is not None and file_of(picture) is not None else None


def with_picture(request: VideoRequest, old: str, new: str) -> VideoRequest:
    """Put another name or link of the same picture in the place of an old one."""
    return replace(
        request,
        first_frame=new if request.first_frame == old else request.first_frame,
        reference=new if request.reference == old else request.reference,
    )
