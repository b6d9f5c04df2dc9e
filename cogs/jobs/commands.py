"""Finding jobs: `/jobs`, `/job`, `/cancel`, `/queue`, `/usage`, `/models`. All answers are private."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Annotated, Final

import discord
from discord import app_commands
from discord.ext import commands

from cogs.jobs import pages
from cogs.ui.components import Layout, notice
from cogs.ui.option_groups import Option, expand_options
from cogs.ui.options import MOST_CHOICES
from cogs.ui.people import actor_of
from cogs.ui.persistent_item import PersistentItem, chosen
from core.delivery.message_notes import DeletedMessages
from core.model.errors import NotAllowed
from core.model.job import AT_PROVIDER, Job, JobState
from core.services.orders import OrderService

MOST_LISTED: Final = 400
_LABEL: Final = 90

_WANTED: Final[dict[str, Callable[[Job], bool]]] = {
    "all": lambda _: True,
    "running": lambda job: not job.has_ended,
    "finished": lambda job: job.has_arrived,
    "failed": lambda job: job.has_ended and not job.has_arrived,
}
_NAMES: Final = "|".join(_WANTED)
_STATES: Final = [app_commands.Choice(name=name, value=name) for name in _WANTED]


@dataclass(frozen=True, slots=True, kw_only=True)
class Which:
    """One of the member's own jobs."""

    id: Annotated[str, Option("Its number, or words of its prompt")]


class JobsCog(commands.Cog):
    def __init__(self, *, orders: OrderService, deleted_messages: DeletedMessages) -> None:
        self._orders = orders
        self._deleted_messages = deleted_messages

    @app_commands.command(name="jobs", description="Your videos, the newest first")
    @expand_options
    async def jobs(
        self,
        interaction: discord.Interaction,
        state: Annotated[str, Option("Only some of them", _STATES)] = "all",
    ) -> None:
        view = await self.page(interaction.user.id, state, 0)
        await interaction.response.send_message(view=view, ephemeral=True)

    @app_commands.command(name="job", description="Everything about one of your videos")
    @expand_options
    async def job(self, interaction: discord.Interaction, which: Which) -> None:
        await interaction.response.send_message(
            view=await self.details(interaction, which.id), ephemeral=True
        )

    @app_commands.command(name="cancel", description="Stop a video that has not been sent yet")
    @expand_options
    async def cancel(self, interaction: discord.Interaction, which: Which) -> None:
        found = await self._mine(interaction, which.id)
        await self._orders.cancel(found.id, actor_of(interaction))
        await interaction.response.send_message(
            view=notice("Cancelled. Nothing was charged."), ephemeral=True
        )

    @app_commands.command(name="queue", description="How much is under way, and how your videos stand")
    async def queue(self, interaction: discord.Interaction) -> None:
        under_way = await self._orders.under_way()
        mine = [job for job in under_way if job.destination.requester_id == interaction.user.id]
        running = sum(job.state in AT_PROVIDER for job in under_way)
        waiting = sum(job.state is JobState.QUEUED for job in under_way)
        gone = await self._deleted_places(pages.shown_on(mine, 0))
        view = pages.queue(mine, running, waiting, gone)
        await interaction.response.send_message(view=view, ephemeral=True)

    @app_commands.command(name="usage", description="What you have used today and this month")
    async def usage(self, interaction: discord.Interaction) -> None:
        today, month = await self._orders.usage_of(interaction.user.id)
        await interaction.response.send_message(view=pages.usage(today, month), ephemeral=True)

    @app_commands.command(name="models", description="What can be made here, and what it costs")
    async def models(self, interaction: discord.Interaction) -> None:
        await interaction.response.send_message(view=pages.models(self._orders.catalog), ephemeral=True)

    @job.autocomplete("id")
    @cancel.autocomplete("id")
    async def suggest_job(
        self, interaction: discord.Interaction, typed: str
    ) -> list[app_commands.Choice[str]]:
        wanted = typed.casefold()
        jobs = await self._orders.jobs_of(interaction.user.id, limit=MOST_LISTED)
        return [
            app_commands.Choice(name=_label(job), value=str(job.id))
            for job in jobs
            if wanted in f"{job.id} {job.request.prompt}".casefold()
        ][:MOST_CHOICES]

    async def page(self, member_id: int, wanted: str, number: int) -> Layout:
        """Draw a page of a member's jobs."""
        jobs = await self._orders.jobs_of(member_id, limit=MOST_LISTED)
        jobs = list(filter(_WANTED[wanted], jobs))
        return pages.listing(jobs, number, wanted, await self._deleted_places(pages.shown_on(jobs, number)))

    async def _deleted_places(self, jobs: Iterable[Job]) -> frozenset[int]:
        """Return those places of these jobs that no longer exist."""
        posts = filter(None, map(pages.post_of, jobs))
        return await self._deleted_messages.among(place_id for post in posts for place_id in post.place_ids)

    async def details(self, interaction: discord.Interaction, typed: str) -> Layout:
        """Draw one of the member's own jobs. Raise NotAllowed."""
        job = await self._mine(interaction, typed)
        return pages.details(job, self._orders.catalog, actor_of(interaction))

    async def _mine(self, interaction: discord.Interaction, typed: str) -> Job:
        """Find a job by its id, or by words of its prompt; others' jobs are as if they did not exist."""
        jobs = await self._orders.jobs_of(interaction.user.id, limit=MOST_LISTED)
        wanted = typed.strip().casefold()
        found = [job for job in jobs if wanted in {str(job.id), job.request.prompt.casefold()}]
        found += [job for job in jobs if wanted and wanted in job.request.prompt.casefold()]
        if not found:
            await self._orders.check_erased(wanted)
            raise NotAllowed("You have no such job. /jobs shows what there is.")
        return found[0]


def _label(job: Job) -> str:
    prompt = " ".join(job.request.prompt.split())
    return f"{pages.face(job)} · {prompt}"[:_LABEL]


def listing_items(listing: JobsCog) -> Iterable[PersistentItem]:
    """Turn pages, and open a job that was picked from a list."""

    async def turn(interaction: discord.Interaction, match: re.Match[str]) -> None:
        view = await listing.page(interaction.user.id, match["wanted"], int(match["page"]))
        await interaction.response.edit_message(view=view)

    async def pick(interaction: discord.Interaction, _: re.Match[str]) -> None:
        view = await listing.details(interaction, chosen(interaction))
        await interaction.response.send_message(view=view, ephemeral=True)

    return (
        PersistentItem(re.compile(rf"jobs:(?P<wanted>{_NAMES}):(?P<page>\d{{1,3}})"), turn),
        PersistentItem(re.compile(r"jobs:pick"), pick),
    )
