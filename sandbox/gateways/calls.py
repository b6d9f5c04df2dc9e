"""One request on its way through a gateway, and the reply it would get if nothing went wrong."""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from sandbox.gateways.history import Exchange
from sandbox.gateways.surfaces.surface import Route, Surface
from sandbox.gateways.tasks import Task


@dataclass(frozen=True, slots=True)
class Reply:
    """A complete answer: status, body and its kind."""

    status: int
    body: bytes
    content_type: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict[str, str])

    @classmethod
    def of(cls, value: object, status: int = 200, headers: Mapping[str, str] | None = None) -> "Reply":
        """Any JSON value, also one that only Python writes, such as NaN."""
        return cls(status, json.dumps(value).encode(), headers=headers or {})

    @property
    def json(self) -> Any:  # noqa: ANN401 - a reply may be any JSON
        return json.loads(self.body)

    def response(self) -> web.Response:
        headers = {"Content-Type": self.content_type, **self.headers}
        return web.Response(status=self.status, body=self.body, headers=headers)


@dataclass(eq=False)
class Call:
    """A request, the task it is about, and the reply once its effect happened."""

    request: web.Request
    exchange: Exchange
    route: Route
    name: str
    task: Task | None
    closing: asyncio.Event
    reply: Reply | None = None

    @property
    def surface(self) -> Surface:
        return self.route.surface

    @property
    def usual(self) -> Reply:
        """The reply of the effect that happened already."""
        if self.reply is None:
            raise AssertionError("a fault that changes the usual reply needs the effect first")
        return self.reply

    async def pause(self, seconds: float | None) -> None:
        """Wait this long, for ever with None; the end of the gateway ends every pause."""
        try:
            async with asyncio.timeout(seconds):
                await self.closing.wait()
        except TimeoutError:
            return


def already_answered(status: int = 0) -> web.StreamResponse:
    """What a handler returns that wrote to the connection by itself and then closed it.

    The connection is closing, so the server drops this. Status 0 stands for no answer at all.
    """
    return web.Response(status=status)
