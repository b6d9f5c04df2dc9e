"""What a job looks like in Discord: one message, from the order to the finished video."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Final

import discord
from discord import ui
from discord.utils import format_dt

from cogs.ui.components import (
    Layout,
    box,
    build_layout,
    button,
    escape,
    notice,
    quote,
    row,
    rows,
    spoken_link,
    spoken_time,
)
from core.dispatch import end_reasons as words
from core.model.catalog import Catalog
from core.model.job import Charge, Job, JobState, file_name
from core.model.video import VideoRequest
from core.ports import JobView, Link, Stage

ALT_TEXT_LIMIT: Final = 1024
RESULT_CHOICES: Final = ("again", "edit", "extend", "mail", "delete")
LINK_CHOICES: Final = ("get", *RESULT_CHOICES)
"""The buttons of a linked result: its link expires some day, and 📥 gives another."""
COPY_CHOICES: Final = ("again", "edit", "extend")
"""The buttons of a copy: it is no result, so nothing is deleted there."""

_WORKING: Final = discord.Colour.blurple()
_FINISHED: Final = discord.Colour.green()
_STOPPED: Final = discord.Colour.light_grey()
_WARNING: Final = discord.Colour.orange()

_ON_ITS_WAY: Final = {
    JobState.SUBMITTING: "📨 Being sent to the provider",
    JobState.READY: "📥 Finished; fetching the video",
    JobState.STORED: "📤 Finished; bringing the video here",
    JobState.DELIVERING: "📤 Finished; bringing the video here",
}


_GUEST: Final = (
    "-# I am not a member here: the video comes by direct message, and 📥 brings it here once it is ready."
)
_ANEW: Final = " · 📥 gives you another link"
_DIRECT: Final = "📬 Finished; I could not put it here, so I sent it by direct message"


class Card:
    """Draws jobs. Views are finished when they are made: presses come in by their custom_id alone."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog

    def working(self, job_view: JobView) -> Layout:
        """Show a job under way: the order, the requester, the state, since when."""
        job = job_view.job
        lines = [quote(job.request.prompt), f"**{_state(job_view)}**", self._origin(job)]
        if job.destination.is_guest:
            lines.append(_GUEST)
        parts: list[ui.Item[Layout]] = [box(lines, _WORKING)]
        is_stoppable = job.state in {JobState.QUEUED, JobState.SUBMITTING, JobState.RUNNING}
        choices = [*(["cancel"] if is_stoppable else []), *(["get"] if job.destination.is_guest else [])]
        if choices:
            parts.append(row(*(button(job.id, choice) for choice in choices)))
        return build_layout(parts)

    def result(self, job: Job, at: datetime, *, original: Link | None = None) -> Layout:
        """Show the finished video, playing in the message: the file must be attached to it.

        `original` leads to a larger file than the one that is attached.
        """
        more = "" if original is None else f"\n-# Made smaller · {spoken_link('the original', original)}"
        return self._finished_view(job, f"attachment://{file_name(job.id)}", at, more)

    def linked(self, job: Job, at: datetime, link: Link) -> Layout:
        """Show the finished video from where it can be opened, since it is too large for the message."""
        more = f"\n{spoken_link('Open the video', link)}{_ANEW if link.expires_at else ''}"
        return self._finished_view(job, link.file or link.url, at, more, LINK_CHOICES)

    def copy(self, job: Job, at: datetime, link: Link | None = None) -> Layout:
        """Show a copy of the result, for a member's direct messages: attached, or at a link."""
        media = f"attachment://{file_name(job.id)}" if link is None else link.url
        more = "" if link is None else f"\n{spoken_link('Open the video', link)}"
        return self._finished_view(job, media, at, more, COPY_CHOICES)

    def sent_directly(self, job: Job) -> Layout:
        """Show that the video went to its requester, since it could not be put here."""
        lines = [quote(job.request.prompt), f"**{_DIRECT}**", self._origin(job)]
        return notice("\n".join(lines), button(job.id, "again"))

    def _finished_view(
        self, job: Job, media: str, at: datetime, more: str, choices: Iterable[str] = RESULT_CHOICES
    ) -> Layout:
        gallery: ui.MediaGallery[Layout] = ui.MediaGallery()
        gallery.add_item(media=media, description=job.request.prompt[:ALT_TEXT_LIMIT])
        took = f"took {spoken_time(at - job.ordered_at)}"
        made = words.made_otherwise(job)
        took = took if made is None else f"{took} · the provider says that it made {escape(made)}"
        caption = f"{self._options(job.request)} · {took} · for <@{job.destination.requester_id}>"
        text = ui.TextDisplay[Layout](f"{quote(job.request.prompt)}\n-# {caption}{more}")
        return build_layout(
            [
                ui.Container(gallery, text, accent_colour=_FINISHED),
                *rows([button(job.id, action) for action in choices]),
            ]
        )

    def ended(self, job: Job) -> Layout:
        """Show a job that ended without a video, or that only a person can decide."""
        reason = _DECIDED.get(job.state) or (job.reason.said if job.reason else "This job has ended.")
        heading = _HEADINGS.get(job.state, "⚠️ No video")
        lines = [quote(job.request.prompt), f"**{heading}**\n{escape(reason)}", self._origin(job)]
        buttons = [button(job.id, action) for action in _choices(job)]
        return build_layout([box(lines, _STOPPED if job.state in _OVER else _WARNING), row(*buttons)])

    def _origin(self, job: Job) -> str:
        asked = f"asked {format_dt(job.ordered_at, 'R')}"
        return f"-# {self._options(job.request)} · for <@{job.destination.requester_id}> · {asked}"

    def _options(self, request: VideoRequest) -> str:
        model = self._catalog.find(request.model)
        parts = [
            model.title if model else request.model,
            f"{request.duration_seconds} s",
            request.aspect_ratio,
        ]
        if request.mode:
            parts.append(request.mode)
        if request.audio:
            parts.append("with audio")
        return " · ".join(parts)


_HEADINGS: Final = {
    JobState.CANCELLED: "🚫 Cancelled",
    JobState.UNKNOWN: "❓ Not confirmed",
    JobState.DISMISSED: "❓ Not confirmed",
    JobState.SUPERSEDED: "❓ Not confirmed",
    JobState.UNDELIVERABLE: "📦 Finished, but not delivered",
}
_DECIDED: Final = {JobState.DISMISSED: words.DISMISSED, JobState.SUPERSEDED: words.SUPERSEDED}
_OVER: Final = frozenset({JobState.CANCELLED, JobState.DISMISSED, JobState.SUPERSEDED})


def _choices(job: Job) -> tuple[str, ...]:
    """The buttons of a job that ended without a video."""
    if job.state is JobState.UNKNOWN:
        return ("risk", "dismiss")
    if job.state is JobState.UNDELIVERABLE and job.video is not None:
        return ("get", "delete")
    if job.reason is not None and job.reason.charge is Charge.FULL:
        return ("delete",)
    return ("again", "edit", "delete")


def _state(job_view: JobView) -> str:
    match job_view.job.state:
        case JobState.QUEUED:
            return _queued(job_view)
        case JobState.RUNNING:
            return _running(job_view)
        case state:
            return _ON_ITS_WAY.get(state, state.lower())


def _queued(job_view: JobView) -> str:
    if job_view.awaits_yes:
        return (
            "⏸️ Not sent: this bot's data was put back to an older copy, and whoever runs it decides whether "
            "this is still to be made. Nothing is charged until then; ❌ cancels it"
        )
    if job_view.job.detail and job_view.job.attempts:
        return "⏳ The provider cannot take it just now; waiting to send it again"
    if not job_view.ahead:
        return "⏳ Waiting for its turn"
    return f"⏳ Waiting for its turn, {job_view.ahead} {'job' if job_view.ahead == 1 else 'jobs'} before it"


def _running(job_view: JobView) -> str:
    ready = "" if job_view.estimate is None else f" · ready about {format_dt(job_view.estimate, 'R')}"
    if job_view.is_silent:
        return "📡 The provider does not answer just now; I keep asking, and nothing is lost"
    if job_view.is_late:
        ready = " · taking much longer than usual; I keep asking for a day"
    progress = job_view.progress
    if progress is None or progress.stage is Stage.QUEUED:
        return f"🎬 Waiting at the provider{ready}"
    percent = "" if progress.percent is None else f" · {progress.percent} %"
    return f"🎬 The provider is making it{percent}{ready}"
