"""How `matinee generate` ends without a video: the exit code, and why in words."""

from __future__ import annotations

import asyncio
import shlex
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from bot.cli.exit_codes import Exit
from core.dispatch import end_reasons as words
from core.model.errors import NotSent, Refusal, Refused
from core.model.job import Job, JobState, Ticket
from core.ports import Failed

_ADVICE: Final = {
    Refusal.REQUEST: "Change it and try again.",
    Refusal.BUSY: "Try again in a few minutes.",
    Refusal.UPSTREAM: "Try again in a few minutes.",
    Refusal.CREDIT: "Top up the balance there.",
    Refusal.CONFIGURATION: "Check the key and the base URL in the settings.",
}
_PERHAPS_CHARGED: Final = "It may have been charged; ask the provider."


class Ended(Exception):
    """The command ends without a video: the exit code, and why in words. `gateway_code` is the gateway's."""

    def __init__(self, exit_code: Exit, reason: str, message: str, gateway_code: str | None = None) -> None:
        super().__init__(message)
        self.exit_code = exit_code
        self.reason = reason
        self.gateway_code = gateway_code


@dataclass(slots=True)
class Verdict:
    """The end of the one order: `over` is set once, by `done` or by the first `end`."""

    over: asyncio.Event = field(default_factory=asyncio.Event)
    ended: Ended | None = None

    def done(self) -> None:
        """The video is there."""
        self.over.set()

    def end(self, ended: Ended) -> None:
        """No video comes; later calls change nothing."""
        if not self.over.is_set():
            self.ended = ended
            self.over.set()


def refused(provider: str, error: NotSent | Refused) -> Ended:
    if isinstance(error, NotSent):
        message = f"{error}. Nothing was charged. Check the network and the base URL in the settings."
        return Ended(Exit.REFUSED, "not_sent", message)
    message = f"{provider} refused the request: {words.cut(error.said)} Nothing was charged. "
    return Ended(Exit.REFUSED, error.why.value, message + _ADVICE[error.why], error.code)


def unknown(provider: str, said: str) -> Ended:
    message = f"{said}. Look at your account at {provider} before you try again."
    return Ended(Exit.UNKNOWN, words.IN_DOUBT.code, message)


def failed(end: Failed) -> Ended:
    said = words.cut(end.said or "the provider gives no reason")
    message = f"The provider made no video: {said} Failed videos are usually not charged."
    return Ended(Exit.FAILED, end.code, message, end.gateway_code)


def unfetched(ticket: Ticket, problem: str) -> Ended:
    where = f"It was charged: ask for task {ticket.task_id} at {ticket.provider}."
    return Ended(Exit.UNFETCHED, "unfetched", f"The video was made but not saved: {problem}. {where}")


def given_up(job: Job, ticket: Ticket) -> Ended:
    """Say why the command stops waiting for a task that may have been made, or may not."""
    task, code = f"Task {ticket.task_id} at {ticket.provider}", words.LOST.code
    if job.reason is not None and job.reason.code == words.NOWHERE.code:
        return unfetched(ticket, f"{ticket.provider} does not say where it is")
    if job.state is not JobState.LOST:
        return unfetched(ticket, "it could not be fetched again and again")
    said = "did not end within a day"
    if job.reason is not None and job.reason.code == words.FORGOTTEN.code:
        code, said = words.FORGOTTEN.code, "is no longer known"
    return Ended(Exit.FAILED, code, f"{task} {said}. {_PERHAPS_CHARGED}")


def timed_out(ticket: Ticket | None, seconds: float, output: Path) -> Ended:
    """Say that the caller's time is over. The paid task goes on, and can be resumed."""
    waited = f"Waited for {seconds:g} s"
    if ticket is None:
        return Ended(Exit.REFUSED, "timeout", f"{waited}. Nothing was made and nothing was charged.")
    named = (f"--resume={ticket.task_id}", "--provider", ticket.provider, "-o", str(output))
    resume = shlex.join(("matinee", "generate", *named))
    message = (
        f"{waited}. Task {ticket.task_id} goes on at {ticket.provider} and may be charged; nothing is sent "
        f"again. Ask for it later: {resume}"
    )
    return Ended(Exit.UNFETCHED, "timeout", message)
