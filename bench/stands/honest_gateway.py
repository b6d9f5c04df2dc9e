"""A gateway that works as documented: every task is finished after a moment, and its clip is there."""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from itertools import count

from aiohttp import web

from bench.stands.clip_server import clip_start

WORK_SECONDS = 2.0
CLIP_BYTES = 2_000_000


class HonestGateway:
    """Speaks as WorldRouter's document does."""

    def __init__(self) -> None:
        self._numbers = count(1)
        self._finished: dict[str, float] = {}

    def app(self) -> web.Application:
        app = web.Application()
        app.router.add_post("/v1/videos/text2video", self._create)
        app.router.add_get("/v1/videos/text2video/{task}", self._status)
        app.router.add_get("/clips/{task}", self._clip)
        return app

    async def _create(self, request: web.Request) -> web.Response:
        order = await request.json()
        task = f"job-{next(self._numbers)}"
        self._finished[task] = time.monotonic() + WORK_SECONDS
        return web.json_response({"id": task, "model": order["Model"], "status": "queued"})

    async def _status(self, request: web.Request) -> web.Response:
        task = request.match_info["task"]
        if time.monotonic() < self._finished[task]:
            return web.json_response({"id": task, "status": "running"})
        link = str(request.url.origin() / "clips" / task)
        return web.json_response({"id": task, "status": "succeeded", "content": {"video_url": link}})

    async def _clip(self, _request: web.Request) -> web.Response:
        return web.Response(body=clip_start(CLIP_BYTES).ljust(CLIP_BYTES, b"\0"), content_type="video/mp4")


@asynccontextmanager
async def honest_gateway() -> AsyncGenerator[str]:
    """Run it until the block ends, and give its address."""
    runner = web.AppRunner(HonestGateway().app(), access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()
