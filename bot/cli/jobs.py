"""`matinee jobs`: the operator's view of jobs, beside a running bot or without one."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Final

from rich.console import Console
from rich.table import Table

from bot.cli.exit_codes import Exit
from bot.process.clock import SystemClock
from bot.process.control_socket import SOCKET, NoBotListens, Refusal, ask
from bot.process.operator_actions import CONFIRM_ALL, actions, confirming, resume_action
from bot.settings.settings import Settings
from core.dispatch.confirmations import Confirmations
from core.dispatch.end_reasons import made_otherwise
from core.model.errors import NotAllowed, StoreInUse, StoreUnusable
from core.model.job import Job, JobState
from core.model.limits import dollars
from core.ports import Event
from core.services.job_actions import JobActions, too_late
from storage.maintenance.inspection import check_version
from storage.sqlite.database import open_database, open_for_reading
from storage.sqlite.jobs import SqliteJobStore
from storage.sqlite.notes import SqliteKeyValues

SHOWN: Final = 50
_PROMPT_SHOWN: Final = 40
_PIPED_WIDTH: Final = 200
_CAN: Final[Mapping[str, Callable[[Job], bool]]] = {
    "dismiss": lambda job: job.state is JobState.UNKNOWN,
    "deliver": lambda job: job.state is JobState.UNDELIVERABLE or job.is_offered,
    "cancel": lambda job: job.state is JobState.QUEUED,
}
_ALONE: Final = {
    "cancel": "No bot runs here: its member is told when the bot is started.",
    "dismiss": "No bot runs here: the card in Discord says so once one of its buttons is pressed.",
    "deliver": "No bot runs here: it happens when the bot is started.",
}


_UNHEARD: Final = "The bot did not answer; look at its log, and give the command again: that does no harm."


async def jobs(options: argparse.Namespace) -> int:
    """Do what the operator asks. Return the exit code."""
    settings = Settings.load()
    if not settings.database_path.exists():
        raise StoreUnusable(f"There is no database at {settings.database_path} yet. Start the bot first.")
    match options.action:
        case "dismiss" | "deliver" | "cancel":
            return await _decide(settings, options.action, options.id)
        case "confirm":
            return await _confirm(settings, options.id)
        case "resume":
            return await _resume(settings, options.provider)
        case "show":
            return await _show(settings, options.id)
        case _:
            return await _list(settings)


async def _list(settings: Settings) -> int:
    async with open_for_reading(settings.database_path) as database:
        await check_version(database)
        store, confirmations = SqliteJobStore(database), Confirmations(SqliteKeyValues(database))
        found, damaged = await store.recent(limit=SHOWN), await store.damaged()
        await confirmations.recall(store)
    console = _console()
    console.print(_table(found))
    for damage in damaged:
        console.print(f"Job {damage.job_id} is set aside: its record is damaged ({damage.column}).")
    if confirmations.waiting:
        console.print(_waiting(confirmations.waiting))
    doubts = sum(job.state is JobState.UNKNOWN for job in found)
    if doubts:
        console.print(_doubtful(doubts))
    return Exit.DONE


def _waiting(job_ids: Collection[int]) -> str:
    named, count = ", ".join(map(str, sorted(job_ids))), len(job_ids)
    waits = f"queued, but not sent before you say yes, since the database was put back: {named}."
    if count == 1:
        how = f"`matinee jobs confirm {named}` sends it, `matinee jobs cancel {named}` ends it."
        return f"1 job is {waits} {how}"
    how = "`matinee jobs confirm ID` sends one, `confirm all` all of them, `matinee jobs cancel ID` ends one."
    return f"{count} jobs are {waits} {how}"


def _doubtful(count: int) -> str:
    closing = "`matinee jobs dismiss ID` closes"
    if count == 1:
        said = "1 job is not confirmed by the provider: it may have been charged."
        return f"{said} Look for its task there; {closing} it."
    said = f"{count} jobs are not confirmed by the provider: each may have been charged."
    return f"{said} Look for their tasks there; {closing} one."


async def _show(settings: Settings, job_id: int) -> int:
    async with open_for_reading(settings.database_path) as database:
        await check_version(database)
        store = SqliteJobStore(database)
        job, events = await store.get(job_id), await store.events(job_id)
    if job is None:
        return _no(f"There is no job {job_id}.")
    console = _console()
    for name, value in _facts(job):
        console.print(f"{name:>12}  {_plain(value)}", soft_wrap=True)
    console.print(_history(events))
    return Exit.DONE


def _console() -> Console:
    """Print as it is: nothing in a prompt is markup, and what is piped is not wrapped."""
    width = None if sys.stdout.isatty() else _PIPED_WIDTH
    return Console(width=width, markup=False, highlight=False, emoji=False)


def _plain(text: str) -> str:
    """Take out what could control a terminal: prompts and gateways' words come from outside."""
    return "".join(letter if letter.isprintable() else " " for letter in text)


async def _decide(settings: Settings, action: str, job_id: int) -> int:
    """Let the bot that runs here do it; where none runs, do it here."""
    refusal = await _refusal(settings, action, job_id)
    if refusal is not None:
        return _no(refusal)
    try:
        said = await ask(settings.matinee_data_dir, action, job_id)
    except NoBotListens:
        return await _decide_alone(settings, action, job_id)
    except Refusal as error:
        return _no(str(error))
    print(said)  # noqa: T201 - this is the command's output
    return Exit.DONE


async def _refusal(settings: Settings, action: str, job_id: int) -> str | None:
    """Say why nothing can be decided about a job, if so."""
    async with open_for_reading(settings.database_path) as database:
        await check_version(database)
        job = await SqliteJobStore(database).get(job_id)
    if job is None:
        return f"There is no job {job_id}."
    if not _CAN[action](job) and action == "cancel":
        return f"Job {job_id} is {_state_words(job)}. {too_late(job)} Nothing was changed."
    if not _CAN[action](job):
        return f"Job {job_id} is {_state_words(job)}, so there is nothing to {action}. Nothing was changed."
    return None


async def _decide_alone(settings: Settings, action: str, job_id: int) -> int:
    try:
        async with open_database(settings.database_path) as database:
            store = SqliteJobStore(database)
            decisions = JobActions(store=store, clock=SystemClock(), wake=_leave)
            said = await actions(decisions, _leave_card)[action](job_id)
    except NotAllowed as error:
        return _no(str(error))
    except StoreInUse as error:
        raise StoreUnusable(no_answer(settings, error)) from error
    print(f"{said} {_ALONE[action]}")  # noqa: T201 - this is the command's output
    return Exit.DONE


async def _confirm(settings: Settings, job_id: int | None) -> int:
    """Let jobs be sent that wait for a yes, one or all: by the bot that runs here, or by this process."""
    action = "confirm" if job_id is not None else CONFIRM_ALL
    try:
        said = await ask(settings.matinee_data_dir, action, job_id or 0, silent=_UNHEARD)
    except NoBotListens:
        return await _confirm_alone(settings, action, job_id or 0)
    except Refusal as error:
        return _no(str(error))
    print(said)  # noqa: T201 - this is the command's output
    return Exit.DONE


async def _confirm_alone(settings: Settings, action: str, job_id: int) -> int:
    try:
        async with open_database(settings.database_path) as database:
            store, confirmations = SqliteJobStore(database), Confirmations(SqliteKeyValues(database))
            await confirmations.recall(store)
            decisions = JobActions(store=store, clock=SystemClock(), wake=_leave)
            said = await confirming(decisions, confirmations, _leave)[action](job_id)
    except NotAllowed as error:
        return _no(str(error))
    except StoreInUse as error:
        raise StoreUnusable(no_answer(settings, error)) from error
    print(f"{said} {_ALONE['deliver']}")  # noqa: T201 - this is the command's output
    return Exit.DONE


def _leave(_: Job) -> None:
    """Leave a job to the bot that is started next."""


async def _resume(settings: Settings, provider: str) -> int:
    """Have the bot that runs here send paid requests to a provider again."""
    try:
        said = await ask(settings.matinee_data_dir, resume_action(provider), 0, silent=_UNHEARD)
    except NoBotListens:
        return _no("No bot can be reached here. One that is started leaves no provider alone.")
    except Refusal as error:
        return _no(str(error))
    print(said)  # noqa: T201 - this is the command's output
    return Exit.DONE


async def _leave_card(_: Job) -> None:
    """Leave the card as it is: without the bot it cannot be changed."""


def no_answer(settings: Settings, error: StoreInUse) -> str:
    """Say that a bot runs on the data and does not answer, and what to do."""
    return (
        f"{error.holder} runs on this data but does not listen at {settings.matinee_data_dir / SOCKET}. "
        "Nothing was changed. If it has just been started, try again when its log says `ready`. If its log "
        "says that the command line cannot reach it, the path is too long (100 bytes are safe): stop it, "
        "give this command again, and start it; or move MATINEE_DATA_DIR to a shorter path."
    )


def _table(found: Iterable[Job]) -> Table:
    table = Table("id", "ordered (UTC)", "state", "provider", "requester", "prompt", "price")
    for job in found:
        prompt = _plain(" ".join(job.request.prompt.split()))[:_PROMPT_SHOWN]
        table.add_row(
            str(job.id),
            f"{job.ordered_at:%Y-%m-%d %H:%M}",
            _state_words(job),
            job.provider or "-",
            str(job.destination.requester_id),
            prompt,
            _price(job),
        )
    return table


def _facts(job: Job) -> Iterable[tuple[str, str]]:
    yield "job", str(job.id)
    yield "state", _state_words(job)
    yield "request", f"{job.request.model}, {job.request.duration_seconds} s, {job.request.aspect_ratio}"
    yield "prompt", job.request.prompt
    yield "requester", str(job.destination.requester_id)
    yield "channel", str(job.destination.channel_id)
    yield "price", _price(job)
    if job.ticket is not None:
        yield "task", f"{job.ticket.task_id} at {job.ticket.provider}, route {job.ticket.family}"
    if job.is_offered and job.result is not None:
        yield (
            "offered",
            f"{job.result.url} (`matinee jobs deliver {job.id}` takes it, if it is the right one)",
        )
    if (made := made_otherwise(job)) is not None:
        yield "made", f"{made}: the gateway's own words, not what was ordered"
    if job.video is not None:
        yield "video", f"{job.video.file}, {job.video.size:,} bytes"
    if job.delivery is not None:
        yield "delivery", f"{job.delivery.plan}, message {job.delivery.message_id}"
    if job.reason is not None:
        yield "reason", f"{job.reason.code}: {job.reason.said}"
    if job.parent_id is not None:
        yield "re-run of", str(job.parent_id)


def _history(events: Iterable[Event]) -> Table:
    table = Table("at (UTC)", "state", "by", "detail")
    for event in events:
        table.add_row(
            f"{event.at:%Y-%m-%d %H:%M:%S}", event.after.lower(), event.actor, _plain(event.detail or "")
        )
    return table


def _state_words(job: Job) -> str:
    return job.state.lower().replace("_", " ")


def _price(job: Job) -> str:
    return "-" if job.price is None else dollars(job.price)


def _no(words: str) -> int:
    print(words, file=sys.stderr)  # noqa: T201 - for the person at the terminal
    return Exit.INVALID
