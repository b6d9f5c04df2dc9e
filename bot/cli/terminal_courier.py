"""Brings a job's progress and its video to a terminal: the engine's courier for `matinee generate`."""

from __future__ import annotations

import sys
from pathlib import Path

from bot.cli import generate_endings as endings
from bot.cli.exit_codes import Exit
from bot.cli.generate_endings import Ended, Verdict
from bot.cli.generate_events import Events
from bot.cli.terminal_provider import TerminalProvider
from core.delivery.attempt import DeliveryTools
from core.delivery.plan import UploadLimits
from core.dispatch import end_reasons as words
from core.model.delivery import Delivery, Destination, Way
from core.model.errors import DeliveryDelayed, NobodyThere
from core.model.job import Job, JobState, Ticket
from core.model.video import Result, StoredVideo
from core.ports import Clock, Failed, JobView, Link, Working
from storage.files.clips import FolderClips
from storage.memory.stores import MemoryKeyValues


class TerminalCourier:
    """Implements `core.ports.Courier` with the events of one order; `ticket` is its task, once it has one."""

    def __init__(self, events: Events, verdict: Verdict, provider: TerminalProvider, clock: Clock) -> None:
        self._events = events
        self._verdict = verdict
        self._provider = provider
        self._clock = clock
        self._began = clock.monotonic()
        self._progress: Working | None = None
        self.ticket: Ticket | None = None

    def show(self, job_view: JobView) -> None:
        self._note_ticket(job_view.job)
        if job_view.progress is not None and job_view.progress != self._progress:
            self._progress = job_view.progress
            self._events.progress(job_view.progress)

    async def notify(self, job: Job) -> None:
        """End the command, unless the task of an unconfirmed request may still be found."""
        if job.state is JobState.UNKNOWN and self._provider.looks_again:
            raise DeliveryDelayed("its task is looked for again")
        self._note_ticket(job)
        self._verdict.end(self.ending(job))

    async def deliver(self, job: Job, video: Path, *, original: Link | None = None) -> Delivery:
        """Report that the video is there: it was fetched to where the caller wants it."""
        del original
        if job.video is not None:
            self._events.done(video, job.video.size, self._clock.monotonic() - self._began)
        self._verdict.done()
        return job.delivery or Delivery(plan=Way.ATTACH)

    async def deliver_link(self, job: Job, link: Link) -> Delivery:
        """Refuse: a terminal takes files of any size, so no link is ever needed."""
        raise NobodyThere(f"job {job.id} has no use for {link.url}")

    async def ping(self, job: Job, *, was_tried: bool) -> None:
        """Do nothing: the caller waits at the terminal and sees it."""
        del job, was_tried

    def ending(self, job: Job) -> Ended:
        """Say why a job has no video, in words for the person who holds the key."""
        provider = self._provider
        if job.ticket is None:
            return self._ended_without_video(job)
        if provider.problem is not None:
            return endings.unfetched(job.ticket, provider.problem)
        if job.state is JobState.FAILED:
            said = "" if job.reason is None else job.reason.said
            return endings.failed(provider.failure or Failed("failed", said))
        return endings.given_up(job, job.ticket)

    def _ended_without_video(self, job: Job) -> Ended:
        if job.state is JobState.UNKNOWN:
            return endings.unknown(self._provider.name, str(self._provider.doubt or words.IN_DOUBT.said))
        if self._provider.refusal is not None:
            return endings.refused(self._provider.name, self._provider.refusal)
        reason = job.reason or words.NOT_SENT
        return Ended(Exit.REFUSED, reason.code, reason.said)

    def _note_ticket(self, job: Job) -> None:
        if self.ticket is None and job.ticket is not None:
            self.ticket = job.ticket
            self._events.submitted(job.ticket)


class OutputFile(FolderClips):
    """The one clip there is, under the name that the caller wants."""

    def __init__(self, output: Path) -> None:
        super().__init__(output.parent)
        self._output = output

    def path(self, job_id: int) -> Path:
        del job_id
        return self._output


class AnySize(UploadLimits):
    """A file may have any size at a terminal: so nothing is made smaller, and no link is offered."""

    async def of(self, destination: Destination, *, is_direct: bool) -> int:
        del destination, is_direct
        return sys.maxsize


class Nothing:
    """Implements `core.ports.Encoder` and `core.ports.Links` where neither is needed."""

    async def fit(self, source: Path, into: Path, *, limit: int) -> StoredVideo | None:
        del source, into, limit
        return None

    async def offer(self, job: Job, result: Result | None) -> Link | None:
        del job, result
        return None

    async def withdraw(self, job_id: int) -> bool:
        del job_id
        return True


def terminal_tools(courier: TerminalCourier, output: Path, clock: Clock) -> DeliveryTools:
    """Return the tools with which a video is saved to a file."""
    nothing = Nothing()
    return DeliveryTools(courier, OutputFile(output), nothing, nothing, AnySize(MemoryKeyValues(), clock))
