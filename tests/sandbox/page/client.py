"""The page's side of the conversation, over real HTTP: its requests, and the changes it is sent."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, TypeVar

import aiohttp

from sandbox.discord import Upload

T = TypeVar("T")


@dataclass(slots=True)
class Sleeper:
    """A process that does nothing, until it is ended."""

    process: asyncio.subprocess.Process | None = None

    @property
    def pid(self) -> int | None:
        return None if self.process is None or self.process.returncode is not None else self.process.pid

    async def start(self) -> None:
        self.process = await asyncio.create_subprocess_exec("sleep", "60")

    async def stop(self) -> None:
        await self.kill()

    async def kill(self) -> None:
        if self.process is not None and self.pid is not None:
            self.process.kill()
            await self.process.wait()


@dataclass(frozen=True, slots=True)
class Client:
    """A browser that has loaded the page."""

    session: aiohttp.ClientSession
    url: str
    token: str

    async def does(
        self, deed: str, *, by: str = "member", files: dict[str, Upload] | None = None, **words: object
    ) -> Any:  # noqa: ANN401 - JSON
        return await self._ask(f"do/{deed}?as={by}", words, files or {})

    async def turns(self, what: str, **words: object) -> Any:  # noqa: ANN401 - JSON
        return await self._ask(f"turn/{what}", words, {})

    async def _ask(self, path: str, words: dict[str, object], files: dict[str, Upload]) -> Any:  # noqa: ANN401 - JSON
        form = aiohttp.FormData(default_to_multipart=True)
        form.add_field("words", json.dumps(words))
        for name, upload in files.items():
            form.add_field(name, upload.data, filename=upload.filename)
        headers = {"X-Sandbox-Token": self.token}
        async with self.session.post(self.url + path, data=form, headers=headers) as answer:
            assert answer.status == 200, await answer.text()
            return await answer.json()

    async def file(self, path: str, **headers: str) -> tuple[aiohttp.ClientResponse, bytes]:
        address = f"{self.url.rstrip('/')}{path}?token={self.token}"
        async with self.session.get(address, headers=headers) as answer:
            return answer, await answer.read()

    @asynccontextmanager
    async def looks(
        self, channel: int | str, *, by: str = "member", panel: bool = False
    ) -> AsyncGenerator[Screen]:
        """Look at a channel for as long as the context is open."""
        query = {"as": by, "channel": str(channel), "token": self.token} | ({"panel": "1"} if panel else {})
        async with self.session.get(self.url + "events", params=query) as answer:
            assert answer.status == 200
            yield Screen(answer)


@dataclass(frozen=True, slots=True)
class Screen:
    """What has arrived so far. `events` are the names of the events, in order."""

    answer: aiohttp.ClientResponse
    parts: dict[str, Any] = field(default_factory=dict[str, Any])
    events: list[str] = field(default_factory=list[str])

    async def until(self, condition: Callable[[dict[str, Any]], T | None]) -> T:
        """Listen until the condition is true of the parts; a LookupError means "not yet"."""
        async with asyncio.timeout(8):
            while True:
                try:
                    if self.events and (value := condition(self.parts)):
                        return value
                except LookupError:
                    pass
                await self._hear()

    async def shows(self, words: str) -> dict[str, Any]:
        """Wait for a message with these words."""
        return await self.until(lambda _: [one for one in self.messages() if words in one["content"]][-1])

    def messages(self) -> list[dict[str, Any]]:
        return [self.parts[f"message {message_id}"] for message_id in self.parts["order"]]

    async def _hear(self) -> None:
        line = (await self.answer.content.readline()).decode()
        if line.startswith("event: "):
            self.events.append(line.removeprefix("event: ").strip())
        elif line.startswith("data: "):
            for name, part in json.loads(line.removeprefix("data: ")).items():
                self.parts.pop(name, None)
                self.parts.update({} if part is None else {name: part})


async def loaded(session: aiohttp.ClientSession, url: str) -> Client:
    """Load the page and read the token that stands in it."""
    async with session.get(url) as answer:
        found = re.search(r'name="token" content="([^"]+)"', await answer.text())
    assert found is not None
    return Client(session, url, found[1])
