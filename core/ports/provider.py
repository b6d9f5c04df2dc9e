"""What core needs of the gateways, in its own words."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Protocol, TypeAlias

from core.model.catalog import Model
from core.model.job import Ticket
from core.model.video import Result, StoredVideo, VideoRequest


@dataclass(frozen=True, slots=True)
class Order:
    """A paid request, ready to be sent: the job it is for and the provider's model that makes it.

    `attempt` counts the job's paid requests, each of which came after proof that nothing was made.
    """

    job_id: int
    request: VideoRequest
    model: Model
    attempt: int = 1


class Stage(StrEnum):
    """The stage of a task that has not ended."""

    QUEUED = "queued"
    RUNNING = "running"


@dataclass(frozen=True, slots=True)
class Working:
    """`percent` is the provider's own figure, 0 to 100, and None where it gives none.

    `aliases` are the ids of tasks that it names where ours is not among them: some gateways change their
    ids.
    """

    stage: Stage
    percent: int | None = None
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Unlocated:
    """The clip is made, and the provider does not say yet where it is. `percent` is as in Working."""

    percent: int | None = None


@dataclass(frozen=True, slots=True)
class Finished:
    result: Result


@dataclass(frozen=True, slots=True)
class Failed:
    """The provider ended the task without a clip. `code` is `failed`, `cancelled` or `expired`.

    `gateway_code` is the gateway's own identifier of what went wrong, where it gives one.
    """

    code: str
    said: str
    gateway_code: str | None = None


@dataclass(frozen=True, slots=True)
class Unproved:
    """An ending that the answer does not prove: it names no task of ours, or contradicts itself.

    `aliases` are the ids of tasks that it names instead. With `names_task` it names ours all the same.
    `by_id` is how the clip can be fetched all the same, whose file then proves itself: by our own id, where
    the gateway has a route for that, or by a link beside an unknown state.
    """

    ending: Finished | Failed
    aliases: tuple[str, ...] = ()
    names_task: bool = False
    by_id: Result | None = None


Progress: TypeAlias = Working | Unlocated | Finished | Failed | Unproved


@dataclass(frozen=True, slots=True)
class Created:
    """A paid task exists. `progress` is the state in the reply itself."""

    ticket: Ticket
    progress: Progress


@dataclass(frozen=True, slots=True)
class Reply:
    """A gateway's answer to a create, as it came: `body` holds the first 16 kB, without the key.

    `provider`, `family` and `base_url` say what was asked, so that the reply can be read later;
    `attempt` says which paid request of its job it answers.
    `is_cut`: there was more of the body, which is lost. `retry_after` is in seconds, where there was one.
    """

    provider: str
    family: str
    base_url: str
    status: int
    body: bytes
    attempt: int = 1
    is_cut: bool = False
    retry_after: float | None = None


@dataclass(frozen=True, slots=True)
class NoReply:
    """Stored for a paid request that the gateway never answered: it was sent."""

    provider: str
    attempt: int


class ReplyLog(Protocol):
    """Replies to paid requests, stored before the program tries to understand them."""

    async def append(self, job_id: int, reply: Reply | NoReply) -> None:
        """Put the reply on the disk. Never raises: a job goes on without its copy."""
        ...

    async def last(self, job_id: int) -> Reply | NoReply | None: ...


class Provider(Protocol):
    """One gateway surface."""

    @property
    def name(self) -> str:
        """As in the catalogue and the settings: `anyint`."""
        ...

    @property
    def links_are_public(self) -> bool:
        """Whether anyone can open its links to clips: one that needs our key is shown to no member."""
        ...

    async def create(self, order: Order) -> Created:
        """Send the paid request once.

        The reply is in the reply log before it is read.
        Raise NotSent, Refused or OutcomeUnknown, and nothing else; never send it a second time.
        """
        ...

    def read(self, reply: Reply, order: Order | None = None) -> Created:
        """Read a reply from the log as `create` would have. Raise Refused or OutcomeUnknown.

        `order` is what it answers, where that is still known: what we sent ourselves names no task.
        """
        ...

    async def look_up(self, order: Order) -> Created | None:
        """Find the task of an order whose outcome is unknown; None where that cannot be told.

        What is found carries our own id for the order; anything else is not what was asked for.

        Raise CheckFailed where the question failed.
        """
        ...

    async def check(self, ticket: Ticket) -> Progress:
        """Ask about a task. Raise CheckFailed or TaskMissing, which say nothing about the task.

        Finished and Failed come only from an answer that names the task by its id, or by our own.
        """
        ...

    async def fetch(self, ticket: Ticket, result: Result, into: Path) -> StoredVideo:
        """Stream a finished clip to `into`, and prove that it is a whole MP4; no link is tried twice.

        The caller waits between tries. The file appears under its name only when it is complete
        and on the disk. Raise FetchFailed, or LinkExpired where a new check can give another link.
        """
        ...

    async def close(self) -> None: ...
