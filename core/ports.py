"""What core needs from the outside, in its own words. Each docstring is the promise adapters keep."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Protocol, TypeAlias

from core.alarms import Alarming
from core.catalog import Model
from core.jobs import Delivery, Job, JobState, Ticket
from core.ledger import Account, Entry, Usage
from core.limits import Admission, Limit
from core.video import Result, StoredVideo, VideoRequest


@dataclass(frozen=True, slots=True)
class PictureFile:
    """A picture that the gateways take. `is_changed` tells that it is not the file that was given."""

    data: bytes
    extension: str
    is_changed: bool


class Pictures(Protocol):
    """Knows what the gateways take as a picture."""

    async def fitted(self, data: bytes) -> PictureFile:
        """Look at a picture's content and make it one that is taken: format, rotation, weight.

        Raise PictureUnusable with what is allowed where that cannot be done.
        """
        ...

    def checked_link(self, link: str) -> str:
        """Return a link to a picture, tidied. Raise LinkUnusable with what is allowed."""
        ...


class Clock(Protocol):
    def now(self) -> datetime:
        """The wall clock, in UTC: for what is written down and shown."""
        ...

    def monotonic(self) -> float:
        """Seconds that never jump: for waiting."""
        ...

    async def sleep(self, seconds: float) -> None: ...

    async def wait(self, event: asyncio.Event, seconds: float) -> None:
        """Return when the event is set or the seconds have passed, whichever comes first."""
        ...


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
    """What a provider says of a task that has not ended."""

    QUEUED = "queued"
    RUNNING = "running"


@dataclass(frozen=True, slots=True)
class Working:
    """`percent` is the provider's own figure, 0 to 100, and None where it gives none."""

    stage: Stage
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


Progress: TypeAlias = Working | Finished | Failed


@dataclass(frozen=True, slots=True)
class Created:
    """A paid task exists. `progress` is what the reply already said of it."""

    ticket: Ticket
    progress: Progress


@dataclass(frozen=True, slots=True)
class Reply:
    """What a gateway answered to a create, as it came: `body` holds the first 4 kB.

    `provider`, `family` and `base_url` say what was asked, so that the reply can be read later;
    `attempt` says which paid request of its job it answers.
    """

    provider: str
    family: str
    base_url: str
    status: int
    body: bytes
    attempt: int = 1


class ReplyLog(Protocol):
    """Replies to paid requests, kept before anybody tries to understand them."""

    async def append(self, job_id: int, reply: Reply) -> None:
        """Put the reply on the disk. Never raises: a job goes on without its copy."""
        ...

    async def last(self, job_id: int) -> Reply | None: ...


class Provider(Protocol):
    """One gateway surface."""

    @property
    def name(self) -> str:
        """As in the catalogue and the settings: `anyint`."""
        ...

    @property
    def links_are_public(self) -> bool:
        """Whether anybody can open its links to clips: one that needs our key is shown to nobody."""
        ...

    async def create(self, order: Order) -> Created:
        """Send the paid request once.

        The reply is in the reply log before it is read.
        Raise NotSent, Refused or OutcomeUnknown, and nothing else; never send it a second time.
        """
        ...

    def read(self, reply: Reply) -> Created:
        """Read a reply from the log as `create` would have. Raise Refused or OutcomeUnknown."""
        ...

    async def look_up(self, order: Order) -> Created | None:
        """Find the task of an order whose outcome is unknown; None where that cannot be told.

        Raise CheckFailed where asking went wrong.
        """
        ...

    async def check(self, ticket: Ticket) -> Progress:
        """Ask about a task. Raise CheckFailed or TaskMissing, which say nothing about the task."""
        ...

    async def fetch(self, ticket: Ticket, result: Result, into: Path) -> StoredVideo:
        """Stream a finished clip to `into` and prove that it is a whole MP4.

        The file appears under its name only when it is complete and on the disk.
        Raise FetchFailed, or LinkExpired where a new check can give another link.
        """
        ...

    async def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Event:
    """One line of a job's history; `before` is None for the first."""

    job_id: int
    at: datetime
    before: JobState | None
    after: JobState
    actor: str
    detail: str | None


class JobStore(Protocol):
    """Where jobs are kept. What a call has returned from survives a power cut."""

    async def admit(self, job: Job, limits: Sequence[Limit] = ()) -> Admission:
        """Record a new job with its first event and reserve its price, if all limits have room for it.

        That is one step: however many come at once, as many are admitted as the limits allow, and a
        known id changes nothing. Whoever is cancelled here learns nothing of what became of it.
        """
        ...

    async def usage(self, account: Account) -> Usage:
        """What jobs come to on an account: the sum of the ledger's lines at this moment."""
        ...

    async def entries(self, job_id: int) -> list[Entry]:
        """A job's lines in the ledger, the oldest first: one when it is admitted, one when it ends.

        They are written in the same step as the job.
        """
        ...

    async def move(self, before: Job, after: Job) -> None:
        """Put `after` in the place of `before`, with its event, in one step.

        Raise Stale if the job is no longer as `before` says, IllegalMove for a move that is not in
        the table (the store checks it too), TaskTaken if the ticket is another job's, StoreFull if
        nothing can be written.
        """
        ...

    async def get(self, job_id: int) -> Job | None: ...

    def pending(self) -> AsyncIterator[Job]:
        """Every job that has something left to do, the oldest first, a few at a time in memory."""
        ...

    async def of_requester(self, requester_id: int, *, limit: int = 25) -> list[Job]:
        """The requester's jobs, the newest first."""
        ...

    async def by_message(self, message_id: int) -> Job | None:
        """Find the job that a message shows: its card, or the result where that stands elsewhere."""
        ...

    async def recent(self, *, limit: int = 50) -> list[Job]:
        """Everybody's jobs, the newest first."""
        ...

    async def events(self, job_id: int) -> list[Event]:
        """A job's history, the oldest line first."""
        ...


class Notes(Protocol):
    """Small facts that the program keeps about itself between runs."""

    async def recall(self, key: str) -> str | None: ...

    async def remember(self, key: str, value: str) -> None: ...


class Library(Protocol):
    """The folder of stored clips. Names come from job ids only, never from outside."""

    def path(self, job_id: int) -> Path:
        """Where the clip of a job is, or will be."""
        ...

    async def holds(self, job_id: int, video: StoredVideo) -> bool:
        """Whether the clip is there, whole: same size, same SHA-256."""
        ...

    def fitted(self, job_id: int) -> Path:
        """Where a smaller copy of the clip is, or will be."""
        ...

    async def discard_fitted(self, job_id: int) -> None:
        """Remove the smaller copy. Fine if there is none."""
        ...

    async def discard(self, job_id: int) -> None:
        """Remove the clip and all that was made of it. Fine if there is none."""
        ...


class Encoder(Protocol):
    """Makes clips smaller."""

    async def fit(self, source: Path, into: Path, *, limit: int) -> StoredVideo | None:
        """Encode a clip again so that it weighs no more than `limit` bytes.

        The file appears under its name only when it is complete. None where the result would not be
        worth watching, or where it cannot be made. Never raises.
        """
        ...


@dataclass(frozen=True, slots=True)
class Link:
    """A link to a clip that a member can open, until it expires; None for never.

    `file` is the address of the file itself, where `url` is that of a page around it.
    """

    url: str
    expires_at: datetime | None
    file: str | None = None


class Links(Protocol):
    """Makes links to clips that members can open."""

    async def offer(self, job: Job, result: Result | None) -> Link | None:
        """Give a link to a job's clip, or None where there is none that a member could open.

        `result` is where the gateway keeps the clip, if its link needs no key and still works.
        Never raises.
        """
        ...

    async def withdraw(self, job_id: int) -> None:
        """Make the links to a job's clip open nothing, as far as they are ours. Never raises."""
        ...


@dataclass(frozen=True, slots=True)
class Glance:
    """What a card shows of a job at one moment. `ahead` counts the jobs before it in the queue.

    `estimate` is when it will probably be ready, None where nobody can say.
    """

    job: Job
    progress: Working | None = None
    ahead: int | None = None
    estimate: datetime | None = None


class Courier(Protocol):
    """Brings cards and videos to where people are, by the bot's own right to post.

    The methods that wait raise DeliveryDelayed (try again later), TooLarge or NobodyThere.
    """

    def show(self, glance: Glance) -> None:
        """Bring the card up to date when convenient. Never waits; the latest wins; may be dropped."""
        ...

    async def tell(self, job: Job) -> None:
        """Make the member's card say how the job stands, in a new message if the card is gone."""
        ...

    async def deliver(self, job: Job, video: Path, *, original: Link | None = None) -> Delivery:
        """Turn the card into the result, with the video in it, and say where it is.

        Looks first whether an earlier attempt already did it, so that there is one video message.
        `job.delivery` says whether it goes to the channel or to a direct message, and whether the file
        was made smaller; `original` leads to the larger one.
        """
        ...

    async def deliver_link(self, job: Job, link: Link) -> Delivery:
        """Turn the card into the result, with a link in the place of the video, and say where it is."""
        ...

    async def ping(self, job: Job, *, was_tried: bool) -> None:
        """Notify the requester of the result. After an earlier try, look first whether it worked."""
        ...


class Alarm(Protocol):
    """Tells whoever runs the bot what nobody else can mend."""

    def raised(self, event: Alarming, /) -> None:
        """Have it told soon, once. Never waits, never raises; what is not told stands in the log."""
        ...
