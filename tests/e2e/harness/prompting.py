"""What people do in a channel of prompts, and what they see there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from sandbox.discord import Member, Upload
from sandbox.gateways import Fault
from tests.e2e.harness.scenes import Message, clips, private_answer, replies_to, words
from tests.e2e.harness.town import Town

IDEAS = "ideas"


async def managing(town: Town, command: str, /, by: str = "moderator", **options: object) -> str:
    """Send a `/studio` command and return its private answer."""
    call = await town.discord.member(by).command("general", f"studio {command}", **options)
    return await private_answer(town, call)


async def opened_ideas(town: Town) -> str:
    """Make #ideas a prompt channel and return the answer that the moderator gets."""
    return await managing(town, "channel add", channel=town.discord.channel(IDEAS))


async def says(town: Town, text: str, *, by: str = "member", files: Sequence[Upload] = ()) -> Message:
    """Post a message in #ideas and return it."""
    return await town.discord.member(by).send(IDEAS, text, files=files)


def marks(town: Town, message: Message) -> set[str]:
    """The reactions on a message."""
    stored = town.discord.world.messages[int(message["channel_id"])][int(message["id"])]
    return {reaction.emoji for reaction in stored.reactions if reaction.user_ids}


async def marked(town: Town, message: Message, mark: str, seconds: float = 60) -> None:
    """Wait until this, and nothing else, is the bot's mark on a message."""
    await town.discord.until(lambda: marks(town, message) == {mark}, timeout=seconds)


def answers(town: Town, message: Message) -> list[Message]:
    return replies_to(town, message["id"], IDEAS, "owner")


async def slip(town: Town, message: Message, wanted: str) -> str:
    """Wait for the short answer with these words, and return all of it."""

    def said() -> str | None:
        return next((words(one) for one in answers(town, message) if wanted in words(one)), None)

    return await town.discord.until(said)


def results(town: Town, message: Message) -> list[Message]:
    """The answers to a prompt that have a video in them."""
    return [answer for answer in answers(town, message) if clips(answer)]


async def made(town: Town, message: Message, seconds: float = 60) -> Message:
    """Wait for the first result that answers a prompt."""
    found = await town.discord.until(lambda: results(town, message), timeout=seconds)
    return found[0]


async def waiting(town: Town, message: Message) -> Message:
    """Wait for the card that says that a prompt waits for its turn."""

    def card() -> Message | None:
        return next((one for one in answers(town, message) if "Waiting for its turn" in words(one)), None)

    return await town.discord.until(card)


@dataclass(slots=True)
class Clouds:
    """Three videos that a member's places are taken with."""

    town: Town
    prompts: tuple[str, ...] = ("First cloud", "Second cloud", "Third cloud")
    _held: list[Fault] = field(default_factory=list[Fault])
    _messages: list[Message] = field(default_factory=list[Message])

    async def gather(self) -> None:
        self._held = [self.town.keeps_working(prompt) for prompt in self.prompts]
        before = {prompt: len(self.town.tasks(prompt)) for prompt in self.prompts}
        self._messages = [await says(self.town, prompt) for prompt in self.prompts]
        for message in self._messages:
            await self._running(message)
        assert all(len(self.town.tasks(prompt)) == before[prompt] + 1 for prompt in self.prompts)

    async def _running(self, message: Message) -> None:
        await self.town.discord.until(
            lambda: any("🎬" in words(answer) for answer in answers(self.town, message))
        )

    async def pass_by(self) -> None:
        """Let them be finished, and wait for that."""
        for fault in self._held:
            fault.times = 0
        for message in self._messages:
            await marked(self.town, message, "✅")


def newcomers(town: Town, count: int) -> list[Member]:
    """So many more members of the server."""
    world, guild_id = town.discord.world, town.discord.guild_id
    names = [f"Newcomer {number}" for number in range(count)]
    people = [world.make_user(name.lower().replace(" ", "-"), global_name=name) for name in names]
    for person in people:
        world.add_member(guild_id, person.id)
    return [Member(person.id, person.name, town.discord) for person in people]
