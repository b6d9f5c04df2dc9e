"""What can go wrong, as a tree by who must act.

MatineeError
├── RequestRefused        the member: what was asked for cannot be made; nothing was sent
│   ├── PromptMissing, PromptTooLong, FlagUnknown, FlagWrong
│   ├── NothingOffered, ModelUnknown, InputNotTaken, TwoPictures
│   ├── DurationNotOffered, RatioNotOffered, ModeNotOffered, AudioNotOffered
│   ├── PictureUnusable, LinkUnusable
│   │   └── PictureNotConverted   it may be in order: our side could not finish with it
│   └── NotAllowed        a member who may not do this, or not now
│       └── LimitReached  a limit has no room (core/model/limits.py)
├── ProviderError         a gateway
│   ├── NotSent           the paid request never left: nothing was made, it may be tried again
│   │   ├── Withheld      the gateway was paused by the time the request was ready
│   │   └── PictureLost   its picture cannot be shown to the gateway, now or later
│   ├── Refused           the gateway said no: nothing was made
│   ├── OutcomeUnknown    it is unknown whether something was made: a person decides
│   ├── CheckFailed       a question about a task failed: ask again
│   ├── TaskMissing       the gateway says it does not know the task
│   └── FetchFailed       the clip could not be fetched now
│       ├── LinkExpired   its link no longer works: ask for another
│       └── NoRoom        it cannot be written to our own disk: the operator
├── StoreError            the operator, mostly
│   ├── Stale             another caller moved the job: do nothing more
│   ├── TaskTaken         the provider's task id belongs to another job
│   ├── StoreFull         nothing can be recorded, so nothing may be bought
│   ├── StoreUnusable     damaged, or written by a newer version
│   │   └── StoreInUse    another process has it
│   └── BucketTrouble     the bucket does not take or give a clip now (storage/bucket.py)
└── DeliveryError         Discord
    ├── DeliveryDelayed   try again later
    │   ├── DiscordUnwell  the answer is not Discord's own, or refuses our token: the operator, if it lasts
    │   │   └── AnswerUnreadable  it may have been done: the result is looked for
    │   └── PlaceRefuses  Discord refused with a code: final for the place where that repeats
    ├── TooLarge          this place takes smaller files
    └── NobodyThere       the place is closed to us for good
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from enum import StrEnum

from core.model.catalog import Model


def join_choices(choices: Iterable[object], conjunction: str = "or") -> str:
    """Join choices as a person would say them: `5, 10 or 15`."""
    words = [str(choice) for choice in choices]
    if len(words) < 2:  # noqa: PLR2004 - two is what a conjunction joins
        return "".join(words)
    return f"{', '.join(words[:-1])} {conjunction} {words[-1]}"


class MatineeError(Exception):
    """Everything that this program raises on purpose."""


class RequestRefused(MatineeError):
    """The message is for the member, in whole sentences. Nothing was sent and nothing was spent."""


class PromptMissing(RequestRefused):
    def __init__(self) -> None:
        super().__init__("Say what should happen in the video: the prompt is empty.")


class PromptTooLong(RequestRefused):
    def __init__(self, length: int, limit: int) -> None:
        super().__init__(f"The prompt has {length:,} characters; {limit:,} is the most that Kling takes.")


class FlagUnknown(RequestRefused):
    def __init__(self, flag: str, known: Iterable[str]) -> None:
        super().__init__(
            f"There is no option {flag[:80]}. These work in a prompt: {join_choices(known, 'and')}."
        )


class FlagWrong(RequestRefused):
    def __init__(self, flag: str, value: str | None, allowed: str) -> None:
        got = "nothing" if value is None else f"“{value[:80]}”"
        super().__init__(f"{flag} takes {allowed}, not {got}.")


class NothingOffered(RequestRefused):
    def __init__(self, what: str) -> None:
        super().__init__(f"No model that is set up here takes a {what}. Whoever runs this bot can add one.")


class ModelUnknown(RequestRefused):
    def __init__(self, name: str, models: Iterable[Model]) -> None:
        names = dict.fromkeys(model.name for model in models)
        super().__init__(f"There is no model “{name[:80]}” here. Choose {join_choices(names)}.")


class InputNotTaken(RequestRefused):
    def __init__(self, model: Model, what: str, others: Iterable[Model]) -> None:
        names = dict.fromkeys(other.name for other in others)
        hint = f" Choose {join_choices(names)} for that." if names else " Leave it out."
        super().__init__(f"{model.title} takes no {what}.{hint}")


class TwoPictures(RequestRefused):
    def __init__(self, one: str, other: str) -> None:
        super().__init__(f"Give {one} or {other}, not both.")


class DurationNotOffered(RequestRefused):
    def __init__(self, model: Model, seconds: int) -> None:
        super().__init__(
            f"{model.title} makes clips of {join_choices(model.durations)} seconds, not {seconds}."
        )


class RatioNotOffered(RequestRefused):
    def __init__(self, model: Model, ratio: str) -> None:
        super().__init__(
            f"{model.title} offers {join_choices(model.aspect_ratios)} as aspect ratio, not {ratio}."
        )


class ModeNotOffered(RequestRefused):
    def __init__(self, model: Model, mode: str) -> None:
        if model.modes:
            super().__init__(
                f"{model.title} offers the modes {join_choices(model.modes, 'and')}, not {mode}."
            )
        else:
            super().__init__(f"{model.title} has one mode only. Leave the mode out.")


class AudioNotOffered(RequestRefused):
    def __init__(self, model: Model) -> None:
        super().__init__(f"{model.title} makes silent clips only. Leave the audio out.")


class PictureUnusable(RequestRefused):
    pass


class PictureNotConverted(RequestRefused):
    pass


class LinkUnusable(RequestRefused):
    pass


class NotAllowed(RequestRefused):
    pass


class ProviderError(MatineeError):
    """An error between a gateway and us. The message is for logs; it never holds a key or a signed link."""


class NotSent(ProviderError):
    """Not one byte of the paid request can have reached the gateway."""


class Withheld(NotSent):
    """The request was ready when another job learned that the gateway is to be paused."""


class PictureLost(NotSent):
    """Our own copy of a picture is gone, or there is no place any more where the gateway could fetch it."""


class Refusal(StrEnum):
    """Why a gateway refused, by who can act on it."""

    REQUEST = "request"  # the member: a parameter, a picture, the content
    BUSY = "busy"  # no person: it passes when running tasks end
    UPSTREAM = "upstream"  # no person: the gateway's upstream had a problem
    CREDIT = "credit"  # the operator: the balance is empty
    CONFIGURATION = "configuration"  # the operator: key, team, route or model


class Refused(ProviderError):
    """The gateway answered that it made nothing. `said` is its own explanation, cut to a sentence or two.

    `code` is the gateway's own identifier of what is wrong, where it gives one. `is_final`: the refusal
    came inside an answer of success, so the job ends here and is sent nowhere else. `is_about_model`: the
    gateway lacks this model only and takes others.
    """

    def __init__(
        self,
        why: Refusal,
        said: str,
        *,
        retry_after: timedelta | None = None,
        code: str | None = None,
        is_final: bool = False,
        is_about_model: bool = False,
    ) -> None:
        super().__init__(f"{why}: {said}")
        self.why = why
        self.said = said
        self.retry_after = retry_after
        self.code = code
        self.is_final = is_final
        self.is_about_model = is_about_model


class OutcomeUnknown(ProviderError):
    """The paid request left and no answer proves its outcome.

    `is_from_elsewhere`: the answer is not the gateway's, so other requests would fare no better. `said` holds
    the gateway's own words, for the operator and the log, where it gave any.
    """

    def __init__(self, message: str, *, is_from_elsewhere: bool = False, said: str = "") -> None:
        super().__init__(message)
        self.is_from_elsewhere = is_from_elsewhere
        self.said = said


class Silence(StrEnum):
    """Why a question got no answer, by what that means for other questions."""

    DOWN = "down"  # the gateway: others would fail as well
    TOO_MANY = "too_many"  # the gateway is asked too often
    OTHER_KEY = "other_key"  # the operator: the task was made with another key, or at another address
    OTHER = "other"  # nothing


class CheckFailed(ProviderError):
    """A question about a task failed; it says nothing about the task."""

    def __init__(
        self, message: str, *, why: Silence = Silence.DOWN, retry_after: timedelta | None = None
    ) -> None:
        super().__init__(message)
        self.why = why
        self.retry_after = retry_after


class TaskMissing(ProviderError):
    pass


class FetchFailed(ProviderError):
    pass


class LinkExpired(FetchFailed):
    pass


class NoRoom(FetchFailed):
    pass


class StoreError(MatineeError):
    pass


class Stale(StoreError):
    pass


class TaskTaken(StoreError):
    pass


class StoreFull(StoreError):
    pass


class JobDamaged(StoreError):
    """The row of a job holds an impossible value: nothing is done with it. `column` is the first such one."""

    def __init__(self, job_id: int, column: str) -> None:
        super().__init__(
            f"The record of job {job_id} is damaged, so nothing can be done with it. Whoever runs this bot "
            "has been told."
        )
        self.job_id = job_id
        self.column = column


class StoreUnusable(StoreError):
    """The message is for the operator and says what to do."""


class StoreInUse(StoreUnusable):
    """Another process has it; `holder` names that one: `Process 123`."""

    def __init__(self, message: str, holder: str) -> None:
        super().__init__(message)
        self.holder = holder


class DeliveryError(MatineeError):
    pass


class DeliveryDelayed(DeliveryError):
    """`seconds` is the least that is waited before the same is tried again.

    `is_refusal` means that there was an answer, and that nothing was done.
    """

    def __init__(self, message: str = "", *, seconds: float = 0.0, is_refusal: bool = False) -> None:
        super().__init__(message)
        self.seconds = seconds
        self.is_refusal = is_refusal


class DiscordUnwell(DeliveryDelayed):
    """An answer without a code of Discord's own. `is_for_operator`: it does not accept the bot's token."""

    def __init__(self, message: str = "", *, is_for_operator: bool = False, is_refusal: bool = False) -> None:
        super().__init__(message, is_refusal=is_refusal)
        self.is_for_operator = is_for_operator


class AnswerUnreadable(DiscordUnwell):
    """The request may have been carried out: the answer has an unknown form."""


class PlaceRefuses(DeliveryDelayed):
    """Discord refused, with a code that gives the reason: nothing was done. It may be final."""

    def __init__(self, message: str = "", *, seconds: float = 0.0) -> None:
        super().__init__(message, seconds=seconds, is_refusal=True)


class TooLarge(DeliveryError):
    pass


class NobodyThere(DeliveryError):
    pass
