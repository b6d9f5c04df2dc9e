"""The reason that a member is shown when a job ends without a video: what happened, its cost, what to do."""

from __future__ import annotations

from datetime import datetime
from typing import Final, assert_never

from core.dispatch.health import Condition, Standing
from core.model.errors import Refusal, Refused
from core.model.job import Charge, Job, Reason
from core.model.limits import LimitReached, again, standing
from core.ports import Failed

SAID_LIMIT: Final = 300
"""Characters of a gateway's own words that are shown."""

_NOTHING: Final = "Nothing was charged."

IN_DOUBT: Final = Reason(
    code="outcome_unknown",
    said="The provider did not confirm this request. It may be running, and it may be charged. "
    "I will not send it again by myself.",
    charge=Charge.PERHAPS,
)
DISMISSED: Final = (
    "Dismissed. The provider never confirmed this request; it stays counted as spent, since it may have "
    "been charged."
)
SUPERSEDED: Final = (
    "Started again as a new job. The provider never confirmed this first request; it stays counted as "
    "spent, since it may have been charged."
)
NO_PROVIDER: Final = Reason(
    code="no_provider",
    said=f"No provider that is set up here makes this any more. {_NOTHING} Choose another model or option.",
)
LOST: Final = Reason(
    code="lost",
    said="The provider has not finished this video within a day, so I have stopped asking. "
    "It may have been charged; whoever runs this bot can see the task and ask the provider.",
    charge=Charge.PERHAPS,
)
UNPROVED: Final = Reason(
    code="unproved",
    said="For a whole day the provider has not said clearly how this video ended, so I have stopped asking. "
    "It may have been charged; whoever runs this bot can look at what was offered and bring it to you.",
    charge=Charge.PERHAPS,
)
FORGOTTEN: Final = Reason(
    code="forgotten",
    said="The provider no longer knows this task, so no video will come. It may have been charged; "
    "whoever runs this bot can see the task and ask the provider.",
    charge=Charge.PERHAPS,
)
NOWHERE: Final = Reason(
    code="nowhere",
    said="The provider says that the video is finished, but not where it is, so I have stopped asking. "
    "It was probably charged; whoever runs this bot can see the task and ask the provider.",
    charge=Charge.FULL,
)
NOT_TAKEN: Final = Reason(
    code="not_taken",
    said=f"The provider could not take this request for a whole day, so I have stopped trying. {_NOTHING} "
    "Order the video again when you still want it.",
)
NOT_SENT: Final = Reason(
    code="not_sent",
    said=f"This request could not be sent to any provider. {_NOTHING} "
    "Order the video again when you still want it.",
)
PICTURE_LOST: Final = Reason(
    code="picture_lost",
    said="I could not show the picture of this request to the provider: my copy of it is gone, or the "
    f"message through which I show it. {_NOTHING} Attach the picture to a new request.",
)
RESULT_GONE: Final = Reason(
    code="result_gone",
    said="The provider made the video, but it could not be fetched again and again, so I have given up. "
    "It was probably charged; whoever runs this bot can see the task and ask the provider.",
    charge=Charge.FULL,
)
TOO_LARGE: Final = Reason(
    code="too_large",
    said="The video is finished and was charged, but its file is larger than Discord takes here. "
    "It is kept: press 📥, or ask whoever runs this bot to hand it over.",
    charge=Charge.FULL,
)
NOBODY_THERE: Final = Reason(
    code="nobody_there",
    said="The video is finished and was charged, but Discord does not let me put it where it was asked "
    "for. It is kept: press 📥 to get it.",
    charge=Charge.FULL,
)
UNDELIVERED: Final = Reason(
    code="undelivered",
    said="The video is finished and was charged, but I could not post it for a whole day. "
    "It is kept: press 📥 to get it.",
    charge=Charge.FULL,
)
FILE_GONE: Final = Reason(
    code="file_gone",
    said="The video was finished and charged, but its file has disappeared from this bot's disk. "
    "Whoever runs this bot can see the task and ask the provider for it.",
    charge=Charge.FULL,
)


def no_room(error: LimitReached, now: datetime) -> Reason:
    """Say which limit has no room for a job at its price at the moment of sending."""
    said = (
        f"This was not sent: {standing(error.over, error.job)} {_NOTHING} {again(error.over, error.job, now)}"
    )
    return Reason(code="no_room", said=said)


def closed(provider: str, standing: Standing, again_at: datetime) -> Reason:
    """Say why no provider takes anything now, and when one is tried again."""
    is_money = standing.condition is Condition.OUT_OF_CREDIT
    trouble = "its balance is used up" if is_money else "it does not accept this bot's account or settings"
    if standing.model is not None:
        trouble = "it does not take this model"
    return Reason(
        code="no_provider_now",
        said=f"No provider can make this just now: {provider} refuses, because {trouble}. {_NOTHING} "
        f"Whoever runs this bot has to mend that; I look again at {again_at:%H:%M} UTC.",
    )


def refused(error: Refused) -> Reason:
    """Say why a gateway refused. The gateway's own words are only shown where the member can act on them."""
    match error.why:
        case Refusal.REQUEST:
            words = (
                f"The provider refused this request: {cut(error.said)} {_NOTHING} Change it and try again."
            )
        case Refusal.CREDIT:
            words = f"The provider's balance is used up. {_NOTHING} Whoever runs this bot has to top it up."
        case Refusal.CONFIGURATION if error.is_about_model:
            words = f"The provider does not take this model just now. {_NOTHING} Choose another model."
        case Refusal.CONFIGURATION:
            words = (
                f"The provider does not accept this bot's account or settings. {_NOTHING} "
                "Whoever runs this bot has to mend that."
            )
        case Refusal.BUSY | Refusal.UPSTREAM:
            words = f"The provider could not take this request. {_NOTHING} Try again in a few minutes."
        case _:
            assert_never(error.why)
    return Reason(code=f"refused_{error.why}", said=words)


def failed(end: Failed) -> Reason:
    """Say why a task ended without a clip. No gateway documents that failures are free."""
    said = f": {cut(end.said)}" if end.said else "."
    words = {
        "cancelled": f"The provider cancelled this video{said}",
        "expired": f"The provider took too long over this video and gave up{said}",
    }.get(end.code, f"The provider could not make this video{said}")
    return Reason(
        code=end.code,
        said=f"{words} Failed videos are usually not charged. "
        "Change the prompt or the picture, or try again.",
        charge=Charge.PERHAPS,
    )


def made_otherwise(job: Job) -> str | None:
    """Say how the gateway's video differs from the order; None where it does not."""
    made = job.result
    if made is None or (made.model is None and made.seconds is None):
        return None
    seconds = None if made.seconds is None else f"{made.seconds} s"
    return " of ".join(filter(None, (seconds, made.model and cut(made.model).removesuffix("."))))


def cut(text: str) -> str:
    """Shorten a gateway's own words to a sentence that ends like one."""
    line = " ".join(text.split())
    short = line if len(line) <= SAID_LIMIT else f"{line[: SAID_LIMIT - 1].rstrip()}…"
    return short if short.endswith((".", "!", "?", "…")) else f"{short}."
