"""The control panel: what can be changed while the bot runs, and its present state."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from typing import Any

from sandbox.discord import NotPossible
from sandbox.page.environment import Environment
from sandbox.page.gateway_scenarios import MOODS, ScenarioSwitch
from sandbox.page.requests import Asked

_MEGABYTE = 2**20
_MOST_MEGABYTES = 500
_MOST_MINUTES = 24 * 60
PERMISSIONS = (
    "view_channel",
    "send_messages",
    "embed_links",
    "attach_files",
    "read_message_history",
    "add_reactions",
    "manage_messages",
)

Turn = Callable[[Asked], Awaitable[None]]


class Panel:
    def __init__(self, environment: Environment) -> None:
        self._environment = environment
        self._temper = ScenarioSwitch(environment.gateways)

    @property
    def by_name(self) -> Mapping[str, Turn]:
        return {
            "mood": self.mood,
            "upload_limit": self.upload_limit,
            "token_life": self.token_life,
            "permission": self.permission,
            "message_content": self.message_content,
            "strike": self.strike,
            "bot": self.bot,
        }

    def shown(self, channel_id: int) -> dict[str, Any]:
        """Everything that the panel says about this channel and the world around it."""
        discord = self._environment.discord
        return {
            "mood": self._temper.mood,
            "moods": {name: mood.title for name, mood in MOODS.items()},
            "upload_limit": discord.upload_limit / _MEGABYTE,
            "token_life": discord.world.token_lifetime.total_seconds() / 60,
            "message_content": discord.world.message_content,
            "permissions": {name: discord.world.bot_may(channel_id, name) for name in PERMISSIONS},
            "pid": self._environment.bot.pid,
            "logins": discord.identified,
            "resumes": discord.resumed,
        }

    async def mood(self, asked: Asked) -> None:
        if asked.text("value") not in MOODS:
            raise NotPossible("The gateways have no such mood.")
        self._temper.turn(asked.text("value"))

    async def upload_limit(self, asked: Asked) -> None:
        self._environment.discord.upload_limit = round(
            asked.number("value", most=_MOST_MEGABYTES) * _MEGABYTE
        )

    async def token_life(self, asked: Asked) -> None:
        minutes = asked.number("value", most=_MOST_MINUTES)
        self._environment.discord.world.token_lifetime = timedelta(minutes=minutes)

    async def permission(self, asked: Asked) -> None:
        name, channel = asked.text("name"), asked.channel
        if name not in PERMISSIONS or not isinstance(channel, int):
            raise NotPossible("In a direct message there is nothing to allow.")
        self._environment.discord.set_permissions(channel, **{name: bool(asked.words.get("value"))})

    async def message_content(self, asked: Asked) -> None:
        """Grant the privileged intent, or not; the bot learns of it when it logs in."""
        self._environment.discord.world.message_content = bool(asked.words.get("value"))

    async def strike(self, asked: Asked) -> None:
        """One of the things that Discord does to a bot without warning."""
        discord = self._environment.discord
        match asked.text("value"):
            case "tokens":
                discord.expire_tokens()
            case "links":
                discord.expire_links()
            case "reconnect":
                discord.ask_to_reconnect()
            case "drop":
                await discord.drop_gateway()
            case other:
                raise NotPossible(f"Nobody knows how to do {other} here.")

    async def bot(self, asked: Asked) -> None:
        bot = self._environment.bot
        match asked.text("value"):
            case "start":
                await bot.start()
            case "stop":
                await bot.stop()
            case "restart":
                await bot.stop()
                await bot.start()
            case "kill":
                await bot.kill()
            case other:
                raise NotPossible(f"Nobody knows how to {other} a bot.")
