"""The Discord client: least intents, no mentions, commands synced when they changed."""

from __future__ import annotations

import asyncio
import hashlib
import json
import logging
import sys
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from typing import Final, cast

import discord
import discord.gateway
import discord.http
import yarl
from discord import app_commands
from discord.ext import commands

from cogs.ui.unreadable_interactions import answer_unreadable
from core.community.prompt_channels import ContentAccess
from core.ports import KeyValueStore

log = logging.getLogger(__name__)

discord.VoiceClient.warn_nacl = False  # the bot uses no voice, so nothing is missing
discord.VoiceClient.warn_dave = False

INTENTS: Final = discord.Intents(guilds=True, messages=True, reactions=True)
"""None of these is privileged; `message_content` is asked for only where a channel is made of prompts."""

LISTEN_SECONDS: Final = 30.0
MOST_ASKED: Final = 20
"""Discord resets the token of a bot that logs in a thousand times a day: from here a refusal is doubted."""

SYNCED: Final = "commands_synced"

OnError = Callable[[discord.Interaction, BaseException], Awaitable[None]]


def point_at(api_url: str | None, gateway_url: str | None, cdn_url: str | None) -> None:
    """Send discord.py to a proxy or a stand-in: it has no setting for this, so its defaults are changed."""
    if api_url is not None:
        discord.http.Route.BASE = api_url
    if gateway_url is not None:
        discord.gateway.DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(gateway_url)
    if cdn_url is not None:
        discord.Asset.BASE = cdn_url  # pyright: ignore[reportAttributeAccessIssue] - typed as a literal


class Tree(app_commands.CommandTree["Client"]):
    """The commands, with one error handler for all of them.

    They are offered wherever the application is set up to be installed: servers, or people.
    """

    async def on_error(self, interaction: discord.Interaction[Client], error: Exception, /) -> None:
        await self.client.answer_error(interaction, error)

    async def _call(self, interaction: discord.Interaction[Client]) -> None:
        """Report all errors: one that is none of discord.py's own would end a task that nothing awaits.

        An error while a member types is only logged by discord.py.
        """
        try:
            await super()._call(interaction)
        except app_commands.AppCommandError:
            raise
        except Exception as error:  # noqa: BLE001 - the member who waits for an answer gets one
            await self.on_error(interaction, error)
        if not interaction.response.is_done():
            raise app_commands.AppCommandError("nothing answered")


class Client(commands.Bot):
    """Knows nothing of videos: it is given its cogs and its buttons, and keeps the connection to Discord."""

    def __init__(self, *, notes: KeyValueStore, on_error: OnError, hears_all: bool = False) -> None:
        super().__init__(
            command_prefix=commands.when_mentioned,
            help_command=None,
            tree_cls=Tree,
            intents=wanted_intents(hears_all=hears_all),
            member_cache_flags=discord.MemberCacheFlags.none(),
            max_messages=None,
            chunk_guilds_at_startup=False,
            allowed_mentions=discord.AllowedMentions.none(),
            max_ratelimit_timeout=60.0,
        )
        self._notes = notes
        self.answer_error = on_error
        self._hearing = ContentAccess.GRANTED if hears_all else ContentAccess.NOT_ASKED
        self._asked = 0
        self._decided = asyncio.Event()
        self.renewal = asyncio.Event()
        self.note_identify: Callable[[], Awaitable[None]] | None = None

    @property
    def content_access(self) -> ContentAccess:
        """Whether Discord sends us the text of messages that do not call the bot, as far as is known."""
        return self._hearing

    async def request_message_content(self) -> ContentAccess:
        """Ask Discord for the text of all messages, which takes a new connection; return its answer."""
        if self._hearing is ContentAccess.GRANTED or self._asked >= MOST_ASKED:
            return self._hearing
        self._asked += 1
        self._hearing = ContentAccess.GRANTED
        self._intend(hears_all=True)
        self._decided.clear()
        self.renewal.set()
        with suppress(TimeoutError):
            async with asyncio.timeout(LISTEN_SECONDS):
                _ = await self._decided.wait()
        return self._hearing

    def drop_message_content(self) -> bool:
        """Do without the text of messages, which Discord refuses; return False if it was not asked for."""
        if self._hearing is not ContentAccess.GRANTED:
            return False
        self._hearing = ContentAccess.REFUSED
        self._intend(hears_all=False)
        return True

    async def close_socket(self) -> None:
        """Close the gateway's socket and nothing else, so that the next `connect` is a new session."""
        if self._socket is not None and self._socket.open:
            await self._socket.close(code=1000)

    def _intend(self, *, hears_all: bool) -> None:
        """Set the intents of the next session; discord.py fixes them when the client is made."""
        # discord.py has no way to change them, and reads them again for each session.
        wanted = wanted_intents(hears_all=hears_all)
        self._connection._intents = wanted  # noqa: SLF001  # pyright: ignore[reportPrivateUsage] - see above

    async def register(self, cogs: Iterable[commands.Cog]) -> None:
        """Add what members can use. After `login`, before `connect`."""
        for cog in cogs:
            await self.add_cog(cog)

    async def sync_commands(self) -> bool:
        """Send Discord the commands if they are not those that it was last sent."""
        commands_now = [command.to_dict(self.tree) for command in self.tree.get_commands()]
        sent = json.dumps([self.application_id, commands_now], sort_keys=True)
        digest = hashlib.sha256(sent.encode()).hexdigest()
        if await self._notes.recall(SYNCED) == digest:
            return False
        await self.tree.sync()
        await self._notes.remember(SYNCED, digest)
        log.info("commands synced", extra={"count": len(commands_now)})
        return True

    async def close(self) -> None:
        """Close the connection, and with it discord.py's wait for its servers, which would go on and fail."""
        # discord.py ends it when the next session begins, and there is none.
        waiting = cast("asyncio.Task[None] | None", self._connection._ready_task)  # noqa: SLF001  # pyright: ignore[reportPrivateUsage] - see above
        if waiting is not None:
            waiting.cancel()
        await super().close()

    @property
    def is_connected(self) -> bool:
        """Whether Discord's gateway is there right now and has let the bot in.

        discord.py calls itself ready two seconds later, and also while the connection is lost.
        """
        socket = self._socket
        return socket is not None and socket.open and socket.session_id is not None

    @property
    def _socket(self) -> discord.gateway.DiscordWebSocket | None:
        """The socket of the gateway; there is none before the first connection, though discord.py says so."""
        return self.ws

    async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:
        """Note that an IDENTIFY is about to be sent: the connection has waited until it may be."""
        del shard_id, initial
        if self.note_identify is not None:
            await self.note_identify()

    async def on_message(self, message: discord.Message, /) -> None:
        """Look for no commands in messages: what members write is a prompt, or talk."""

    async def on_unreadable_event(self, event: str, data: object) -> None:
        """Answer the member who waits for an answer to an event that discord.py could not parse."""
        if event == "INTERACTION_CREATE":
            await answer_unreadable(self.http, data)

    async def on_error(self, event_method: str, /, *args: object, **_: object) -> None:
        """Handle the errors of every listener: answer the member who acted, and log the error."""
        error = sys.exception() or RuntimeError(event_method)
        interaction = next((one for one in args if isinstance(one, discord.Interaction)), None)
        if interaction is not None:
            await self.answer_error(interaction, error)
        else:
            log.error("a listener went wrong", exc_info=error, extra={"event": event_method})

    async def on_ready(self) -> None:
        self._decided.set()
        log.info("ready", extra={"servers": len(self.guilds)})


def wanted_intents(*, hears_all: bool) -> discord.Intents:
    """Return the intents that the bot needs: the text of all messages only where it needs that."""
    wanted = discord.Intents.none()
    wanted.value = INTENTS.value
    wanted.message_content = hears_all
    return wanted
