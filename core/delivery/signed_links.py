"""Signed links: a file's address proves that this program made it, and until when it is valid."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import struct
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final, Protocol

LONGEST: Final = timedelta(days=7)
"""No link lives longer, and no key is needed longer after another has taken its place."""

TOO_LONG: Final = 2 * LONGEST
"""A link with a longer life was made by a wrong clock. A clock that is set back ends no other link."""

FILE_ID_SIZE: Final = 16
KEY_ID_SIZE: Final = 4
SECRET_SIZE: Final = 32

_VERSION: Final = 1
VIDEOS: Final = b"matinee video link\0"
PICTURES: Final = b"matinee picture link\0"
"""The purposes of links: a link that was signed for one purpose opens nothing of the other."""

_CLAIM: Final = struct.Struct(f">B{KEY_ID_SIZE}s{FILE_ID_SIZE}sI")
_SEAL_SIZE: Final = hashlib.sha256().digest_size
# The bytes are a multiple of three, so every bit of the text counts: no two texts mean the same link.
_TOKEN: Final = re.compile(rf"[A-Za-z0-9_-]{{{(_CLAIM.size + _SEAL_SIZE) * 4 // 3}}}", re.ASCII)


@dataclass(frozen=True, slots=True)
class LinkKey:
    """`id` stands in each link that was signed with `secret`."""

    id: bytes
    secret: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class SharedLink:
    """`file_id` is random: it reveals nothing about the clip or about other links."""

    file_id: bytes
    job_id: int
    expires_at: datetime


class SharedLinks(Protocol):
    """The links to clips that were given out: one that is not here opens nothing, whichever key signed it."""

    async def add(self, link: SharedLink, now: datetime) -> None:
        """Add a new link, in the place of those to the same clip that open nothing any more."""
        ...

    async def get(self, file_id: bytes) -> SharedLink | None: ...

    async def latest(self, job_id: int) -> SharedLink | None:
        """Return the link to a job's clip that lives longest, None where there is none."""
        ...

    async def withdraw(self, job_id: int) -> None:
        """Make every link to a job's clip open nothing, for good."""
        ...


@dataclass(frozen=True, slots=True)
class LinkClaims:
    """The content of a link, once it is certain that this program signed it."""

    file_id: bytes
    expires_at: datetime


class Signer:
    """Signs with the last of its keys and reads what any of them has signed."""

    def __init__(self, keys: Sequence[LinkKey], purpose: bytes = VIDEOS) -> None:
        self._purpose = purpose
        self._key = keys[-1]
        self._secrets = {key.id: key.secret for key in keys}

    def token(self, claim: LinkClaims) -> str:
        """Return the part of an address that proves the claim."""
        plain = _CLAIM.pack(_VERSION, self._key.id, claim.file_id, int(claim.expires_at.timestamp()))
        return base64.urlsafe_b64encode(plain + self._seal(self._key.secret, plain)).decode("ascii")

    def read(self, token: str) -> LinkClaims | None:
        """Return the content of a link; None if this program has not signed it. It may have expired since."""
        if _TOKEN.fullmatch(token) is None:
            return None
        content = base64.urlsafe_b64decode(token)
        plain, seal = content[: _CLAIM.size], content[_CLAIM.size :]
        version, key_id, file_id, seconds = _CLAIM.unpack(plain)
        secret = self._secrets.get(key_id)
        if version != _VERSION or secret is None or not hmac.compare_digest(seal, self._seal(secret, plain)):
            return None
        return LinkClaims(file_id, datetime.fromtimestamp(seconds, UTC))

    def _seal(self, secret: bytes, plain: bytes) -> bytes:
        return hmac.digest(secret, self._purpose + plain, "sha256")


def is_alive(expires_at: datetime, now: datetime) -> bool:
    """Whether a link has not expired, and was not made by a clock that was far ahead."""
    return now < expires_at <= now + TOO_LONG


def expiry(now: datetime, lifetime: timedelta) -> datetime:
    """Return when a link that is made now expires, in whole seconds, as a link can carry it."""
    if not timedelta() < lifetime <= LONGEST:
        raise ValueError(f"a link lives for {LONGEST.days} days at most, not {lifetime}")
    return (now + lifetime).replace(microsecond=0)
