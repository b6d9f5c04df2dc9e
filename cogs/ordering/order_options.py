"""Turns what somebody typed into an order, with their own preferences and those of an earlier video."""

from __future__ import annotations

from dataclasses import dataclass

import discord

from cogs.ui.people import Asker
from core.model.job import Job
from core.model.video import Draft, VideoRequest
from core.requests import prompt_flags as flags
from core.requests.preferences import PreferenceBook, Preferences
from core.requests.variations import options_of
from core.services.orders import Studio


@dataclass(frozen=True, slots=True)
class Wish:
    """What to make, how often, whether only the requester may see it, and whether they are notified.

    `attachments` are pictures of the request that Discord holds and nobody has looked at yet.
    """

    request: VideoRequest
    count: int = 1
    is_private: bool = False
    wants_ping: bool = True
    parent_id: int | None = None
    attachments: tuple[discord.Attachment, ...] = ()


class Wishing:
    def __init__(self, *, studio: Studio, preferences: PreferenceBook) -> None:
        self._studio = studio
        self._preferences = preferences

    async def wish(self, draft: Draft, asker: Asker, parent: Job | None = None) -> Wish:
        """Check what somebody asks for. Raise RequestRefused; nothing is kept.

        Options of the parent give way to those that are said; flags may stand in the prompt.
        """
        preferred = await self._preferences.here(asker.person_id, asker.channel_id, asker.guild_id)
        _, said = flags.split(draft.prompt)
        return Wish(
            request=self._studio.check(draft, preferred if parent is None else options_of(parent.request)),
            count=said.count or 1,
            is_private=_is_private(said, preferred, parent),
            wants_ping=preferred.wants_ping is not False,
            parent_id=None if parent is None else parent.id,
        )

    async def same(self, parent: Job, asker: Asker) -> Wish:
        """Ask for exactly what an earlier job asked for."""
        preferred = await self._preferences.here(asker.person_id, asker.channel_id, asker.guild_id)
        return Wish(
            request=parent.request,
            is_private=_is_private(None, preferred, parent),
            wants_ping=preferred.wants_ping is not False,
            parent_id=parent.id,
        )

    async def is_private(self, prompt: str, asker: Asker, parent: Job | None = None) -> bool:
        """Say whether only the asker may see the answer, before there is all that an order needs."""
        preferred = await self._preferences.here(asker.person_id, asker.channel_id, asker.guild_id)
        _, said = flags.split(prompt)
        return _is_private(said, preferred, parent)


def _is_private(said: flags.Flags | None, preferred: Preferences, parent: Job | None) -> bool:
    """Whether anything speaks for it: nothing that was private is shown to others."""
    wishes = (said is not None and said.is_private, preferred.is_private)
    return any(wishes) or (parent is not None and parent.destination.is_private)
