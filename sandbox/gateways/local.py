"""Both vendors on this machine: opens them, records what they were asked, closes them."""

from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from decimal import Decimal
from typing import Self, TypeVar

import aiohttp

from sandbox.gateways.faults.fault import Faults
from sandbox.gateways.history import Changes, Exchange, Vendor
from sandbox.gateways.pace import Pace
from sandbox.gateways.render_worker import RenderWorker
from sandbox.gateways.request_handler import Limits, RequestHandler
from sandbox.gateways.server import VendorServer
from sandbox.gateways.surfaces.native import Native
from sandbox.gateways.surfaces.openai_style import OpenAIStyle
from sandbox.gateways.surfaces.surface import Route
from sandbox.gateways.surfaces.worldrouter import WorldRouter
from sandbox.gateways.tasks import Task, TaskBook

T = TypeVar("T")


class LocalGateways:
    """AnyInt and WorldRouter on loopback, one port each, while the context is open.

    With a `clip` every task gets that film and nothing is rendered. `anyint_limits` and
    `worldrouter_limits` say what an account may have pending and spend.
    """

    anyint_key = "local-anyint-key"
    worldrouter_key = "local-worldrouter-team-key"
    worldrouter_other_team_key = "local-worldrouter-other-team-key"
    worldrouter_personal_key = "local-worldrouter-personal-key"

    def __init__(
        self,
        *,
        pace: Pace | None = None,
        anyint_port: int = 0,
        worldrouter_port: int = 0,
        clip: bytes | None = None,
    ) -> None:
        self.anyint_url = ""
        self.worldrouter_url = ""
        self.requests: list[Exchange] = []
        self.faults = Faults()
        self.anyint_limits = Limits()
        self.worldrouter_limits = Limits()
        self.changes = Changes()
        self._pace = pace or Pace()
        self._ports = anyint_port, worldrouter_port
        self._clip = clip
        self._book = TaskBook()
        self._workshop: RenderWorker | None = None
        self._open = AsyncExitStack()
        self._servers: dict[Vendor, VendorServer] = {}

    @property
    def tasks(self) -> list[Task]:
        """Every task ever created, oldest first."""
        return self._book.tasks

    @property
    def charged(self) -> Decimal:
        """What all settled tasks cost, in dollars."""
        return sum((task.charged or Decimal(0) for task in self.tasks), Decimal(0))

    @property
    def pace(self) -> Pace:
        """How long tasks take, also those that are under way."""
        return self._pace

    @pace.setter
    def pace(self, pace: Pace) -> None:
        self._pace = pace
        if self._workshop is not None:
            self._workshop.pace = pace

    def creates(self) -> list[Exchange]:
        """The POSTs that reached a create route."""
        return [exchange for exchange in self.requests if exchange.stage == "create"]

    async def until(self, condition: Callable[[], T | None], timeout: float = 20) -> T:  # noqa: ASYNC109 - a test's limit
        """The first true value of the condition, looked at again on every change."""
        try:
            return await self.changes.until(condition, timeout)
        except TimeoutError as error:
            raise AssertionError(f"not within {timeout} s\n{self._transcript()}") from error

    @asynccontextmanager
    async def unreachable(self, vendor: Vendor) -> AsyncGenerator[None]:
        """Connections to this vendor are refused meanwhile; its tasks go on."""
        await self._servers[vendor].close()
        try:
            yield
        finally:
            await self._servers[vendor].open()

    async def __aenter__(self) -> Self:
        async with AsyncExitStack() as opening:
            session = await opening.enter_async_context(aiohttp.ClientSession())
            self._workshop = worker = RenderWorker(self._pace, self.changes, session, self._clip)
            opening.push_async_callback(worker.close)
            native, openai_style = Native(self.anyint_key), OpenAIStyle(self.anyint_key)
            keys = self.worldrouter_key, self.worldrouter_other_team_key, self.worldrouter_personal_key
            anyint = self._server((*openai_style.routes(), *native.routes()), worker, self.anyint_limits)
            worldrouter = self._server(WorldRouter(*keys).routes(), worker, self.worldrouter_limits)
            self._servers = {"anyint": anyint, "worldrouter": worldrouter}
            opening.push_async_callback(anyint.close)
            opening.push_async_callback(worldrouter.close)
            self.anyint_url = await anyint.open(self._ports[0])
            self.worldrouter_url = await worldrouter.open(self._ports[1])
            self._open = opening.pop_all()
        return self

    async def __aexit__(self, *_error: object) -> None:
        await self._open.aclose()

    def _server(self, routes: Sequence[Route], workshop: RenderWorker, limits: Limits) -> VendorServer:
        handler = RequestHandler(self._book, workshop, self.faults, limits, self._pace)
        return VendorServer(routes, handler, self.requests, self.changes)

    def _transcript(self) -> str:
        requests = [f"{one.method} {one.path} -> {one.status}" for one in self.requests[-20:]]
        return "\n".join([*requests, *map(repr, self.tasks[-10:])])
