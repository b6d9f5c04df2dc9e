"""`matinee sandbox` as a process: everything on this machine, and nothing left of it afterwards."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncGenerator, Generator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, cast

import imageio_ffmpeg
import pytest

PROJECT = Path(__file__).parents[3]
_TRAP = '''\
"""Writes down, in every Python process that starts here, who runs and whom it wants to reach."""

import json
import os
import sys

_file = os.open(os.path.join(os.path.dirname(__file__), "seen"), os.O_WRONLY | os.O_CREAT | os.O_APPEND)


def note(what, whom=None):
    os.write(_file, (json.dumps([os.getpid(), what, whom]) + "\\n").encode())


def hook(event, arguments):
    if event in {"socket.connect", "socket.sendto"}:
        address = arguments[1]
        note(event, address[0] if isinstance(address, tuple) else "unix")
    elif event in {"socket.getaddrinfo", "socket.gethostbyname"}:
        note(event, str(arguments[0]))


note("runs")
sys.addaudithook(hook)
'''


@dataclass(frozen=True, slots=True)
class Place:
    """A folder to start the sandbox in, with a trap for whatever leaves this machine."""

    folder: Path

    @property
    def scratch(self) -> Path:
        """Where temporary files go."""
        return self.folder / "temporary"

    @property
    def environment(self) -> dict[str, str]:
        measuring = {name: value for name, value in os.environ.items() if name.startswith("COVERAGE")}
        return {
            **measuring,
            "PATH": os.environ["PATH"],
            "HOME": str(self.folder),
            "LANG": "C.UTF-8",
            "TMPDIR": str(self.scratch),
            "PYTHONPATH": os.pathsep.join([str(self.folder / "trap"), str(PROJECT)]),
            "DISCORD_TOKEN": "a.real.token",
            "ANYINT_API_KEY": "a-real-key",
        }

    def seen(self) -> list[Any]:
        """What the trap has seen: process, event, and the address it was about."""
        return [json.loads(line) for line in (self.folder / "trap" / "seen").read_text().splitlines()]

    def processes(self) -> set[int]:
        return {process for process, what, _ in self.seen() if what == "runs"}

    def reached(self) -> dict[int, set[str]]:
        """The addresses that each process wanted to reach."""
        found: dict[int, set[str]] = {}
        for process, what, whom in self.seen():
            if what != "runs":
                found.setdefault(process, set()).add(whom)
        return found


@pytest.fixture
def place() -> Iterator[Place]:
    """A folder with a short name: a socket's path may not be long."""
    with TemporaryDirectory(prefix="m-") as name:
        folder = Path(name)
        (folder / "trap").mkdir()
        (folder / "trap" / "sitecustomize.py").write_text(_TRAP)
        (folder / "temporary").mkdir()
        yield Place(folder)


@dataclass(slots=True)
class Running:
    """A sandbox that runs, and what it has printed so far."""

    process: asyncio.subprocess.Process
    printed: str = ""

    async def prints(self, wanted: str) -> None:
        """Wait until this stands in what it printed."""
        assert self.process.stdout is not None
        async with asyncio.timeout(40):
            while wanted not in self.printed:
                line = (await self.process.stdout.readline()).decode()
                assert line, f"it ended without “{wanted}”:\n{self.printed}"
                self.printed += line

    async def ended(self) -> int:
        """Wait for the end, and return the exit code."""
        assert self.process.stdout is not None
        async with asyncio.timeout(40):
            self.printed += (await self.process.stdout.read()).decode()
            return await self.process.wait()


@asynccontextmanager
async def sandbox(place: Place, *arguments: str) -> AsyncGenerator[Running]:
    """Start the sandbox where no terminal is."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot", "sandbox", *arguments),
        env=place.environment,
        cwd=place.folder,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    running = Running(process)
    try:
        yield running
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


def still_there(processes: set[int]) -> Iterator[int]:
    for process in processes:
        try:
            os.kill(process, 0)
        except ProcessLookupError:
            continue
        yield process


def film(path: Path) -> tuple[tuple[int, int], float]:
    """Return the size and the seconds of a film, as ffmpeg reads them."""
    reader = cast("Generator[Any]", imageio_ffmpeg.read_frames(path))
    found: dict[str, Any] = next(reader)
    reader.close()
    return found["size"], found["duration"]


def is_of_this_machine(whom: str) -> bool:
    return whom in {"localhost", "unix"} or ip_address(whom).is_loopback


async def test_a_demonstration_makes_a_video_on_this_machine_and_leaves_nothing(place: Place) -> None:
    async with sandbox(place, "--demo", "-o", "clip.mp4") as running:
        code = await running.ended()

    told = running.printed.splitlines()
    assert code == 0, running.printed
    (width, height), seconds = film(place.folder / "clip.mp4")
    assert told[1].startswith("member: /video prompt:A paper boat sails into the evening image:evening.png")
    assert "[❌ Cancel]" in running.printed
    assert any(line.startswith("Matinee: ▶ video-") for line in told)
    assert "[🔁 Re-run" in running.printed
    assert "Matinee: @member, your video is ready." in told
    assert told[-1].startswith("Saved clip.mp4 (")
    assert width / height == pytest.approx(16 / 9, rel=0.02)
    assert seconds == pytest.approx(5, abs=0.2)

    reached = place.reached()
    assert len(place.processes()) >= 2
    assert set(reached) == place.processes(), "the trap has caught nobody, so it proves nothing"
    assert [
        whom for everybody in reached.values() for whom in everybody if not is_of_this_machine(whom)
    ] == []
    assert list(still_there(place.processes())) == []
    assert list(place.scratch.iterdir()) == []
    assert {path.name for path in place.folder.iterdir()} == {"clip.mp4", "trap", "temporary"}


@pytest.mark.parametrize(
    ("arguments", "reachable", "number"),
    [
        (["--port", "0"], "Open http://127.0.0.1:", signal.SIGINT),
        (["--port", "0"], "Open http://127.0.0.1:", signal.SIGTERM),
        (["--no-page"], "DISCORD_API_URL=http://127.0.0.1:", signal.SIGTERM),
        (["--demo", "-o", "clip.mp4"], "[❌ Cancel]", signal.SIGTERM),
    ],
    ids=["page-sigint", "page-sigterm", "terminal-sigterm", "demo-sigterm"],
)
async def test_it_says_how_to_reach_it_and_a_signal_ends_all_of_it(
    place: Place, arguments: list[str], reachable: str, number: signal.Signals
) -> None:
    async with sandbox(place, *arguments) as running:
        await running.prints(reachable)

        running.process.send_signal(number)
        code = await running.ended()

    assert code in {0, 130, 143}, running.printed
    assert "Traceback" not in running.printed
    assert len(place.processes()) >= 2
    assert list(still_there(place.processes())) == []
    assert list(place.scratch.iterdir()) == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("arguments", [["--port", "0"], ["--no-page"]], ids=["page", "terminal"])
async def test_a_second_signal_waits_for_nothing_and_leaves_nothing_behind(
    place: Place, arguments: list[str], number: signal.Signals
) -> None:
    async with sandbox(place, *arguments) as running:
        await running.prints("Open http://" if "--port" in arguments else "You are a member")
        for bot in place.processes() - {running.process.pid}:
            os.kill(bot, signal.SIGSTOP)
        running.process.send_signal(number)
        await running.prints("Good-bye.")

        running.process.send_signal(number)
        async with asyncio.timeout(10):  # a bot that stands still would be waited for three times as long
            code = await running.ended()

    assert code in {0, 130}, running.printed
    assert len(place.processes()) >= 2
    assert list(still_there(place.processes())) == []
    assert list(place.scratch.iterdir()) == []
