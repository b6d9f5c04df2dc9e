"""A town with a message for everything that is pressed or reacted to, and a bot that can be killed."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from functools import partial

from core.model.job import JobState
from sandbox.discord import Member
from sandbox.gateways.faults import create_refused
from tests.e2e.harness import town as towns
from tests.e2e.harness.bots import bot_process
from tests.e2e.harness.prompting import IDEAS, managing, newcomers
from tests.e2e.harness.scenes import CHANNEL, Card, card_of, playing
from tests.e2e.harness.town import Town

AT_ONCE = 3
"""So many videos of one member are made at once; the next ones wait."""

Prop = tuple[str, str]
"""A message: what it shows, and which member or test it is for."""


@dataclass(slots=True)
class Stage:
    """Every order is by a member who is no moderator: `member`, or one of two newcomers."""

    town: Town
    crowded: Member
    """Has three videos under way, and more that wait."""
    unlucky: Member
    """Has videos that could be brought nowhere."""
    cards: dict[Prop, Card] = field(default_factory=dict[Prop, Card])
    _bot: AsyncExitStack = field(default_factory=AsyncExitStack)

    def person(self, role: str, shown: str) -> Member:
        """The requester of what is shown, a moderator, or another member."""
        requester = {"waiting": self.crowded, "running": self.crowded, "kept": self.unlucky}.get(shown)
        if role == "requester" and requester is not None:
            return requester
        return self.town.discord.member({"requester": "member", "another": "second"}.get(role, role))

    async def start(self) -> None:
        await self._bot.enter_async_context(bot_process(self.town))

    async def kill(self) -> None:
        """End the bot as a power cut does."""
        await self._bot.aclose()

    async def fill(self, props: Iterable[Prop]) -> None:
        """Order all of these, and wait until each stands as it should."""
        wanted = defaultdict[str, list[str]](list)
        for shown, use in props:
            wanted[shown].append(use)
        gallery = self.town.discord.channel("gallery")
        await managing(self.town, "gallery", channel=gallery, threshold=1)
        async with asyncio.TaskGroup() as group:
            group.create_task(self._work(wanted["running"], wanted["waiting"]))
            group.create_task(self._finish(wanted["video"]))
            group.create_task(self._finish_privately(wanted["private"]))
            group.create_task(self._fail(wanted["failed"]))
            group.create_task(self._keep(wanted["kept"]))

    async def _work(self, running: Sequence[str], waiting: Sequence[str]) -> None:
        uses = [*running, *map(str, range(AT_ONCE - len(running)))]
        for use in uses:
            self.town.keeps_working(f"running, {use}")
        for card in await self._order("running", uses, self.crowded):
            await card.says("making it")
        for card in await self._order("waiting", waiting, self.crowded):
            await card.says("Waiting for its turn")

    async def _finish(self, uses: Sequence[str]) -> None:
        for card in await self._order("video", uses, self.town.discord.member("member")):
            await towns.reached(self.town, card.job_id, JobState.DONE)

    async def _finish_privately(self, uses: Sequence[str]) -> None:
        member = self.town.discord.member("member")
        calls = [await member.command(CHANNEL, "video", prompt=use, private=True) for use in uses]
        for use, call in zip(uses, calls, strict=True):
            job_id = call.interaction_id
            (found,) = await self.town.discord.until(partial(playing, self.town, job_id, "dm"))
            await towns.reached(self.town, job_id, JobState.DONE)
            self.cards["private", use] = Card(self.town, job_id, "dm", found["id"], "member")

    async def _fail(self, uses: Sequence[str]) -> None:
        for use in uses:
            self.town.goes_wrong(create_refused(400, 1301, "too rude"), f"failed, {use}")
        for card in await self._order("failed", uses, self.town.discord.member("member")):
            await card.says("No video")

    async def _keep(self, uses: Sequence[str]) -> None:
        discord, upload = self.town.discord, rf"^/channels/{self.town.discord.channel(IDEAS)}/messages"
        discord.world.closed_dms.add(self.unlucky.id)
        discord.faults.answer_instead("*", upload, 403, 50013, times=None, when=lambda sent: bool(sent.files))
        for card in await self._order("kept", uses, self.unlucky, IDEAS):
            await towns.reached(self.town, card.job_id, JobState.UNDELIVERABLE)
        discord.faults.clear()
        discord.world.closed_dms.discard(self.unlucky.id)

    async def _order(self, shown: str, uses: Sequence[str], by: Member, channel: str = CHANNEL) -> list[Card]:
        calls = [await by.command(channel, "video", prompt=f"{shown}, {use}") for use in uses]
        cards = [await card_of(self.town, call, channel=channel) for call in calls]
        self.cards |= {(shown, use): card for use, card in zip(uses, cards, strict=True)}
        return cards


def stage_of(town: Town) -> Stage:
    crowded, unlucky = newcomers(town, 2)
    return Stage(town, crowded, unlucky)
