"""What a gateway may answer to each question, and what may happen to the answer."""

from __future__ import annotations

from datetime import timedelta
from enum import Enum
from typing import Final

from core.model.errors import CheckFailed, FetchFailed, LinkExpired, NotSent, OutcomeUnknown, Refusal, Refused
from tests.proof.harness.failpoints import ENDS, Fault

REFUSED_WITHIN: Final = Fault(
    "refused inside a success", lambda: Refused(Refusal.CREDIT, "no credit", is_final=True)
)
DENIED: Final = Fault(
    "made, and refused inside a success",
    lambda: Refused(Refusal.CREDIT, "no credit", is_final=True),
    has_effect=True,
)
NAMED_IN_AN_ERROR: Final = Fault(
    "made; its id stands in an error", lambda: OutcomeUnknown("400 with an id"), has_effect=True
)
CREATE: Final = (
    Fault("not sent", lambda: NotSent("no route")),
    Fault("refused as busy", lambda: Refused(Refusal.BUSY, "later", retry_after=timedelta(seconds=9))),
    Fault("refused for good", lambda: Refused(Refusal.REQUEST, "no such ratio")),
    Fault("refused for credit", lambda: Refused(Refusal.CREDIT, "no credit")),
    REFUSED_WITHIN,
    DENIED,
    Fault("lost on the way", lambda: OutcomeUnknown("reset")),
    Fault("made, but unheard", lambda: OutcomeUnknown("timeout"), has_effect=True),
    NAMED_IN_AN_ERROR,
    Fault("made, then a mistake of ours", lambda: RuntimeError("ours"), has_effect=True),
    *ENDS,
)


class Manner(Enum):
    """How a gateway speaks of a task; once it has begun to do so in some way, it goes on."""

    NAMES_IT = "as documented"
    FAILED = "it has failed"
    FORGOTTEN = "it knows no such task"
    RENAMED = "by another id, which it uses while the task still runs"
    NAMELESS = "without any id"
    ANOTHERS = "by another task's id and link; the clip is there by our own id"
    UNPROVABLE = "each time by another id and another link"


FAILS_FOR_GOOD: Final = Fault("the task fails")
FORGETS: Final = Fault("the task is unknown from now on")
RENAMES: Final = Fault("the task goes by another id from now on")
NAMES_NONE: Final = Fault("the task is named no more")
NAMES_ANOTHER: Final = Fault("another task is named from now on")
NAMES_ANY: Final = Fault("another task is named each time")
KNOWS_NONE: Final = Fault("no task is known for twenty minutes")
ENDS_ANOTHER: Final = Fault("says that another task is finished")
FAILS_NOBODYS: Final = Fault("says that a task has failed, and not which")

BECOMES: Final = {
    FAILS_FOR_GOOD: Manner.FAILED,
    FORGETS: Manner.FORGOTTEN,
    RENAMES: Manner.RENAMED,
    NAMES_NONE: Manner.NAMELESS,
    NAMES_ANOTHER: Manner.ANOTHERS,
    NAMES_ANY: Manner.UNPROVABLE,
}
CHECK: Final = (
    Fault("fails", lambda: CheckFailed("502")),
    Fault("a mistake of ours", lambda: ValueError("ours")),
    *BECOMES,
    KNOWS_NONE,
    ENDS_ANOTHER,
    FAILS_NOBODYS,
    *ENDS,
)
FETCH: Final = (
    Fault("fails", lambda: FetchFailed("cut")),
    Fault("link expired", lambda: LinkExpired("403")),
    Fault("fetched, then the disk is full", lambda: OSError(28, "full"), has_effect=True),
    *ENDS,
)
IS_FOUND: Final = Fault("the task is found")
FINDS_ANOTHER: Final = Fault("another job's task is found")
LOOK_UP: Final = (Fault("fails", lambda: CheckFailed("502")), IS_FOUND, FINDS_ANOTHER)
