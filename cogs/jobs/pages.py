"""Draws what is looked up: lists of jobs, one job in full, the catalogue, a member's use."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import discord
from discord import ui
from discord.utils import format_dt

from cogs.ui.components import Layout, build_layout, button, escape, rows, spoken_time
from core.model.catalog import Catalog, Model
from core.model.delivery import Delivery, Way
from core.model.job import AT_PROVIDER, Charge, Job, JobState
from core.model.ledger import Usage
from core.model.limits import dollars
from core.services.job_actions import Member

PAGE: Final = 8
_MOST_TEXT: Final = 3900
_PROMPT_SHOWN: Final = 70
_OPTION_SHOWN: Final = 90

_FACES: Final = {
    JobState.QUEUED: "⏳ waiting",
    JobState.SUBMITTING: "📨 being sent",
    JobState.RUNNING: "🎬 being made",
    JobState.READY: "📥 being fetched",
    JobState.STORED: "📤 being brought",
    JobState.DELIVERING: "📤 being brought",
    JobState.DELIVERED: "✅ done",
    JobState.DONE: "✅ done",
    JobState.UNKNOWN: "❓ not confirmed",
    JobState.CANCELLED: "🚫 cancelled",
    JobState.DISMISSED: "❓ dismissed",
    JobState.SUPERSEDED: "❓ started again",
    JobState.UNDELIVERABLE: "📦 kept for you",
}
_FAILED: Final = "⚠️ no video"

FOR_ALL: Final = frozenset({"again", "edit", "extend", "mail"})
"""Buttons that make something of the presser's own; all others change what belongs to the requester."""


@dataclass(frozen=True, slots=True)
class CardLocation:
    """The message that shows a job: its result, or else its card."""

    server: str
    channel_id: int
    message_id: int

    @property
    def link(self) -> str:
        return f"https://discord.com/channels/{self.server}/{self.channel_id}/{self.message_id}"

    @property
    def place_ids(self) -> frozenset[int]:
        return frozenset({self.channel_id, self.message_id})


def post_of(job: Job) -> CardLocation | None:
    """Return where a job is shown; None for one that never was."""
    place, delivery = job.destination, job.delivery or Delivery(plan=Way.UNDECIDED)
    message_id = delivery.message_id or place.card_id
    if message_id is None:
        return None
    server = "@me" if place.is_private or place.guild_id is None else str(place.guild_id)
    return CardLocation(server, delivery.channel_id or place.channel_id, message_id)


def shown_on(jobs: Sequence[Job], page: int) -> Sequence[Job]:
    return jobs[page * PAGE : (page + 1) * PAGE]


def listing(jobs: Sequence[Job], page: int, wanted: str, gone: frozenset[int]) -> Layout:
    """Show one page of a member's jobs, with a choice of them and buttons to turn the page.

    `gone` are messages and channels that no longer exist.
    """
    shown = shown_on(jobs, page)
    if not shown:
        return build_layout([ui.TextDisplay("There is nothing here yet. Make something with /video.")])
    parts: list[ui.Item[Layout]] = [ui.TextDisplay(line(job, gone)) for job in shown]
    parts.append(ui.ActionRow(_choice(shown)))
    fair_queue = _turns(len(jobs), page, wanted)
    if fair_queue:
        parts.append(ui.ActionRow(*fair_queue))
    return build_layout(parts)


def line(job: Job, gone: frozenset[int]) -> str:
    """Describe a job's state in a line, with a link to its message as long as that exists."""
    prompt = " ".join(job.request.prompt.split())[:_PROMPT_SHOWN]
    asked = format_dt(job.ordered_at, "R")
    return f"**{face(job)}** · {asked}{_where(job, gone)}\n> {escape(prompt)}"


def _where(job: Job, gone: frozenset[int]) -> str:
    post = post_of(job)
    if post is None:
        return ""
    return f" · [go there]({post.link})" if gone.isdisjoint(post.place_ids) else " · its message was deleted"


def face(job: Job) -> str:
    return _FACES.get(job.state, _FAILED)


def details(job: Job, catalog: Catalog, actor: Member) -> Layout:
    """Show everything about one job, and what this member can do with it."""
    facts = "\n".join(f"**{name}** {value}" for name, value in _facts(job, catalog))
    text = ui.TextDisplay[Layout](f"> {escape(job.request.prompt[:1500])}\n{facts}")
    buttons = [button(job.id, action) for action in _open_to(actor, job)]
    return build_layout([ui.Container[Layout](text, accent_colour=discord.Colour.blurple()), *rows(buttons)])


def _open_to(actor: Member, job: Job) -> list[str]:
    """Leave out what would be refused: only the requester and moderators decide about a job."""
    return [action for action in _possible(job) if action in FOR_ALL or actor.may_manage(job)]


def queue(here: Sequence[Job], running: int, waiting: int, gone: frozenset[int]) -> Layout:
    """Show how many jobs are under way, and which are next."""
    heading = f"**{running} being made, {waiting} waiting.**"
    return build_layout(
        [ui.TextDisplay("\n".join([heading, *(line(job, gone) for job in shown_on(here, 0))]))]
    )


def usage(today: Usage, month: Usage) -> Layout:
    """Show what a member has used."""
    lines = [
        f"**Today** {today.videos} videos, about {dollars(today.spent + today.reserved)}",
        f"**This month** {month.videos} videos, about {dollars(month.spent + month.reserved)}",
        f"-# {month.open_jobs} under way. Prices are estimates; what is not confirmed counts as spent.",
    ]
    return build_layout([ui.TextDisplay("\n".join(lines))])


def models(catalog: Catalog) -> Layout:
    """Show what can be made here, and what it costs."""
    lines = ["**What can be made here** (prices are estimates)", *map(_offer, catalog)]
    return build_layout([ui.TextDisplay("\n".join(lines)[:_MOST_TEXT])])


def _offer(model: Model) -> str:
    prices = sorted(model.price_per_second.values())
    parts = [
        ", ".join(sorted(given.replace("_", " ") for given in model.inputs)),
        f"{'/'.join(map(str, model.durations))} s",
        "/".join(model.modes),
        " ".join(model.aspect_ratios),
        "sound" if model.audio else "",
        f"${prices[0]}-{prices[-1]} a second" if prices else "",
    ]
    facts = " · ".join(part for part in parts if part)
    return f"**{model.title}** `{model.name}` at {model.provider}\n-# {facts}"


def _facts(job: Job, catalog: Catalog) -> Iterable[tuple[str, str]]:
    model = catalog.find(job.request.model)
    yield "State", face(job)
    yield "Model", model.title if model else job.request.model
    yield "Length and shape", f"{job.request.duration_seconds} s, {job.request.aspect_ratio}"
    if job.request.mode:
        yield "Mode", job.request.mode
    if job.request.audio is not None:
        yield "Sound", "yes" if job.request.audio else "no"
    yield "For", f"<@{job.destination.requester_id}>"
    yield "Asked", format_dt(job.ordered_at, "f")
    if job.state is JobState.DONE:
        yield "Took", spoken_time(job.updated_at - job.ordered_at)
    if job.provider:
        yield "Provider", job.provider
    if job.price is not None:
        yield "Cost", _cost(job)
    if job.parent_id:
        yield "Made from", f"job {job.parent_id}"
    if job.reason is not None:
        yield "Why", escape(job.reason.said)
    yield "Job", str(job.id)


def _cost(job: Job) -> str:
    if job.reason is not None and job.reason.charge is Charge.NOTHING:
        return "nothing"
    return f"about {dollars(job.price or 0)}"


def _possible(job: Job) -> list[str]:
    """Describe what the state of a job allows; its video can be delivered as long as it is stored."""
    if job.state is JobState.UNKNOWN:
        return ["risk", "dismiss"]
    if job.state is JobState.QUEUED or job.state in AT_PROVIDER:
        return ["cancel"]
    if not job.is_over:
        return []
    if job.video is None:
        return ["again", "edit", "delete"]
    if job.state is JobState.UNDELIVERABLE:
        return ["get", "again", "edit", "delete"]
    return ["again", "edit", "extend", "mail", "get", "delete"]


def _choice(jobs: Sequence[Job]) -> ui.Select[Layout]:
    options = [
        discord.SelectOption(
            label=" ".join(job.request.prompt.split())[:_OPTION_SHOWN] or "a picture",
            value=str(job.id),
            description=face(job),
        )
        for job in jobs
    ]
    return ui.Select(custom_id="jobs:pick", placeholder="Look at one of them", options=options)


def _turns(count: int, page: int, wanted: str) -> list[ui.Button[Layout]]:
    last = (count - 1) // PAGE
    fair_queue: list[ui.Button[Layout]] = []
    if page > 0:
        fair_queue.append(ui.Button(custom_id=f"jobs:{wanted}:{page - 1}", label="Newer", emoji="◀️"))
    if page < last:
        fair_queue.append(ui.Button(custom_id=f"jobs:{wanted}:{page + 1}", label="Older", emoji="▶️"))
    return fair_queue
