"""One vendor's HTTP server on loopback: writes down every request and hands it on."""

import asyncio
import time
from collections.abc import Sequence

from aiohttp import web

from sandbox.gateways.calls import Call, Reply, already_answered
from sandbox.gateways.history import Changes, Exchange, Vendor
from sandbox.gateways.orders import Refusal
from sandbox.gateways.request_handler import RequestHandler
from sandbox.gateways.surfaces.surface import Route

HOST = "127.0.0.1"
LARGEST_REQUEST = 20 * 2**20


class VendorServer:
    """Answers on one port; unknown paths and methods get the vendor's own error body."""

    def __init__(
        self, routes: Sequence[Route], handler: RequestHandler, requests: list[Exchange], changes: Changes
    ) -> None:
        self._routes = routes
        self._vendor: Vendor = routes[0].surface.vendor
        self._handler = handler
        self._requests = requests
        self._changes = changes
        self._closing = asyncio.Event()
        self._runner: web.AppRunner | None = None
        self._port = 0

    async def open(self, port: int | None = None) -> str:
        """Listen, on the same port again when none is given; return the base address."""
        app = web.Application(client_max_size=LARGEST_REQUEST)
        app.router.add_route("*", "/{path:.*}", self._answer)
        self._closing = asyncio.Event()
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
        await self._runner.setup()
        await web.TCPSite(self._runner, HOST, self._port if port is None else port).start()
        self._port = self._runner.addresses[0][1]
        return f"http://{HOST}:{self._port}"

    async def close(self) -> None:
        """Let go of every connection, also of those that a fault keeps waiting."""
        self._closing.set()
        if self._runner is not None:
            await self._runner.cleanup()

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        exchange = await self._record(request)
        try:
            call = self._call(request, exchange)
        except Refusal as refusal:
            body = self._routes[0].surface.refused(refusal)
            response: web.StreamResponse = Reply.of(body, refusal.status).response()
        else:
            self._changes.announce()
            response = await self._served(call)
        exchange.status = response.status or None
        exchange.elapsed = time.time() - exchange.at
        self._changes.announce()
        return response

    async def _served(self, call: Call) -> web.StreamResponse:
        try:
            return await self._handler.serve(call)
        except ConnectionError:
            return already_answered()

    async def _record(self, request: web.Request) -> Exchange:
        try:
            body = await request.read()
        except web.HTTPRequestEntityTooLarge:
            body = b""
        path = request.raw_path
        exchange = Exchange(self._vendor, request.method, path, request.headers, body, time.time())
        self._requests.append(exchange)
        return exchange

    def _call(self, request: web.Request, exchange: Exchange) -> Call:
        """The route and task of a request. Raise Refusal 404 or 405."""
        found = [(route, match) for route in self._routes if (match := route.pattern.fullmatch(request.path))]
        for route, match in found:
            if route.method == request.method:
                exchange.stage, exchange.surface = route.stage, route.surface.name
                call = Call(request, exchange, route, match.groupdict().get("id", ""), None, self._closing)
                call.task = self._handler.find(call)
                return call
        if found:
            raise Refusal(405, "method_not_allowed", f"{request.method} is not supported on this route")
        raise Refusal(404, "not_found", f"no such route: {request.method} {request.path}")
