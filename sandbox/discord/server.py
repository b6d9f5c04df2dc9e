"""The local Discord: one server process' worth of REST, CDN and Gateway on loopback."""

from collections.abc import Callable
from contextlib import AsyncExitStack
from datetime import timedelta
from typing import Any, Self, TypeVar

from aiohttp import web
from simcord.backend.models import Message

from sandbox.discord import seed as town
from sandbox.discord.attachments import Attachments
from sandbox.discord.calls import Exchange
from sandbox.discord.changes import Changes
from sandbox.discord.clients.members import Member
from sandbox.discord.faults import Faults
from sandbox.discord.gateway.sessions import Sessions, SessionStarts
from sandbox.discord.gateway.socket import Gateway
from sandbox.discord.rest.api import Rest
from sandbox.discord.rest.cdn import Cdn
from sandbox.discord.rest.rate_limits import Rates
from sandbox.discord.rest.rules import Nonces
from sandbox.discord.world import World

T = TypeVar("T")

TOKEN = "sandbox.local.token"
_SHOWN_REQUESTS = 30
_SHOWN_UNANSWERED = 5
_FIFTEEN_MINUTES = timedelta(minutes=15)
_THREE_SECONDS = timedelta(seconds=3)
_ONE_DAY = timedelta(days=1)
_FIVE_MINUTES = timedelta(minutes=5)
_HEARTBEAT = timedelta(seconds=41.25)
_BIGGEST_BODY = 2**30
_PARTING_SECONDS = 0.1


class LocalDiscord:
    """A Discord on this machine: `async with LocalDiscord() as discord: ...`.

    It outlives the bot: a bot may die at any point and a new one may log in.
    """

    def __init__(  # noqa: PLR0913  everything that a test may want to set
        self,
        *,
        port: int = 0,
        upload_limit: int = 20 * 2**20,
        token_lifetime: timedelta = _FIFTEEN_MINUTES,
        answer_within: timedelta = _THREE_SECONDS,
        link_lifetime: timedelta = _ONE_DAY,
        nonce_window: timedelta = _FIVE_MINUTES,
        heartbeat: timedelta = _HEARTBEAT,
        observed_rates: bool = False,
        message_content: bool = True,
        token: str = TOKEN,
    ) -> None:
        self.token = token
        self.api_url = self.gateway_url = self.cdn_url = ""
        self.faults = Faults()
        self.port = port
        self.changes = Changes()
        self.attachments = Attachments(link_lifetime)
        self.world = World(
            self.attachments,
            self.changes,
            token_lifetime=token_lifetime,
            answer_within=answer_within,
            message_content=message_content,
        )
        self._town = town.build(self.world)
        self._sessions = Sessions(self.world)
        self._gateway = Gateway(self.world, self._sessions, token=token, heartbeat=heartbeat)
        self._rest = Rest(
            self.world,
            token=token,
            upload_limit=upload_limit,
            faults=self.faults,
            rates=Rates(observed=observed_rates),
            nonces=Nonces(nonce_window),
            gateway_url=lambda: self._gateway.url,
            starts=lambda: self._sessions.starts,
        )
        self._cdn = Cdn(self.attachments, self.faults)
        self._open = AsyncExitStack()

    async def __aenter__(self) -> Self:
        async with AsyncExitStack() as opening:
            opening.enter_context(self.attachments)
            runner = web.AppRunner(self._app(), access_log=None, shutdown_timeout=_PARTING_SECONDS)
            opening.push_async_callback(runner.cleanup)
            await runner.setup()
            opening.push_async_callback(self._gateway.close)
            await web.TCPSite(runner, "127.0.0.1", self.port).start()
            self._announce(int(runner.addresses[0][1]))
            self._open = opening.pop_all()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._open.aclose()

    def _app(self) -> web.Application:
        app = web.Application(client_max_size=_BIGGEST_BODY)
        app.router.add_get("/gateway", self._gateway.handle)
        app.router.add_get("/gateway/", self._gateway.handle)
        app.router.add_get("/cdn/{path:.*}", self._cdn.handle)
        app.router.add_route("*", "/api/v10/{path:.*}", self._rest.handle)
        return app

    def _announce(self, port: int) -> None:
        self.port = port
        self.api_url = f"http://127.0.0.1:{port}/api/v10"
        self.cdn_url = self.attachments.base_url = f"http://127.0.0.1:{port}/cdn"
        self.gateway_url = self._gateway.url = f"ws://127.0.0.1:{port}/gateway"

    @property
    def guild_id(self) -> int:
        return self._town.guild_id

    @property
    def bot_id(self) -> int:
        return self.world.bot_user.id

    @property
    def application_id(self) -> int:
        return self.world.application_id

    @property
    def requests(self) -> list[Exchange]:
        """Every finished REST request, oldest first."""
        return self._rest.requests

    @property
    def downloads(self) -> list[str]:
        """The path of every request to the CDN, oldest first."""
        return self._cdn.downloads

    @property
    def upload_limit(self) -> int:
        """The most bytes that one file may have."""
        return self._rest.upload_limit

    @upload_limit.setter
    def upload_limit(self, size: int) -> None:
        self._rest.upload_limit = size

    @property
    def connected(self) -> bool:
        """Whether a bot is on the gateway now."""
        return self._sessions.connected

    @property
    def identified(self) -> int:
        """How often a bot has started a session; a RESUME does not count."""
        return self._sessions.identified

    @property
    def intents(self) -> int:
        """The intents of the bot's latest login, as Discord counts them."""
        return self._sessions.intents

    @property
    def resumed(self) -> int:
        """How often a bot has resumed its session."""
        return self._gateway.resumed

    def channel(self, name: str) -> int:
        return self._town.channels[name]

    def role(self, name: str) -> int:
        """The id of a role of the server: `Moderators`."""
        roles = self.world.get_guild(self.guild_id).roles.values()
        return next(role.id for role in roles if role.name == name)

    def channel_of(self, channel: str | int, user_id: int) -> int:
        """The id of a channel by name or id; `dm` is this person's DM with the bot."""
        if channel == "dm":
            return self.world.get_dm_channel(user_id).id
        return channel if isinstance(channel, int) else self.channel(channel)

    def member(self, role: str) -> Member:
        return Member(self._town.people[role], role, self)

    def messages(
        self,
        channel: str | int,
        *,
        viewer: str = "member",
        wanted: Callable[[Message], bool] = lambda _: True,
    ) -> list[dict[str, Any]]:
        """What this person sees in the channel, newest last; only what is `wanted` is drawn."""
        viewer_id = self._town.people[viewer]
        return self.world.visible_messages(self.channel_of(channel, viewer_id), viewer_id, wanted)

    def message(self, channel: str | int, message_id: int, *, viewer: str = "member") -> dict[str, Any]:
        """One message as this person sees it. Raise LookupError where it is not there."""
        viewer_id = self._town.people[viewer]
        return self.world.visible_message(self.channel_of(channel, viewer_id), message_id, viewer_id)

    async def until(self, condition: Callable[[], T | None], *, timeout: float = 60) -> T:  # noqa: ASYNC109  a test says how long it waits
        """Wait for the condition's first true value, looking again at every change in the world.

        A LookupError in the condition means "not yet".

        Raises:
            AssertionError: it did not come in time; the message lists the latest requests.
        """
        return await self.changes.until(condition, timeout=timeout, explain=self.transcript)

    async def bot_ready(self, timeout: float = 60) -> None:  # noqa: ASYNC109  a test says how long it waits
        """Wait until a bot is on the gateway and its commands are known."""
        await self.until(lambda: self.connected and any(self.world.commands.values()), timeout=timeout)

    def transcript(self) -> str:
        """The latest requests and events, for a person to read."""
        lines = [str(exchange) for exchange in self.requests[-_SHOWN_REQUESTS:]]
        events = ", ".join(self.world.recent_events)
        lines += [f"Unanswered: {waiting}" for waiting in self.world.unanswered()[-_SHOWN_UNANSWERED:]]
        return "\n".join([*lines, f"Events: {events or 'none'}. Bot connected: {self.connected}."])

    def set_permissions(self, channel: str | int, **permissions: bool) -> None:
        """Allow or deny the bot something in a channel: `set_permissions("general", attach_files=False)`."""
        self.world.set_bot_permissions(self.channel_of(channel, 0), permissions)

    def delete_channel(self, channel: str | int) -> None:
        self.world.delete_channel(self.channel_of(channel, 0))

    def close_dm(self, role: str, *, closed: bool = True) -> None:
        """Let this person refuse DMs of the bot (50007), or accept them again."""
        people = self.world.closed_dms
        (people.add if closed else people.discard)(self._town.people[role])

    def expire_tokens(self) -> None:
        """Make every interaction token handed out so far expire, as Discord does after 15 minutes."""
        self.world.expire_tokens()

    def expire_links(self) -> None:
        """Make every attachment link shown so far expire, as Discord does after a day."""
        self.attachments.expire_links()

    @property
    def session_starts(self) -> SessionStarts:
        """How many sessions the bot may still start; a bot that starts too many is shut out."""
        return self._sessions.starts

    @property
    def ready_changes(self) -> dict[str, Any]:
        """The values that replace fields of READY."""
        return self._sessions.ready_changes

    def push_event(self, event: str, payload: Any) -> None:  # noqa: ANN401  JSON
        """Send the bot an event as it is; the world does not change."""
        self._sessions.push(event, payload)

    def send_frame(self, frame: Any) -> None:  # noqa: ANN401  JSON, or text that is none
        """Send the bot a frame that belongs to no session."""
        self._gateway.send(frame)

    def invalidate_session(self, *, resumable: bool = False) -> None:
        """Send op 9; with `resumable=False` the bot cannot resume its session."""
        if not resumable:
            self._sessions.forget_all()
        self._gateway.invalidate(resumable=resumable)

    def ask_to_reconnect(self) -> None:
        """Send op 7: the bot closes its connection and resumes."""
        self._gateway.ask_to_reconnect()

    def greet(self, *, is_heard: bool) -> None:
        """Answer each IDENTIFY, or leave it unanswered."""
        self._sessions.greets = is_heard

    def end_resumes(self, code: int | None) -> None:
        """Close each connection that sends a RESUME with this code; None accepts it."""
        self._gateway.ends_resumes = code

    async def drop_gateway(self, *, resumable: bool = True) -> None:
        """Reset the bot's sockets; with `resumable=False` it has to identify again."""
        await self._gateway.drop()
        if not resumable:
            self._sessions.forget_all()
