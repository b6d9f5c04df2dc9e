"""What travels over REST: one request as it came in, the answer to it, and the record of both."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from http import HTTPStatus
from typing import Any

from sandbox.discord.attachments import Blob
from sandbox.discord.json_parts import is_object


@dataclass(frozen=True)
class Upload:
    """A file as a member picks it."""

    filename: str
    data: bytes


@dataclass(frozen=True)
class ReceivedFile:
    """A file part of a request."""

    filename: str
    description: str | None
    blob: Blob

    def read(self) -> Blob:
        """Return the file on disk; simcord takes it for the bytes and passes it on."""
        return self.blob


@dataclass(frozen=True)
class Request:
    method: str
    path: str
    """Without `/api/v10` and the query, still percent-encoded."""
    params: Mapping[str, str]
    token: str
    payload: Any = None
    files: tuple[ReceivedFile, ...] = ()
    oversized: bool = False
    reason: str | None = None

    @property
    def body(self) -> dict[str, Any]:
        return self.payload if is_object(self.payload) else {}

    @property
    def parts(self) -> list[str]:
        return self.path.strip("/").split("/")


@dataclass(frozen=True)
class Reply:
    status: int
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict[str, str])


def refusal(status: int, code: int, message: str, **more: object) -> Reply:
    return Reply(status, {"message": message, "code": code, **more})


def rate_limited(retry_after: float, *, scope: str = "user") -> Reply:
    """A 429 that discord.py takes for Discord's own: it has `Via` and `retry_after`."""
    body = {"message": "You are being rate limited.", "retry_after": retry_after, "global": scope == "global"}
    headers = {
        "Via": "1.1 google",
        "Retry-After": f"{retry_after:g}",
        "X-RateLimit-Scope": scope,
        "X-RateLimit-Remaining": "0",
        "X-RateLimit-Reset-After": f"{retry_after:g}",
    }
    if scope == "global":
        headers["X-RateLimit-Global"] = "true"
    return Reply(429, body, headers)


@dataclass(frozen=True)
class SentFile:
    filename: str
    size: int


@dataclass(frozen=True)
class Exchange:
    """One finished REST request. `status` is None when the connection broke before an answer."""

    method: str
    path: str
    status: int | None
    payload: Any
    answer: Any
    files: tuple[SentFile, ...]
    at: datetime
    elapsed: float

    @property
    def refused(self) -> bool:
        return self.status is not None and self.status >= HTTPStatus.BAD_REQUEST

    def __str__(self) -> str:
        files = "".join(f" +{file.filename} ({file.size} B)" for file in self.files)
        outcome = "cut" if self.status is None else str(self.status)
        if self.refused and is_object(self.answer):
            outcome += f" {self.answer.get('code')} {self.answer.get('message')}"
        return f"{self.at:%H:%M:%S.%f} {self.method} {self.path}{files} -> {outcome} in {self.elapsed:.3f} s"
