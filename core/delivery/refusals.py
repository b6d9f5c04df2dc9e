"""Tells a place's final refusal from one that may pass, and from one that Discord gives everywhere."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, TypeVar

from core.model.errors import DeliveryDelayed, DeliveryError, DiscordUnwell, NobodyThere, PlaceRefuses
from core.model.operator_alerts import DiscordRefuses, NoAlerts
from core.ports import AlertChannel, Clock
from core.primitives.bounded import BoundedDict

Key = TypeVar("Key")

REPEATS: Final = 3
"""So often the same code is given for one message before it is final for the place."""

REPEATED_OVER_SECONDS: Final = 60.0
"""The least number of seconds between the first and the last of these."""

CHANGING_REPEATS: Final = 6
CHANGING_SECONDS: Final = 600.0
"""So often and over so long a message is refused, with whichever codes, before that is final."""

PAUSE_SECONDS: Final = 31.0
"""Seconds between them: each may be a whole upload."""

LATELY_SECONDS: Final = 600.0
"""An older answer of a place says nothing about now."""

PATIENCE_SECONDS: Final = 3600.0
"""Seconds for which a channel is kept that answers as all others do, or in a way that may pass."""

REMEMBERED: Final = 4096


@dataclass(slots=True)
class Repeated:
    """The same answer, so many times in a row since a moment of the monotonic clock."""

    said: str
    since: float
    last: float
    times: int = 1

    @property
    def seconds(self) -> float:
        return self.last - self.since


@dataclass(frozen=True, slots=True)
class Recipient:
    """Where a message of a job goes. `origin` is the channel of the order, `place` may be another."""

    job_id: int
    place: int
    origin: int
    is_direct: bool = False


class Refusals:
    """Counts answers for each job and place, since a refusal may be about the content, not the place.

    An answer counts as Discord's own fault, or ours, when at least two channels gave it lately and no
    video was taken anywhere since: such a place is kept, and the operator is told.
    """

    def __init__(self, clock: Clock, alerts: AlertChannel | None = None) -> None:
        self._clock = clock
        self._alerts: AlertChannel = alerts or NoAlerts()
        self._answers: BoundedDict[tuple[int, int], Repeated] = BoundedDict(REMEMBERED)
        self._refused_at_all: BoundedDict[tuple[int, int], Repeated] = BoundedDict(REMEMBERED)
        self._origins: BoundedDict[tuple[str, int], Repeated] = BoundedDict(REMEMBERED)
        self._taken_at = float("-inf")

    def took(self, recipient: Recipient) -> None:
        """Note that Discord took a video."""
        self._taken_at = self._clock.monotonic()
        for answers in (self._answers, self._refused_at_all):
            answers.pop((recipient.job_id, recipient.place), None)

    def judge(self, recipient: Recipient, error: DeliveryError) -> DeliveryError:
        """Return the error that the caller raises: NobodyThere where the refusal is final for this place."""
        match error:
            case PlaceRefuses():
                return self._judge_refusal(recipient, error)
            case DiscordUnwell():
                answer = self._count(self._answers, (recipient.job_id, recipient.place), str(error))
                if error.is_for_operator or answer.seconds >= REPEATED_OVER_SECONDS:
                    self._alerts.send(DiscordRefuses(str(error)))
                return self._stays(answer, error)
            case DeliveryDelayed(is_refusal=True):
                answer = self._count(self._answers, (recipient.job_id, recipient.place), str(error))
                return self._stays(answer, error)
            case _:
                return error

    def _stays(self, answer: Repeated, error: DeliveryDelayed) -> DeliveryError:
        """Judge an answer that may pass: it is final where it lasts, and is given nowhere else."""
        is_only_here = error.is_refusal and self._taken_at > answer.since
        if is_only_here and answer.seconds >= PATIENCE_SECONDS:
            return NobodyThere(f"{error}, for an hour")
        return error

    def _judge_refusal(self, recipient: Recipient, error: PlaceRefuses) -> DeliveryError:
        answer = self._count(self._answers, (recipient.job_id, recipient.place), str(error))
        self._count(self._origins, (str(error), recipient.origin), str(error))
        refused = self._count(self._refused_at_all, (recipient.job_id, recipient.place), "")
        if not (_is_last_word(answer) or _has_changed_for_long(refused)):
            return PlaceRefuses(str(error), seconds=PAUSE_SECONDS)
        if self._is_everywhere(answer):
            self._alerts.send(DiscordRefuses(str(error)))
            if recipient.is_direct or refused.seconds < PATIENCE_SECONDS:
                return PlaceRefuses(str(error), seconds=2 * PAUSE_SECONDS)
        return NobodyThere(f"{error}, {answer.times} times")

    def _is_everywhere(self, answer: Repeated) -> bool:
        if self._taken_at > answer.since:
            return False
        oldest = max(self._taken_at, self._clock.monotonic() - LATELY_SECONDS)
        return sum(one.said == answer.said and one.last > oldest for one in self._origins.values()) > 1

    def _count(self, counted: BoundedDict[Key, Repeated], key: Key, said: str) -> Repeated:
        """Count one more answer; another one than before starts again at one."""
        now = self._clock.monotonic()
        answer = counted.get(key)
        if answer is None or answer.said != said:
            answer = Repeated(said, since=now, last=now)
        else:
            answer.times, answer.last = answer.times + 1, now
        counted[key] = answer
        return answer


def _is_last_word(answer: Repeated) -> bool:
    return answer.times >= REPEATS and answer.seconds >= REPEATED_OVER_SECONDS


def _has_changed_for_long(refused: Repeated) -> bool:
    return refused.times >= CHANGING_REPEATS and refused.seconds >= CHANGING_SECONDS
