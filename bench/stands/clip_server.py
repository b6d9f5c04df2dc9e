"""A gateway with finished clips and a Discord that takes them, at the speed of a line, in its own process."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from bench.stands.clips import CLIP_BYTES

_FTYP = b"\0\0\0\x18ftypisom\0\0\2\0isomiso2"
_PIECE = 250_000


def clip_start(size: int) -> bytes:
    """The beginning of an MP4 of this size, with an index of one picture; what follows is its content."""
    head = _FTYP + _moov(len(_FTYP) + len(_moov(0)) + 8)
    return head + (size - len(head)).to_bytes(4) + b"mdat"


def _moov(place: int) -> bytes:
    """An index of one track with one picture, which lies at that place in the file."""
    one = (1).to_bytes(4)
    stbl = _box(b"stsz", bytes(4) + one + one) + _box(b"stco", bytes(4) + one + place.to_bytes(4))
    mdia = _box(b"hdlr", bytes(8) + b"vide" + bytes(13)) + _box(b"minf", _box(b"stbl", stbl))
    return _box(b"moov", _box(b"trak", _box(b"mdia", mdia)))


def _box(kind: bytes, content: bytes) -> bytes:
    return (8 + len(content)).to_bytes(4) + kind + content


@dataclass(slots=True)
class Office:
    """The gateway and Discord together.

    `rate` is in bytes a second both ways, 0 for as fast as it goes. A task is finished `work` seconds after
    the first question about it.
    """

    rate: float
    work: float
    finished: dict[str, float] = field(default_factory=dict[str, float])
    received: dict[str, float] = field(default_factory=dict[str, float])

    def app(self) -> web.Application:
        app = web.Application(client_max_size=2**30)
        app.router.add_get("/openai/v1/videos/{task}", self._task)
        app.router.add_get("/clips/{task}", self._clip)
        app.router.add_get("/api/v10/{path:.*}", _who)
        app.router.add_patch("/api/v10/channels/{channel}/messages/{message}", self._message)
        app.router.add_post("/api/v10/channels/{channel}/messages", self._message)
        app.router.add_get("/seen", self._seen)
        return app

    async def _task(self, request: web.Request) -> web.Response:
        task = request.match_info["task"]
        at = self.finished.setdefault(task, time.time() + self.work)
        if at > time.time():
            return web.json_response({"id": task, "status": "processing"})
        link = str(request.url.origin() / "clips" / task)
        return web.json_response({"id": task, "status": "completed", "download_url": link})

    async def _clip(self, request: web.Request) -> web.StreamResponse:
        answer = web.StreamResponse(headers={"Content-Length": str(CLIP_BYTES), "Content-Type": "video/mp4"})
        await answer.prepare(request)
        started, sent, piece = time.monotonic(), 0, clip_start(CLIP_BYTES)
        while piece:
            await answer.write(piece)
            sent += len(piece)
            await self._pace(started, sent)
            piece = bytes(min(_PIECE, CLIP_BYTES - sent))
        return answer

    async def _message(self, request: web.Request) -> web.Response:
        """Read a message as fast as the line is, and look at nothing in it."""
        started, read = time.monotonic(), 0
        async for piece in request.content.iter_chunked(65_536):
            read += len(piece)
            await self._pace(started, read)
        channel, message = request.match_info["channel"], request.match_info.get("message", "1")
        if read > CLIP_BYTES:
            self.received[message] = time.time()
        return _json({**_MESSAGE, "id": message, "channel_id": channel})

    async def _pace(self, started: float, done: int) -> None:
        if self.rate:
            await asyncio.sleep(max(0.0, started + done / self.rate - time.monotonic()))

    async def _seen(self, _: web.Request) -> web.Response:
        return web.json_response({"finished": self.finished, "received": self.received})


_USER: dict[str, Any] = {
    "id": "1",
    "username": "matinee",
    "discriminator": "0",
    "avatar": None,
    "global_name": None,
}
_APPLICATION: dict[str, Any] = {
    "id": "1",
    "name": "matinee",
    "description": "",
    "icon": None,
    "verify_key": "",
    "owner": _USER,
    "bot_public": True,
    "bot_require_code_grant": False,
}
_MESSAGE: dict[str, Any] = {
    "type": 0,
    "content": "",
    "embeds": [],
    "attachments": [],
    "components": [],
    "author": _USER,
    "timestamp": "2026-03-01T12:00:00+00:00",
    "edited_timestamp": None,
    "pinned": False,
    "tts": False,
    "mentions": [],
    "mention_roles": [],
    "mention_everyone": False,
}


async def _who(request: web.Request) -> web.Response:
    """Say who logs in: `/users/@me`, and the application."""
    return _json(_APPLICATION if "applications" in request.path else _USER)


def _json(content: object) -> web.Response:
    """Answer with exactly this type: discord.py takes nothing else for JSON."""
    return web.Response(body=json.dumps(content).encode(), headers={"Content-Type": "application/json"})


@contextmanager
def open_office(*, rate: float = 0, work: float = 0) -> Generator[str]:
    """Run the office beside this process until the block ends, and give its address."""
    command = [sys.executable, "-m", __name__, str(rate), str(work)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603 - this module itself
        try:
            port = process.stdout.readline().strip() if process.stdout else ""
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()


async def _serve(rate: float, work: float) -> None:
    runner = web.AppRunner(Office(rate, work).app(), access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0, backlog=1024).start()
    print(runner.addresses[0][1], flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(_serve(float(sys.argv[1]), float(sys.argv[2])))
