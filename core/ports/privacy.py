"""What core needs of the stores to show members what is stored about them, and to erase it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from core.model.job import Job
from core.ports.provider import ReplyLog
from core.ports.storage import Event


@dataclass(frozen=True, slots=True)
class DataSummary:
    """How much is stored about a member. `jobs` counts videos that were ordered, also those never made.

    `open_jobs` have something left to do, `since` is when the first was ordered, `pictures` counts those
    with a picture, `clips` those whose file is kept, `bookings` the ledger's lines, `acts` what was done
    with other members' videos.
    """

    jobs: int = 0
    open_jobs: int = 0
    since: datetime | None = None
    pictures: int = 0
    clips: int = 0
    bookings: int = 0
    acts: int = 0


class PersonalData(Protocol):
    """What is stored about a member in the store of jobs."""

    async def summary(self, member_id: int) -> DataSummary: ...

    def jobs_of(self, member_id: int) -> AsyncIterator[Job]:
        """Every job of a member, the newest first, a few at a time in memory."""
        ...

    async def acts_of(self, member_id: int) -> list[Event]:
        """What a member did with other members' jobs, the oldest first."""
        ...


class ReplyArchive(ReplyLog, Protocol):
    """A reply log from which words can be erased."""

    async def redact(self, job_ids: Collection[int]) -> None:
        """Keep of these jobs' replies the fact that they came, and none of their words. Raise StoreFull."""
        ...


@dataclass(frozen=True, slots=True)
class Erasure:
    """A member wants to be erased: what was ordered by then is erased, and a pseudonym takes their place."""

    pseudonym: int
    member_id: int
    asked_at: datetime


class Erasures(Protocol):
    """Erasures, and what only the store of jobs can do for them. What a call did survives a power cut.

    A job that is erased stays on the accounts of its server and the bot; the member's accounts give it up
    to the pseudonym's, in the same step or when they are no longer held. The ledger is not changed.
    """

    async def begin(self, erasure: Erasure) -> Erasure:
        """Note an erasure and return it; an unfinished one of the same member is extended to this time.

        All that the member has ordered is meant, also where a clock was set back since.
        """
        ...

    async def under_way(self) -> list[Erasure]:
        """Return the erasures of which something is left to do, the oldest first."""
        ...

    async def hold(self, erasure: Erasure, periods: Collection[str]) -> bool:
        """Leave use in these periods on the member's accounts; other held use goes over to the pseudonym.

        Return whether anything is held now.
        """
        ...

    async def erase(self, before: Job, after: Job) -> None:
        """Put an erased job in the place of one that has ended, and take the words out of its history.

        Raise Stale if the job is no longer as `before` says, IllegalMove where something else is changed
        than may be, or where it was not asked for.
        """
        ...

    async def rename(self, erasure: Erasure) -> None:
        """Put the pseudonym in the place of the member who did something with other members' jobs by then."""
        ...

    async def shared_pictures(self, erasure: Erasure, pictures: Collection[str]) -> set[str]:
        """Return those of these pictures that jobs need which are not to be erased."""
        ...

    async def finish(self, erasure: Erasure) -> bool:
        """Drop an erasure of which nothing is left to do; False where something is."""
        ...

    async def vacuum(self) -> bool:
        """Overwrite what the disk still holds of what was erased; False where that has to wait.

        Raise StoreFull where there is no room for it.
        """
        ...
