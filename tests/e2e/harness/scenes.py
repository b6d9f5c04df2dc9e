"""What people do with the bot, and what they see of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from sandbox.discord import Call
from tests.e2e.harness.town import Town

CHANNEL = "general"
EPHEMERAL = 64

Message = dict[str, Any]


def words(message: Message | None) -> str:
    """Everything that can be read in a message, top to bottom."""
    if message is None:
        return ""
    parts = [str(message.get("content") or "")]
    parts += [str(item["content"]) for item in _components(message) if item["type"] == 10]
    return "\n".join(part for part in parts if part)


def buttons(message: Message) -> list[str]:
    """The emoji of the buttons, left to right."""
    return [item["emoji"]["name"] for item in _components(message) if item["type"] == 2]


def gallery(message: Message) -> list[dict[str, Any]]:
    """What plays in the message."""
    galleries = [item for item in _components(message) if item["type"] == 12]
    return [media for item in galleries for media in item["items"]]


def clips(message: Message) -> list[dict[str, Any]]:
    """The attached MP4 files."""
    return [file for file in _listed(message, "attachments") if file["filename"].endswith(".mp4")]


def _components(holder: Message) -> Iterator[dict[str, Any]]:
    for item in _listed(holder, "components"):
        yield item
        yield from _components(item)


def _listed(holder: Message, key: str) -> list[Message]:
    found: list[Message] | None = holder.get(key)
    return found or []


@dataclass(frozen=True, slots=True)
class Card:
    """A message that shows a job, as one person sees it; `job_id` is the id of what ordered it."""

    town: Town
    job_id: int
    channel: str
    message_id: str
    viewer: str

    def look(self) -> Message:
        """The message as it is now. Raise LookupError while it is not there."""
        return self.town.discord.message(self.channel, int(self.message_id), viewer=self.viewer)

    async def says(self, *wanted: str) -> Message:
        """Wait until all of these words stand in it."""
        return await self.town.discord.until(
            lambda: self.look() if all(word in words(self.look()) for word in wanted) else None
        )

    async def plays(self) -> Message:
        """Wait until the video is in it."""
        return await self.town.discord.until(lambda: self.look() if clips(self.look()) else None)

    def replies(self) -> list[Message]:
        """The messages that answer this one."""
        return replies_to(self.town, self.message_id, self.channel, self.viewer)

    async def replied(self) -> Message:
        """Wait for the one reply that tells its requester."""
        return await self.town.discord.until(lambda: self.replies()[0])


def replies_to(town: Town, message_id: str, channel: str = CHANNEL, viewer: str = "member") -> list[Message]:
    return town.discord.messages(
        channel, viewer=viewer, wanted=lambda one: (one.reference or {}).get("message_id") == message_id
    )


def ids(messages: Iterable[Message]) -> list[str]:
    """Which messages these are, whatever their links look like at the moment."""
    return [message["id"] for message in messages]


def playing(town: Town, job_id: int, channel: str = CHANNEL, viewer: str = "member") -> list[Message]:
    """Every message with the video of this job in it."""
    name = f"video-{job_id}.mp4"
    return town.discord.messages(
        channel, viewer=viewer, wanted=lambda one: any(file["filename"] == name for file in one.attachments)
    )


async def card_of(town: Town, call: Call, *, viewer: str = "member", channel: str = CHANNEL) -> Card:
    """Wait for the card that answers a command or a press."""
    message = await town.discord.until(lambda: call.response() if words(call.response()) else None)
    return Card(town, call.interaction_id, channel, message["id"], viewer)


async def order(
    town: Town, prompt: str, *, by: str = "member", channel: str = CHANNEL, **options: object
) -> Card:
    """Send `/video` and return its card."""
    call = await town.discord.member(by).command(channel, "video", prompt=prompt, **options)
    return await card_of(town, call, viewer=by, channel=channel)


async def private_answer(town: Town, call: Call) -> str:
    """Wait for an answer that only this person sees, and return its words."""

    def answer() -> Message | None:
        shown = [message for message in (call.response(), *call.followups()) if message]
        return next((message for message in shown if message["flags"] & EPHEMERAL and words(message)), None)

    return words(await town.discord.until(answer))
