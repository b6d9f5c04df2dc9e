"""Clips in an S3-compatible bucket, for links that a bucket serves by itself."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final

import obstore
from obstore.exceptions import BaseError, PermissionDeniedError, UnauthenticatedError
from obstore.store import S3Store

from core.model.errors import StoreError

if TYPE_CHECKING:
    from obstore.store import S3Credential  # it exists for type checkers only

_PART: Final = 5 * 2**20
_PARTS_AT_ONCE: Final = 2
_TRY: Final = timedelta(seconds=30)
_PATIENCE: Final = timedelta(minutes=2)


class BucketTrouble(StoreError):
    """The bucket could not be used this time. The message is for logs: it holds no key and no link."""


@dataclass(frozen=True, slots=True)
class Account:
    """The account of the bucket, and its address. Without an `endpoint` it is Amazon's own of that region."""

    bucket: str
    region: str
    access_key_id: str
    secret_access_key: str = field(repr=False)
    endpoint: str | None = None

    def credential(self) -> S3Credential:
        return {
            "access_key_id": self.access_key_id,
            "secret_access_key": self.secret_access_key,
            "expires_at": None,
        }


class Bucket:
    def __init__(self, account: Account) -> None:
        endpoint = account.endpoint or f"https://s3.{account.region}.amazonaws.com"
        self._store = S3Store(
            account.bucket,
            endpoint=endpoint,
            region=account.region,
            # Not as plain settings: those would be mixed with what stands in the environment.
            credential_provider=account.credential,
            client_options={"allow_http": endpoint.startswith("http://"), "timeout": _TRY},
            retry_config={"max_retries": 3, "retry_timeout": _PATIENCE},
        )

    async def put(self, name: str, file: Path) -> None:
        """Send a clip from the disk, a part at a time, unless it is there. Raise BucketTrouble."""
        async with _troubles():
            if await self._size(name) != file.stat().st_size:  # noqa: ASYNC240 - asks the kernel only
                await obstore.put_async(
                    self._store,
                    name,
                    file,
                    attributes={
                        "Content-Type": "video/mp4",
                        "Content-Disposition": f'inline; filename="{name}"',
                        "Cache-Control": "private",
                    },
                    chunk_size=_PART,
                    max_concurrency=_PARTS_AT_ONCE,
                )

    async def link(self, name: str, lifetime: timedelta) -> str:
        """Return an address at which anyone can get the clip for so long. Raise BucketTrouble."""
        async with _troubles():
            return await obstore.sign_async(self._store, "GET", name, lifetime)

    async def discard(self, name: str) -> None:
        """Remove a clip, and with it what links to it open. Raise BucketTrouble."""
        async with _troubles():
            if await self._size(name) is not None:
                await obstore.delete_async(self._store, name)

    async def check(self) -> None:
        """Ask the bucket a question. Raise BucketTrouble where it is not there or refuses the key."""
        async with _troubles():
            await obstore.list_with_delimiter_async(self._store, "matinee-asks-whether-it-may-ask")

    async def _size(self, name: str) -> int | None:
        try:
            return (await obstore.head_async(self._store, name))["size"]
        except FileNotFoundError:
            return None


@asynccontextmanager
async def _troubles() -> AsyncGenerator[None]:
    try:
        yield
    except FileNotFoundError:
        raise BucketTrouble("there is no such bucket") from None
    except (PermissionDeniedError, UnauthenticatedError):
        raise BucketTrouble("it refuses the key") from None
    except (BaseError, OSError, ValueError) as error:
        raise BucketTrouble(f"it does not answer as it should ({type(error).__name__})") from None
