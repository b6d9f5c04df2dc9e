"""What a valid request asks for, and how an invalid one is refused."""

from dataclasses import dataclass

from sandbox.film import Mode


class Refusal(Exception):
    """The request has no effect; the caller gets this status, code and message."""

    def __init__(self, status: int, code: str | int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message


@dataclass(frozen=True, slots=True)
class Order:
    """A clip as asked for, in the same words for every surface.

    `links` are the pictures to fetch, first frame first; `picture` is one that came inside the request.
    """

    model: str
    prompt: str
    seconds: int = 5
    ratio: str | None = None
    mode: Mode = "std"
    audio: bool = False
    links: tuple[str, ...] = ()
    picture: bytes | None = None
    external_id: str | None = None
