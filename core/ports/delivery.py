"""What core needs so that members see cards and videos."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

from core.model.delivery import Delivery
from core.model.job import Job
from core.model.video import Result, StoredVideo
from core.ports.provider import Working


class Encoder(Protocol):
    """Makes clips smaller; it is given one at a time."""

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
        """Return a link to a job's clip, or None where there is none that a member could open.

        `result` is where the gateway keeps the clip, if its link needs no key and still works.
        Never raises.
        """
        ...

    async def withdraw(self, job_id: int) -> bool:
        """Make the links to a job's clip stop working, as far as they are ours. Never raises.

        False where something could not be reached: it expires by itself, or is withdrawn by another try.
        """
        ...


@dataclass(frozen=True, slots=True)
class JobView:
    """The state of a job on a card at one moment. `ahead` counts the jobs before it in the queue.

    `estimate` is when it will probably be ready, None where that is unknown. `is_late`: it takes far
    longer than such videos do, `is_silent`: its provider does not answer, `awaits_yes`: it is not
    sent before the operator says so.
    """

    job: Job
    progress: Working | None = None
    ahead: int | None = None
    estimate: datetime | None = None
    is_late: bool = False
    is_silent: bool = False
    awaits_yes: bool = False


class Courier(Protocol):
    """Delivers cards and videos, by the bot's own right to post.

    The methods that wait raise DeliveryDelayed (try again later), TooLarge or NobodyThere.
    """

    def show(self, job_view: JobView) -> None:
        """Bring the card up to date when convenient. Never waits; the latest wins; may be dropped."""
        ...

    async def notify(self, job: Job) -> None:
        """Make the member's card show the job's state, in a new message if the card is gone."""
        ...

    async def deliver(self, job: Job, video: Path, *, original: Link | None = None) -> Delivery:
        """Turn the card into the result, with the video in it, and return where it is.

        Looks first whether an earlier attempt already did it, so that there is one video message.
        `job.delivery` says whether it goes to the channel or to a direct message, and whether the file
        was made smaller; `original` leads to the larger one.
        """
        ...

    async def deliver_link(self, job: Job, link: Link) -> Delivery:
        """Turn the card into the result, with a link in the place of the video, and return where it is."""
        ...

    async def ping(self, job: Job, *, was_tried: bool) -> None:
        """Notify the requester of the result. After an earlier try, look first whether it worked."""
        ...
