"""The texts of alerts: what happened, whether it cost anything, what to do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, assert_never

from cogs.ui.components import escape
from core.dispatch.end_reasons import cut
from core.model.ledger import Scope, Window
from core.model.limits import dollars, spoken_start
from core.model.operator_alerts import (
    BudgetUsed,
    DatabasePutBack,
    DiscordRefuses,
    EndingUnproved,
    FilesGone,
    JobSetAside,
    NoteSetAside,
    NothingSaved,
    OperatorAlert,
    OtherKey,
    OutcomeUnclear,
    ProviderClosed,
    ProviderDown,
    ProviderUnconfirming,
    RepliesUnknown,
    SessionsUsed,
    TaskLost,
    TasksUnknown,
    VideoUnkept,
)

MOST_NAMED: Final = 10
"""Events of a kind that are named in one message; the rest are counted."""

LONGEST: Final = 2000
"""Characters of a message (Discord, Create Message)."""

_IN_DOUBT: Final = (
    "The paid request went out and was never confirmed: the video may be running, and it may be charged. "
    "It is not sent again by itself, and it stays counted as spent. Look for the task in the provider's own "
    "list. `matinee jobs show ID` says what is known; `matinee jobs dismiss ID` closes it."
)
_LOST: Final = (
    "The provider has forgotten it, never ended it, or gave no link that works. It was probably charged and "
    "stays counted as spent. Ask the provider about the task by its id; its member was told."
)
_ADVICE: Final[Mapping[type[OperatorAlert], str]] = {OutcomeUnclear: _IN_DOUBT, TaskLost: _LOST}
"""The text that stands once, below all events of the kind."""

_LONGEST_LINK: Final = 1000

_WINDOWS: Final = {
    Window.DAY: "today's budget",
    Window.MONTH: "this month's budget",
    Window.NONE: "the budget",
}


def alert_text(events: Sequence[OperatorAlert]) -> str:
    """Write one message; the events are of one kind, and there is at least one."""
    lines = [_line(event) for event in events[:MOST_NAMED]]
    if len(events) > MOST_NAMED:
        lines.append(f"… and {len(events) - MOST_NAMED} more.")
    lines.extend(words for kind, words in _ADVICE.items() if isinstance(events[0], kind))
    return "\n".join(lines)[:LONGEST]


def _line(event: OperatorAlert) -> str:
    match event:
        case OutcomeUnclear():
            said = f" Its words: “{escape(cut(event.said))}”" if event.said else ""
            return (
                f"❓ **Not confirmed: job {event.job_id}** at {event.provider}, {_cost(event.price)}.{said}"
            )
        case (
            ProviderClosed()
            | ProviderDown()
            | ProviderUnconfirming()
            | OtherKey()
            | DiscordRefuses()
            | TasksUnknown()
            | SessionsUsed()
        ):
            return _trouble(event)
        case TaskLost() | EndingUnproved():
            return _without_video(event)
        case DatabasePutBack() | RepliesUnknown():
            return _put_back(event)
        case NothingSaved() | VideoUnkept() | JobSetAside() | FilesGone() | NoteSetAside():
            return _unsaved(event)
        case BudgetUsed():
            return _budget(event)
        case _:
            assert_never(event)


def _at_discord(event: DiscordRefuses | SessionsUsed) -> str:
    if isinstance(event, DiscordRefuses):
        return _refusing(event)
    return (
        "🔌 **The bot logs in at Discord again and again**, and does so more slowly now: Discord "
        "takes the token away from a bot that logs in a thousand times a day. Videos are made and "
        "brought all the same; commands may go unheard meanwhile. Look into the log for why the "
        "connection breaks, and whether another program uses the same token."
    )


def _refusing(event: DiscordRefuses) -> str:
    return (
        f"🚪 **Discord takes no videos: it answers {escape(event.said)}** (status/code) again and "
        "again, or everywhere. They are kept and brought when it takes them, for a day; nothing is "
        "charged anew. 401 means that the token is no longer valid: set a new one and restart. With "
        "other codes, look at discordstatus.com and at the bot's permissions."
    )


def _without_video(event: TaskLost | EndingUnproved) -> str:
    task = f"task {escape(event.task_id[:80])}"
    if isinstance(event, TaskLost):
        return (
            f"🕳️ **No video came of job {event.job_id}**, {task} at {event.provider}, {_cost(event.price)}."
            f"{_offered(event.job_id, event.link)}"
        )
    return (
        f"🪪 **{event.provider} does not say whose video it offers for job {event.job_id}**, {task}: its "
        "answers name other tasks, or none. It is asked on for a day, then the job is lost; nobody gets a "
        f"video that may be somebody else's.{_shown(event.link)}"
    )


def _offered(job_id: int, link: str | None) -> str:
    take = f" If it is the right one, `matinee jobs deliver {job_id}` brings it."
    return "" if link is None else f"{_shown(link)}{take}"


def _shown(link: str | None) -> str:
    return "" if link is None else f" It offered <{link[:_LONGEST_LINK]}>."


def _unsaved(event: NothingSaved | VideoUnkept | JobSetAside | FilesGone | NoteSetAside) -> str:
    match event:
        case NothingSaved():
            return (
                f"💾 **Nothing can be written down.** {escape(event.why)} Until then nobody can order; "
                "what is being made goes on and is brought later."
            )
        case VideoUnkept():
            return (
                f"💾 **The finished video of job {event.job_id} cannot be kept:** {escape(cut(event.why))} "
                "It is paid for and still at the provider, and fetched again for a day. Make room in the "
                "data folder; no restart is needed."
            )
        case JobSetAside():
            return (
                f"🩹 **The record of job {event.job_id} is damaged** (`{event.column}`), so the job is set "
                "aside; everything else goes on. Whether it was charged is not known: `matinee db check` and "
                "`replies.log` say what is left of it. Look into the disk, and keep a copy of the database."
            )
        case FilesGone(is_restored=False):
            return (
                f"📂 **{escape(event.what)} was removed from the data folder**, or closed to the bot, and "
                "cannot be put back. What it was for waits, for a day; nothing new is bought where nothing "
                "can be written. Give the data folder back to the bot's user; no restart is needed."
            )
        case FilesGone():
            return (
                f"📂 **{escape(event.what)} was removed from the data folder** while the bot ran. It was "
                "made anew where that was possible, and videos under way are fetched again. What was in it "
                "is gone: find out what removes it."
            )
        case NoteSetAside():
            return (
                f"🩹 **A note of the bot's own is damaged** (`{event.key.replace('`', '')[:80]}`). It is "
                "done without, and kept in the database; everything else goes on. Look into the disk; where "
                "it was about prompt channels, a gallery or defaults, set those up again."
            )
        case _:
            assert_never(event)


def _put_back(event: DatabasePutBack | RepliesUnknown) -> str:
    match event:
        case DatabasePutBack(waiting=()):
            return "⏪ **The database was put back to an older copy.** No job is queued in it."
        case DatabasePutBack():
            return (
                "⏪ **The database was put back to an older copy.** "
                f"Waiting for your yes: {_ids(event.waiting)}. They may have been cancelled or made since "
                "the copy, so nothing is sent before. "
                "`matinee jobs confirm ID` or `confirm all` sends them, `matinee jobs cancel ID` ends one."
            )
        case RepliesUnknown():
            return (
                f"🧾 **Paid requests of jobs that the database does not know:** {_ids(event.job_ids)}. "
                "The gateways' answers are in `replies.log`. They may have been charged, and no budget "
                "counts them. Look for their tasks in the gateways' own lists."
            )
        case _:
            assert_never(event)


def _ids(job_ids: Sequence[int]) -> str:
    named = ", ".join(map(str, job_ids[:MOST_NAMED]))
    more = len(job_ids) - MOST_NAMED
    count = f"{len(job_ids)} job{'s' * (len(job_ids) != 1)}"
    return f"{count} ({named}{f' and {more} more' if more > 0 else ''})"


def _cost(price: int | None) -> str:
    return "its price is not known" if price is None else f"about {dollars(price)}"


def _trouble(
    event: ProviderClosed
    | ProviderDown
    | ProviderUnconfirming
    | OtherKey
    | DiscordRefuses
    | TasksUnknown
    | SessionsUsed,
) -> str:
    match event:
        case DiscordRefuses() | SessionsUsed():
            return _at_discord(event)
        case TasksUnknown():
            return (
                f"📡 **{event.provider} says that it knows none of the running tasks.** None is given up for "
                "that: they are asked about for a day, and go on when it knows them again. "
                "`matinee doctor` says whether it is the address or the key."
            )
        case ProviderClosed():
            return _closed(event)
        case ProviderDown():
            return (
                f"📡 **{event.provider} has been out of reach for minutes.** {escape(cut(event.why))} "
                "Nothing was charged; orders wait and are sent when it answers, for a day. "
                "`matinee doctor` says whether it is the address, its certificate or the network."
            )
        case ProviderUnconfirming():
            return (
                f"⏸️ **{event.provider} did not confirm two requests in a row.** {escape(cut(event.why))} "
                "Each may have been charged. Nothing more is sent there for a minute; then one request at a "
                "time is tried, each time later, up to a quarter of an hour, until one is confirmed. Orders "
                f"wait, or go elsewhere. `matinee jobs resume {event.provider}` ends that at once."
            )
        case OtherKey():
            return (
                f"🔑 **Running tasks at {event.provider} cannot be asked about**: they were made with "
                "another key, or at another address, and are charged all the same. Set the earlier key again "
                "and restart until they have ended; they are given up after a day."
            )
        case _:
            assert_never(event)


def _closed(event: ProviderClosed) -> str:
    said = f"Its words: “{escape(cut(event.reason))}” Nothing was charged for what it refused."
    if event.model is not None:
        return (
            f"🔧 **{event.provider} does not take the model {escape(event.model)}.** {said} "
            "Its other models go on. Change the catalogue or the account there; it is tried again after "
            "five minutes."
        )
    if event.is_out_of_credit:
        return (
            f"💳 **{event.provider}: the balance is used up.** {said} Top up the account there; "
            "the next order after five minutes tries it again, without a restart."
        )
    return (
        f"🔧 **{event.provider} does not accept this bot's account or settings.** {said} "
        "`matinee doctor` says which setting it is; a changed setting needs a restart."
    )


def _budget(event: BudgetUsed) -> str:
    owner = f" of server {event.owner_id}" if event.scope is Scope.SERVER else ""
    budget = f"{_WINDOWS[event.window]}{owner}"
    again = "" if event.window is Window.NONE else f" until {spoken_start(event.window, event.at)}"
    amounts = f"{dollars(event.used)} of {dollars(event.most)}"
    if event.is_over:
        return (
            f"🛑 **There is no room left in {budget}**: {amounts}. Orders that cost more than what is "
            f"left are refused{again}, and cost nothing. To allow more, raise the setting and restart."
        )
    percent = event.used * 100 // event.most
    return (
        f"🪙 **{percent} % of {budget} are used**: {amounts}. Orders go on until it is used up, then they "
        f"are refused{again}. To allow more, raise the setting and restart."
    )
