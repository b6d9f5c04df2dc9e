"""Acts as one member: orders a video, watches the channel, saves the MP4."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import aiohttp

from sandbox.discord import LocalDiscord, Upload
from sandbox.discord.seed import PEOPLE
from sandbox.picture import evening
from sandbox.transcript import raw, resolve_codes

CHANNEL = "general"
PROMPT = "A paper boat sails into the evening"
LONGEST_SECONDS = 80.0


async def run_demo(discord: LocalDiscord, output: Path, say: Callable[[str], None]) -> None:
    """Send one `/video` with a picture, say what happens in the channel, save the MP4.

    Raises:
        AssertionError: no video came in time; the message lists what happened instead.
    """
    member = discord.member("member")
    watcher = Watcher(discord, say)
    say(f"#{CHANNEL}")
    say(f"{member.name}: /video prompt:{PROMPT} image:evening.png duration:5 aspect_ratio:16:9")
    await member.command(
        CHANNEL,
        "video",
        prompt=PROMPT,
        image=Upload("evening.png", evening()),
        duration=5,
        aspect_ratio="16:9",
    )
    video = await discord.until(watcher.video, timeout=LONGEST_SECONDS)
    size = await _download(video["url"], output)
    await discord.until(watcher.notice)
    say(f"\nSaved {output} ({size:,} bytes).")


class Watcher:
    """Says each change of a channel once."""

    def __init__(self, discord: LocalDiscord, say: Callable[[str], None], channel: str = CHANNEL) -> None:
        self._discord = discord
        self._say = say
        self._channel = channel
        self._known: dict[str, str] = {}
        self._names = {discord.member(role).id: role for role in PEOPLE}

    def look(self) -> list[dict[str, Any]]:
        """Say what is new or different, and return all messages."""
        messages = self._discord.messages(self._channel)
        now = {message["id"]: raw(message) for message in messages}
        for gone in self._known.keys() - now.keys():
            self._say(f"(deleted) {self._resolve_codes(self._known[gone]).splitlines()[0]}")
        for identity, text in now.items():
            if self._known.get(identity) != text:
                self._say(self._resolve_codes(text))
        self._known = now
        return messages

    def _resolve_codes(self, text: str) -> str:
        return resolve_codes(text, self._names)

    def video(self) -> dict[str, Any] | None:
        """Return the first MP4 in the channel, if there is one."""
        files = [attachment for message in self.look() for attachment in message["attachments"]]
        return next((file for file in files if file["filename"].endswith(".mp4")), None)

    def notice(self) -> dict[str, Any] | None:
        """Return the first reply in the channel, if there is one."""
        return next((message for message in self.look() if message.get("message_reference")), None)


async def _download(url: str, output: Path) -> int:
    async with aiohttp.ClientSession(trust_env=False) as session, session.get(url) as response:
        response.raise_for_status()
        return output.write_bytes(await response.read())
