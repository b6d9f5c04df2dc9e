"""Turns a member's options into an order, with their preferences and those of an earlier video."""

from __future__ import annotations

from dataclasses import dataclass

import discord

from cogs.ui.people import Requester
from core.model.job import Job
from core.model.video import Draft, VideoRequest
from core.requests import prompt_flags as flags
from core.requests.preferences import Preferences, PreferenceStore
from core.requests.variations import options_of
from core.services.orders import OrderService


@dataclass(frozen=True, slots=True)
class OrderSpec:
    """What to make, how often, whether only the requester may see it, and whether they are notified.

    `attachments` are pictures of the request that Discord holds and the bot has not checked yet.
    """

    request: VideoRequest
    count: int = 1
    is_private: bool = False
    wants_ping: bool = True
    parent_id: int | None = None
    attachments: tuple[discord.Attachment, ...] = ()


class OrderOptions:
    def __init__(self, *, orders: OrderService, preferences: PreferenceStore) -> None:
        self._orders = orders
        self._preferences = preferences

    async def specify(self, draft: Draft, requester: Requester, parent: Job | None = None) -> OrderSpec:
        """Check what a member asks for. Raise RequestRefused; nothing is stored.

        The earlier video's options give way to new ones; flags may stand in the prompt.
        """
        preferred = await self._preferences.here(
            requester.person_id, requester.channel_id, requester.guild_id
        )
        _, said = flags.split(draft.prompt)
        return OrderSpec(
            request=self._orders.check(draft, preferred if parent is None else options_of(parent.request)),
            count=said.count or 1,
            is_private=_is_private(said, preferred, parent),
            wants_ping=preferred.wants_ping is not False,
            parent_id=None if parent is None else parent.id,
        )

    async def repeat(self, parent: Job, requester: Requester) -> OrderSpec:
        """Ask for exactly what an earlier job asked for."""
        preferred = await self._preferences.here(
            requester.person_id, requester.channel_id, requester.guild_id
        )
        return OrderSpec(
            request=parent.request,
            is_private=_is_private(None, preferred, parent),
            wants_ping=preferred.wants_ping is not False,
            parent_id=parent.id,
        )

    async def is_private(self, prompt: str, requester: Requester, parent: Job | None = None) -> bool:
        """Return whether only the requester may see the answer, before the order is complete."""
        preferred = await self._preferences.here(
            requester.person_id, requester.channel_id, requester.guild_id
        )
        _, said = flags.split(prompt)
        return _is_private(said, preferred, parent)


def _is_private(said: flags.Flags | None, preferred: Preferences, parent: Job | None) -> bool:
    """Whether anything calls for it: a private video is never shown to others."""
    preferences = (said is not None and said.is_private, preferred.is_private)
    return any(preferences) or (parent is not None and parent.destination.is_private)
