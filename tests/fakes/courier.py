"""Discord as far as a courier sees it: channels with messages in them."""

from __future__ import annotations

import asyncio
import itertools
from collections import deque
from dataclasses import dataclass, field
from pathlib import Path

from core.model.delivery import Delivery, Way
from core.model.job import Job, file_name
from core.ports import JobView, Link

DIRECT = 999
"""The number of every direct-message channel."""


@dataclass(slots=True)
class Message:
    """One message. `file` is the name of its attachment, `link` leads to a clip elsewhere.

    `pings` is the member whom it notified.
    """

    id: int
    channel_id: int
    text: str
    file: str | None = None
    link: str | None = None
    pings: int | None = None


@dataclass(frozen=True, slots=True)
class Trouble:
    """What goes wrong with a call; with `is_late`, it goes wrong after the call had its effect."""

    error: BaseException
    is_late: bool = False


def _open_gate() -> asyncio.Event:
    gate = asyncio.Event()
    gate.set()
    return gate


@dataclass(slots=True)
class RecordingCourier:
    """Implements `core.ports.Courier` over a small model of channels.

    Calls take the next trouble laid out for them. While `gate` is clear, they stay unanswered; those to
    one of the `silent` channels always do.
    """

    messages: dict[int, Message] = field(default_factory=dict[int, Message])
    job_views: list[JobView] = field(default_factory=list[JobView])
    troubles: dict[str, deque[Trouble]] = field(default_factory=dict[str, deque[Trouble]])
    show_fails_with: Exception | None = None
    uploads: int = 0
    notices: int = 0
    gate: asyncio.Event = field(default_factory=_open_gate)
    silent: set[int] = field(default_factory=set[int])
    _numbers: itertools.count[int] = field(default_factory=lambda: itertools.count(9_000))

    def will_fail(self, call: str, *errors: BaseException, is_late: bool = False) -> None:
        """Let the next calls of this name fail, after their effect if `is_late`."""
        line = self.troubles.setdefault(call, deque())
        line.extend(Trouble(error, is_late=is_late) for error in errors)

    def has_card(self, job: Job) -> None:
        """Put up the card of a job, as the command does that orders it."""
        if job.destination.card_id is not None:
            self._post(job, "card", message_id=job.destination.card_id)

    def delete(self, message_id: int) -> None:
        del self.messages[message_id]

    @property
    def videos(self) -> list[Message]:
        return [message for message in self.messages.values() if message.file]

    @property
    def pings(self) -> list[Message]:
        return [message for message in self.messages.values() if message.pings]

    def said(self, job_id: int) -> list[str]:
        """What messages say of a job, the oldest first."""
        return [m.text for m in self.messages.values() if m.text.startswith(f"{job_id}:")]

    def show(self, job_view: JobView) -> None:
        if self.show_fails_with:
            raise self.show_fails_with
        self.job_views.append(job_view)

    async def notify(self, job: Job) -> None:
        self.notices += 1
        await self.gate.wait()
        if job.destination.channel_id in self.silent:
            await asyncio.Event().wait()
        trouble = self._trouble("notify")
        said = job.reason.said if job.reason else ""
        self._write(job, f"{job.id}: {job.state} {said}")
        _late(trouble)

    async def deliver(self, job: Job, video: Path, *, original: Link | None = None) -> Delivery:
        self.uploads += 1
        await self.gate.wait()
        if job.destination.channel_id in self.silent:
            await asyncio.Event().wait()
        message = self._holding(file_name(job.id)) or self._upload(job, video)
        message.link = original.url if original else None
        return Delivery(plan=Way.ATTACH, channel_id=message.channel_id, message_id=message.id)

    async def deliver_link(self, job: Job, link: Link) -> Delivery:
        trouble = self._trouble("deliver_link")
        message = self._write(job, f"{job.id}: here it is")
        message.link = link.url
        _late(trouble)
        return Delivery(plan=Way.LINK, channel_id=message.channel_id, message_id=message.id)

    async def ping(self, job: Job, *, was_tried: bool) -> None:
        trouble = self._trouble("ping")
        text = f"ping for {job.id}"
        if not was_tried or all(message.text != text for message in self.messages.values()):
            self._post(job, text).pings = job.destination.requester_id
        _late(trouble)

    def _upload(self, job: Job, video: Path) -> Message:
        trouble = self._trouble("deliver")
        assert video.stat().st_size, "there is a file to upload"
        message = self._write(job, f"{job.id}: here it is")
        message.file = file_name(job.id)
        _late(trouble)
        return message

    def _trouble(self, call: str) -> Trouble | None:
        line = self.troubles.get(call)
        trouble = line.popleft() if line else None
        if trouble and not trouble.is_late:
            raise trouble.error.with_traceback(None)
        return trouble

    def _holding(self, file: str) -> Message | None:
        return next((message for message in self.messages.values() if message.file == file), None)

    def _write(self, job: Job, text: str) -> Message:
        """Edit the card, or post a new one: where it is gone, or goes to its requester alone."""
        is_direct = job.delivery is not None and job.delivery.is_direct
        card = None if is_direct else self.messages.get(job.destination.card_id or 0)
        card = card or self._post(job, text, channel_id=DIRECT if is_direct else None)
        card.text = text
        return card

    def _post(
        self, job: Job, text: str, *, message_id: int | None = None, channel_id: int | None = None
    ) -> Message:
        number = message_id or next(self._numbers)
        message = Message(number, channel_id or job.destination.channel_id, text)
        self.messages[number] = message
        return message


def _late(trouble: Trouble | None) -> None:
    if trouble:
        raise trouble.error
