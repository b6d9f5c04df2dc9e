"""`matinee jobs`: the operator's view of jobs, beside a running bot or without one."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable
from contextlib import AsyncExitStack
from typing import Final

from rich.console import Console
from rich.table import Table

from bot.clock import SystemClock
from bot.control import NobodyListens, Refusal, ask
from bot.exits import Exit
from bot.settings import Settings
from core.decisions import OPERATOR, Decisions
from core.errors import NotAllowed, StoreUnusable
from core.jobs import Job, JobState
from core.ports import Event
from storage.database import open_database, open_for_reading
from storage.jobs import SqliteJobStore

SHOWN: Final = 50
_PROMPT_SHOWN: Final = 40


async def jobs(options: argparse.Namespace) -> int:
    """Do what the operator asks. Return the exit code."""
    settings = Settings.load()
    if not settings.database_path.exists():
        raise StoreUnusable(f"There is no database at {settings.database_path} yet. Start the bot first.")
    match options.action:
        case "dismiss" | "deliver":
            return await _decide(settings, options.action, options.id)
        case "show":
            return await _show(settings, options.id)
        case _:
            return await _list(settings)


async def _list(settings: Settings) -> int:
    async with open_for_reading(settings.database_path) as database:
        found = await SqliteJobStore(database).recent(limit=SHOWN)
    Console().print(_table(found))
    doubts = sum(job.state is JobState.UNKNOWN for job in found)
    if doubts:
        Console().print(
            f"{doubts} not confirmed by the provider: each may have been charged. Look for the task there; "
            "`matinee jobs dismiss ID` closes one.",
            highlight=False,
        )
    return Exit.DONE


async def _show(settings: Settings, job_id: int) -> int:
    async with open_for_reading(settings.database_path) as database:
        store = SqliteJobStore(database)
        job, events = await store.get(job_id), await store.events(job_id)
    if job is None:
        return _no(f"There is no job {job_id}.")
    console = Console()
    for name, value in _facts(job):
        console.print(f"{name:>12}  {value}", highlight=False, markup=False)
    console.print(_history(events))
    return Exit.DONE


async def _decide(settings: Settings, action: str, job_id: int) -> int:
    """Let the bot that runs here do it; where none runs, do it in its place."""
    try:
        said = await ask(settings.matinee_data_dir, action, job_id)
    except NobodyListens:
        return await _decide_alone(settings, action, job_id)
    except Refusal as error:
        return _no(str(error))
    print(said)  # noqa: T201 - this is the command's output
    return Exit.DONE


async def _decide_alone(settings: Settings, action: str, job_id: int) -> int:
    async with AsyncExitStack() as resources:
        database = await resources.enter_async_context(open_database(settings.database_path))
        decisions = Decisions(store=SqliteJobStore(database), clock=SystemClock(), take_up=lambda _: None)
        try:
            print(await ACTIONS[action](decisions, job_id))  # noqa: T201 - this is the command's output
        except NotAllowed as error:
            return _no(str(error))
    return Exit.DONE


async def dismiss(decisions: Decisions, job_id: int) -> str:
    """Close a job in doubt."""
    await decisions.dismiss(job_id, OPERATOR)
    return f"Job {job_id} is dismissed; it stays counted as spent."


async def deliver(decisions: Decisions, job_id: int) -> str:
    """Have a kept video brought again."""
    await decisions.deliver_again(job_id, OPERATOR)
    return f"The video of job {job_id} will be brought again as soon as the bot runs."


ACTIONS: Final = {"dismiss": dismiss, "deliver": deliver}


def _table(found: Iterable[Job]) -> Table:
    table = Table("id", "ordered (UTC)", "state", "provider", "requester", "prompt", "price")
    for job in found:
        prompt = " ".join(job.request.prompt.split())[:_PROMPT_SHOWN]
        table.add_row(
            str(job.id),
            f"{job.ordered_at:%Y-%m-%d %H:%M}",
            job.state.lower(),
            job.provider or "-",
            str(job.destination.requester_id),
            prompt,
            _dollars(job.price),
        )
    return table


def _facts(job: Job) -> Iterable[tuple[str, str]]:
    yield "job", str(job.id)
    yield "state", job.state.lower()
    yield "request", f"{job.request.model}, {job.request.duration_seconds} s, {job.request.aspect_ratio}"
    yield "prompt", job.request.prompt
    yield "requester", str(job.destination.requester_id)
    yield "channel", str(job.destination.channel_id)
    yield "price", _dollars(job.price)
    if job.ticket is not None:
        yield "task", f"{job.ticket.task_id} at {job.ticket.provider}, route {job.ticket.family}"
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
        table.add_row(f"{event.at:%Y-%m-%d %H:%M:%S}", event.after.lower(), event.actor, event.detail or "")
    return table


def _dollars(micro: int | None) -> str:
    return "-" if micro is None else f"${micro / 1e6:.2f}"


def _no(words: str) -> int:
    print(words, file=sys.stderr)  # noqa: T201 - for the person at the terminal
    return Exit.INVALID
