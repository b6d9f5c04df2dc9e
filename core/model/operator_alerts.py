"""What the operator has to know at once, since no one else can act on it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from core.model.ledger import Scope, Window


@dataclass(frozen=True, slots=True)
class OutcomeUnclear:
    """A paid request was sent, and no answer proves its outcome.

    `price` is what it may cost, where that is known; `said` are the gateway's own words, where it gave any.
    """

    job_id: int
    provider: str
    price: int | None
    said: str = ""


@dataclass(frozen=True, slots=True)
class ProviderClosed:
    """A provider refuses everything until the operator acts. `reason` is in its own words.

    With a `model`, by the gateway's own name, it refuses this one only.
    """

    provider: str
    is_out_of_credit: bool
    reason: str
    model: str | None = None


@dataclass(frozen=True, slots=True)
class ProviderDown:
    """A provider has been out of reach for minutes. `why` is the result of the last try."""

    provider: str
    why: str


@dataclass(frozen=True, slots=True)
class ProviderUnconfirming:
    """A provider did not confirm two paid requests in a row, so that no more are sent there for a while."""

    provider: str
    why: str


@dataclass(frozen=True, slots=True)
class OtherKey:
    """Running tasks cannot be asked about: they were made with another key, or at another address."""

    provider: str


@dataclass(frozen=True, slots=True)
class TasksUnknown:
    """A provider says of all its running tasks at once that it does not know them."""

    provider: str


@dataclass(frozen=True, slots=True)
class EndingUnproved:
    """A task is said to have ended by answers that do not name it. `link` is the clip they offer."""

    job_id: int
    provider: str
    task_id: str
    link: str | None


@dataclass(frozen=True, slots=True)
class TaskLost:
    """A task gives no video though it may be charged: it is forgotten, never ends, or its clip is nowhere.

    `link` is a clip that was offered without saying whose it is.
    """

    job_id: int
    provider: str
    task_id: str
    price: int | None
    link: str | None = None


@dataclass(frozen=True, slots=True)
class NothingSaved:
    """Nothing can be saved. `why` also says what to do."""

    why: str


@dataclass(frozen=True, slots=True)
class DatabasePutBack:
    """The database is an older copy. These jobs are queued in it, and wait for a yes before they are sent."""

    waiting: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class RepliesUnknown:
    """Gateways have answered paid requests of these jobs, which the database does not know."""

    job_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class VideoUnkept:
    """A finished video cannot be written to the disk, for reasons of the disk's own."""

    job_id: int
    why: str


@dataclass(frozen=True, slots=True)
class BudgetUsed:
    """A budget nears its end, or `is_over`: there is no room left for an order.

    `owner_id` is the server's, 0 for the whole bot; `at` is when the order came that caused it.
    """

    scope: Scope
    owner_id: int
    window: Window
    used: int
    most: int
    at: datetime
    is_over: bool = False


@dataclass(frozen=True, slots=True)
class DiscordRefuses:
    """Discord takes no videos. `said` is the status and the code of its answer."""

    said: str


@dataclass(frozen=True, slots=True)
class SessionsUsed:
    """The bot logs in at Discord far too often. `hour` counts the hours, so that each has one alert."""

    hour: int


@dataclass(frozen=True, slots=True)
class FilesGone:
    """Something in the data folder was removed while the program ran. `what` is its name."""

    what: str
    is_restored: bool = True


@dataclass(frozen=True, slots=True)
class JobSetAside:
    """The record of a job cannot be read, so nothing is done with it. `column` is the unreadable one."""

    job_id: int
    column: str


@dataclass(frozen=True, slots=True)
class NoteSetAside:
    """A note of the program's own cannot be read, and is ignored. `key` is its name."""

    key: str


OperatorAlert: TypeAlias = (
    OutcomeUnclear
    | ProviderClosed
    | ProviderDown
    | ProviderUnconfirming
    | OtherKey
    | TasksUnknown
    | EndingUnproved
    | TaskLost
    | NothingSaved
    | DatabasePutBack
    | RepliesUnknown
    | VideoUnkept
    | BudgetUsed
    | DiscordRefuses
    | SessionsUsed
    | JobSetAside
    | FilesGone
    | NoteSetAside
)


class NoAlerts:
    """Implements `core.ports.AlertChannel` where there is no operator."""

    def send(self, _: OperatorAlert, /) -> None:
        pass
