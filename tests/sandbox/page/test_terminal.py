"""The channel on a terminal, with a real bot in it and a person's keyboard at the other end."""

from __future__ import annotations

import asyncio
import os
import pty
import sys
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from sandbox import terminal
from sandbox.film import Film, Renderer
from tests.e2e.harness import town as towns
from tests.e2e.harness.bots import bot_inside
from tests.e2e.harness.town import Town


class Person:
    """Types lines, and remembers what is said to them."""

    def __init__(self, descriptor: int) -> None:
        self.heard: list[str] = []
        self._descriptor = descriptor
        self._news = asyncio.Event()

    def type(self, *lines: str) -> None:
        """Type these lines in one go, as by pasting them."""
        os.write(self._descriptor, "".join(f"{line}\n" for line in lines).encode())

    def end(self) -> None:
        """Press Ctrl-D."""
        os.write(self._descriptor, b"\x04")

    def listen(self, words: str) -> None:
        self.heard.append(words)
        self._news.set()

    async def hears(self, *wanted: str, times: int = 1) -> None:
        """Wait until so many of what is said have all these words in them."""
        async with asyncio.timeout(20):
            while sum(all(word in said for word in wanted) for said in self.heard) < times:
                self._news.clear()
                await self._news.wait()


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[Town]:
    clip = await Renderer().render(Film("A paper boat", seconds=1))
    async with towns.opened(tmp_path / "data", clip=clip) as opened, bot_inside(opened):
        yield opened


@asynccontextmanager
async def person_at_terminal(town: Town) -> AsyncGenerator[Person]:
    """A person at a pseudo-terminal who talks with the bot, and ends with Ctrl-D."""
    ours, theirs = pty.openpty()
    with pytest.MonkeyPatch.context() as patch, os.fdopen(theirs, encoding="utf-8") as screen:
        patch.setattr(sys, "stdin", screen)
        person = Person(ours)
        async with asyncio.TaskGroup() as group:
            group.create_task(terminal.chat(town.discord, person.listen))
            yield person
            person.end()
    os.close(ours)


async def test_a_prompt_that_is_typed_makes_a_video(town: Town) -> None:
    async with person_at_terminal(town) as person:
        person.type("A paper boat --ar 9:16")
        await person.hears("▶ video-", "A paper boat")

    (create,) = town.creates("A paper boat")
    assert create["aspect_ratio"] == "9:16"


async def test_a_button_is_pressed_by_its_emoji(town: Town) -> None:
    async with person_at_terminal(town) as person:
        person.type("A paper boat")
        await person.hears("▶ video-", "[🔁 Re-run")

        person.type("!🔁")
        await person.hears("▶ video-", times=2)

    assert len(town.tasks("A paper boat")) == 2


async def test_what_does_not_change_is_printed_once_and_what_is_deleted_is_reported(town: Town) -> None:
    async with person_at_terminal(town) as person:
        person.type("A paper boat")
        await person.hears("@member, your video is ready.")
        town.discord.expire_links()

        person.type("!🗑️")
        await person.hears("(deleted) Matinee: ▶ video-")
        await person.hears("(deleted) Matinee: @member, your video is ready.")

    assert len([said for said in person.heard if "[🔁 Re-run" in said]) == 1


async def test_a_button_that_is_not_shown_is_answered(town: Town) -> None:
    async with person_at_terminal(town) as person:
        person.type("!🎈")

        await person.hears("(No message has a button 🎈.)")

    assert town.gateways.creates() == []


async def test_lines_that_are_pasted_are_all_read(town: Town) -> None:
    async with person_at_terminal(town) as person:
        person.type("A red boat", "", "A blue boat", "!🎈")

        await person.hears("(No message has a button 🎈.)")
        await person.hears("▶ video-", "A red boat")
        await person.hears("▶ video-", "A blue boat")

    assert [len(town.tasks(prompt)) for prompt in ("A red boat", "A blue boat")] == [1, 1]


async def test_a_picture_is_sent_by_a_word(town: Town) -> None:
    async with person_at_terminal(town) as person:
        person.type("!animate")
        await person.hears("▶ video-")

    (create,) = town.gateways.creates()
    assert create.json["image"].startswith(town.discord.cdn_url)
