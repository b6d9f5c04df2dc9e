"""The channel on a terminal: what is typed is a prompt, what happens is printed."""

import asyncio
import os
import sys
from codecs import getincrementaldecoder
from collections.abc import Callable

from sandbox.demo import CHANNEL, Watcher
from sandbox.discord import LocalDiscord, NotPossible, Upload
from sandbox.picture import evening

_HELP = (
    "  Type a prompt and press Enter: it is sent as /video prompt:… (flags such as --ar 9:16 work).\n"
    "  !animate sends a picture; !🔁 !❌ !🗑️ press that button of the latest message that has it; Ctrl-C ends."
)


async def chat(discord: LocalDiscord, say: Callable[[str], None]) -> None:
    """Talk with the bot until the input ends; without a terminal, until interrupted."""
    watcher = Watcher(discord, say)
    say(_HELP)
    async with asyncio.TaskGroup() as group:
        watching = group.create_task(_watch(discord, watcher))
        try:
            await (_talk(discord, say) if sys.stdin.isatty() else asyncio.Event().wait())
        except asyncio.CancelledError:
            say("\nGood-bye.")
        watching.cancel()


async def _watch(discord: LocalDiscord, watcher: Watcher) -> None:
    while True:
        watcher.look()
        await discord.changes.next()


async def _talk(discord: LocalDiscord, say: Callable[[str], None]) -> None:
    loop = asyncio.get_running_loop()
    typed = Typed(sys.stdin.fileno())
    loop.add_reader(sys.stdin, typed.read)
    try:
        while line := await typed.lines.get():
            try:
                await _do(discord, line.strip())
            except (NotPossible, LookupError) as error:
                say(f"  ({error})")
    finally:
        loop.remove_reader(sys.stdin)


class Typed:
    """The lines of a terminal, also when several are pasted at once; an empty one is the end."""

    def __init__(self, descriptor: int) -> None:
        self.lines: asyncio.Queue[str] = asyncio.Queue()
        self._descriptor = descriptor
        self._characters = getincrementaldecoder("utf-8")(errors="replace")
        self._begun = ""

    def read(self) -> None:
        """Take what is there. It does not wait: a terminal delivers whole lines."""
        try:
            taken = os.read(self._descriptor, 4096)
        except OSError:  # the terminal was closed
            taken = b""
        self._begun += self._characters.decode(taken)
        *whole, self._begun = self._begun.split("\n")
        for line in whole:
            self.lines.put_nowait(line + "\n")
        if not taken:
            self.lines.put_nowait("")


async def _do(discord: LocalDiscord, line: str) -> None:
    member = discord.member("member")
    if line == "!animate":
        await member.command(CHANNEL, "animate", image=Upload("evening.png", evening()))
    elif line.startswith("!"):
        wanted = line.removeprefix("!")
        with_button = [
            message for message in discord.messages(CHANNEL) if wanted in str(message["components"])
        ]
        if not with_button:
            raise NotPossible(f"No message has a button {wanted}.")
        await member.press(with_button[-1], wanted)
    elif line:
        await member.command(CHANNEL, "video", prompt=line)
