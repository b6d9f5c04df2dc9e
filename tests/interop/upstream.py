"""A small server that speaks OpenAI's video API: what a gateway has behind it. It counts what it is paid for.

It knows nothing of Matinee, of its adapters or of its sandbox.
"""

from __future__ import annotations

import asyncio
import json
import struct
import subprocess
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final
from uuid import uuid4

import imageio_ffmpeg
from aiohttp import web

FULL: Final = "Rate limit reached: one video at a time."
_QUESTIONS: Final = 2
"""So often a task that may end is still found at work."""


def _open() -> asyncio.Event:
    event = asyncio.Event()
    event.set()
    return event


@dataclass(slots=True)
class Case:
    """What happens to the orders with one prompt, and what came of them.

    `drops` creates are taken and their connection closed without an answer; `slots` tasks may be under way
    at once; `fulls` creates are refused for want of a place, whatever the slots. With `refuses`, every
    create is refused in these words. A create that is taken is answered once `answers` is set, a task ends
    once `ends` is set.
    """

    drops: int = 0
    fulls: int = 0
    slots: int | None = None
    refuses: str | None = None
    answers: asyncio.Event = field(default_factory=_open)
    ends: asyncio.Event = field(default_factory=_open)
    posts: int = 0
    tasks: list[Task] = field(default_factory=list["Task"])


@dataclass(slots=True)
class Task:
    """A task that is paid for; `keys` are those with which it was asked about, in order."""

    case: Case
    fields: dict[str, str]
    id: str = field(default_factory=lambda: f"video_{uuid4().hex}")
    asked: int = 0
    keys: list[str] = field(default_factory=list[str])

    @property
    def is_over(self) -> bool:
        return self.asked > _QUESTIONS

    @property
    def clip(self) -> bytes:
        """A real film, the same for all tasks, with a free box at its end that names this one."""
        name = self.id.encode()
        return _film() + struct.pack(">I4s", 8 + len(name), b"free") + name

    def document(self) -> dict[str, object]:
        """OpenAI's video object (API reference, "The video object")."""
        return {
            "id": self.id,
            "object": "video",
            "created_at": int(time.time()),
            "status": "completed" if self.is_over else "in_progress" if self.asked else "queued",
            "model": self.fields["model"],
            "progress": 100 if self.is_over else 30 * self.asked,
            "seconds": self.fields.get("seconds", "4"),
            "size": self.fields.get("size", "1280x720"),
            "error": None,
        }


@dataclass(slots=True)
class Upstream:
    """Its keys may be changed while it runs."""

    keys: set[str]
    root: str = ""
    _cases: dict[str, Case] = field(default_factory=dict[str, Case])
    _tasks: dict[str, Task] = field(default_factory=dict[str, Task])

    def expect(self, prompt: str, case: Case) -> Case:
        """Say what happens to the orders with this prompt; others are refused."""
        self._cases[prompt] = case
        return case

    async def create(self, request: web.Request) -> web.StreamResponse:
        fields = await _fields(request)
        case = self._cases.get(fields["prompt"], Case(refuses="Nobody expects this prompt."))
        case.posts += 1
        if _key(request) not in self.keys:
            return _error(401, "invalid_api_key", "Incorrect API key provided.")
        if case.refuses is not None:
            return _error(400, "invalid_value", case.refuses)
        if _is_full(case):
            return _error(429, "rate_limit_exceeded", FULL)
        return await self._taken(request, Task(case, fields))

    async def _taken(self, request: web.Request, task: Task) -> web.StreamResponse:
        case = task.case
        self._tasks[task.id] = task
        case.tasks.append(task)
        if case.drops and request.transport is not None:
            case.drops -= 1
            request.transport.abort()
        await case.answers.wait()
        return web.json_response(task.document())

    async def status(self, request: web.Request) -> web.StreamResponse:
        task = self._found(request)
        if task is None:
            return _error(404, "video_not_found", "Video not found.")
        task.keys.append(_key(request))
        if task.asked < _QUESTIONS or task.case.ends.is_set():
            task.asked += 1
        return web.json_response(task.document())

    async def content(self, request: web.Request) -> web.StreamResponse:
        task = self._found(request)
        if task is None or not task.is_over:
            return _error(404, "video_not_ready", "Video is not ready yet.")
        disposition = f'attachment; filename="{task.id}.mp4"'
        return web.Response(
            body=task.clip, content_type="video/mp4", headers={"Content-Disposition": disposition}
        )

    def _found(self, request: web.Request) -> Task | None:
        return self._tasks.get(request.match_info["id"]) if _key(request) in self.keys else None


def _is_full(case: Case) -> bool:
    if case.fulls:
        case.fulls -= 1
        return True
    return case.slots is not None and sum(not task.is_over for task in case.tasks) >= case.slots


async def _fields(request: web.Request) -> dict[str, str]:
    """Read a create, which comes as JSON or as a form."""
    if request.content_type == "application/json":
        document: dict[str, Any] = json.loads(await request.text())
        return {name: str(value) for name, value in document.items()}
    return {name: str(value) for name, value in (await request.post()).items()}


def _key(request: web.Request) -> str:
    return request.headers.get("Authorization", "").removeprefix("Bearer ")


def _error(status: int, code: str, message: str) -> web.Response:
    error = {"message": message, "type": "invalid_request_error", "param": None, "code": code}
    return web.json_response({"error": error}, status=status)


@cache
def _film() -> bytes:
    """Render a second of a test picture."""
    with TemporaryDirectory() as folder:
        film = Path(folder) / "film.mp4"
        picture = ("-f", "lavfi", "-i", "testsrc=duration=1:size=160x90:rate=12", "-pix_fmt", "yuv420p")
        command = (imageio_ffmpeg.get_ffmpeg_exe(), "-loglevel", "error", *picture, str(film))
        subprocess.run(command, check=True)  # noqa: S603 - the words are ours
        return film.read_bytes()


@asynccontextmanager
async def opened(*keys: str) -> AsyncGenerator[Upstream]:
    """Listen on loopback, under `/v1/videos` and, as AnyInt does, under `/openai/v1/videos`."""
    upstream = Upstream(set(keys))
    await asyncio.to_thread(_film)
    app = web.Application()
    for path in ("/v1/videos", "/openai/v1/videos"):
        app.router.add_post(path, upstream.create)
        app.router.add_get(f"{path}/{{id}}", upstream.status)
        app.router.add_get(f"{path}/{{id}}/content", upstream.content)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    upstream.root = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield upstream
    finally:
        await runner.cleanup()
