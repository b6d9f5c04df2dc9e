"""The gateway of `docs/adding-a-provider.md` on this machine, with what may go wrong at it."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any, Self, TypeAlias

from aiohttp import web

Answer: TypeAlias = Callable[[web.Request], Awaitable[web.StreamResponse]]


class LocalReels:
    """Orders, questions and films on two ports of loopback, so that a film is not at the gateway's address.

    What is put into `creates_go`, `questions_go` and `files_go` is answered in its place, once each;
    an order that is answered so exists all the same where `is_made`.
    """

    key = "local-reels-key"

    def __init__(self, clip: bytes) -> None:
        self.url = self.films_url = ""
        self.orders: list[dict[str, Any]] = []
        self.reels: list[dict[str, Any]] = []
        self.file_keys: list[str | None] = []
        self.creates_go: deque[tuple[Answer, bool]] = deque()
        self.questions_go: deque[Answer] = deque()
        self.files_go: deque[Answer] = deque()
        self.next_end: dict[str, Any] | None = None
        self.finishes_at_once = False
        self.closing = asyncio.Event()
        self._clip = clip
        self._ports = 0, 0
        self._runner: web.AppRunner | None = None

    async def __aenter__(self) -> Self:
        await self._open()
        return self

    async def __aexit__(self, *_error: object) -> None:
        await self._close()

    @asynccontextmanager
    async def unreachable(self) -> AsyncGenerator[None]:
        await self._close()
        try:
            yield
        finally:
            await self._open()

    def finish(self) -> None:
        """Let every clip that is being made be ready, or end as the test asked."""
        for reel in self.reels:
            if reel["phase"] == "waiting":
                film = {"phase": "ready", "done": 100, "film": f"{self.films_url}/{reel['id']}.mp4?sig=1"}
                reel.update(reel.pop("end") or film)

    async def _open(self) -> None:
        app = web.Application()
        app.router.add_post("/v2/reels", self._create)
        app.router.add_get("/v2/reels/{id}", self._status)
        app.router.add_get("/{name}.mp4", self._film)
        self.closing.clear()
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
        await self._runner.setup()
        for port in self._ports:
            await web.TCPSite(self._runner, "127.0.0.1", port).start()
        here, films = (int(address[1]) for address in self._runner.addresses)
        self._ports = here, films
        self.url, self.films_url = f"http://127.0.0.1:{here}", f"http://127.0.0.1:{films}"

    async def _close(self) -> None:
        self.closing.set()
        if self._runner is not None:
            await self._runner.cleanup()

    async def _create(self, request: web.Request) -> web.StreamResponse:
        self.orders.append(await request.json())
        answer, is_made = self.creates_go.popleft() if self.creates_go else (None, True)
        if answer is None and not self._is_known(request):
            return complains(401, "bad_key", "This key is not known")
        if is_made:
            end, self.next_end = self.next_end, None
            self.reels.append({"id": f"r-{len(self.reels) + 1}", "phase": "waiting", "end": end})
        if answer is not None:
            return await answer(request)
        return web.json_response({"reel": _shown(self.reels[-1])}, status=201)

    async def _status(self, request: web.Request) -> web.StreamResponse:
        if self.finishes_at_once:
            self.finish()
        if self.questions_go:
            return await self.questions_go.popleft()(request)
        if not self._is_known(request):
            return complains(401, "bad_key", "This key is not known")
        found = next((reel for reel in self.reels if reel["id"] == request.match_info["id"]), None)
        if found is None:
            return complains(404, "no_such_reel", "There is no such video")
        return web.json_response({"reel": _shown(found)})

    async def _film(self, request: web.Request) -> web.StreamResponse:
        self.file_keys.append(request.headers.get("Authorization"))
        if self.files_go:
            return await self.files_go.popleft()(request)
        return web.Response(body=self._clip, content_type="video/mp4")

    def _is_known(self, request: web.Request) -> bool:
        return request.headers.get("Authorization") == f"Bearer {self.key}"


def _shown(reel: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in reel.items() if name != "end"}


def complains(status: int, code: str, message: str, wait: str | None = None) -> web.Response:
    """Say no in the gateway's own words."""
    headers = {} if wait is None else {"Retry-After": wait}
    error = {"error": {"code": code, "message": message}}
    return web.json_response(error, status=status, headers=headers)


def complaining(status: int, code: str, message: str, wait: str | None = None) -> Answer:
    async def answer(_request: web.Request) -> web.StreamResponse:
        return complains(status, code, message, wait)

    return answer


def saying(body: str, status: int = 200, kind: str = "text/html") -> Answer:
    async def answer(_request: web.Request) -> web.StreamResponse:
        return web.Response(text=body, status=status, content_type=kind)

    return answer


async def reset(request: web.Request) -> web.StreamResponse:
    """Break the connection without a word."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response()


async def cut_off(request: web.Request) -> web.StreamResponse:
    """Begin an answer of a thousand bytes, and break off."""
    response = web.StreamResponse(headers={"Content-Length": "1000"})
    await response.prepare(request)
    await response.write(b'{"reel": {"id": ')
    return await reset(request)


def hanging(until: asyncio.Event) -> Answer:
    async def answer(request: web.Request) -> web.StreamResponse:
        await until.wait()
        return await reset(request)

    return answer
