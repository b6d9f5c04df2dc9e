"""What a stretch of work costs this process: processor time, memory, and how long its loop stood still."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

_TICK_SECONDS = 0.01


@dataclass(slots=True)
class Effort:
    """`cpu` and `seconds` of a stretch, and the longest time in which the loop did not run."""

    cpu: float = 0.0
    seconds: float = 0.0
    stall: float = 0.0


@asynccontextmanager
async def measure_effort() -> AsyncGenerator[Effort]:
    """Measure what happens in the block."""
    effort = Effort()
    ticking = asyncio.create_task(_tick(effort))
    cpu, started = time.process_time(), time.perf_counter()
    try:
        yield effort
    finally:
        effort.cpu, effort.seconds = time.process_time() - cpu, time.perf_counter() - started
        ticking.cancel()


async def _tick(effort: Effort) -> None:
    while True:
        before = time.perf_counter()
        await asyncio.sleep(_TICK_SECONDS)
        effort.stall = max(effort.stall, time.perf_counter() - before - _TICK_SECONDS)


def peak_megabytes() -> float:
    """The most memory that this process has had resident (VmHWM)."""
    for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1024
    raise OSError("the system does not say how much memory is used")


def family(pid: int) -> list[int]:
    """A process and all its descendants; empty once it is gone."""
    found = [pid] if Path(f"/proc/{pid}").exists() else []
    for member in found:
        with suppress(OSError):  # it, or a thread of it, has ended meanwhile
            for task in Path(f"/proc/{member}/task").iterdir():
                found += map(int, (task / "children").read_text(encoding="ascii").split())
    return found


def resident_megabytes(pid: int) -> float:
    """The memory that a process and its children have resident at this moment."""
    return sum(_resident(member) for member in family(pid)) / 1024


def _resident(pid: int) -> int:
    with suppress(OSError):
        for line in Path(f"/proc/{pid}/status").read_text(encoding="utf-8", errors="replace").splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1])
    return 0


@asynccontextmanager
async def watch_memory(pid: int) -> AsyncGenerator[list[float]]:
    """Note many times a second how many megabytes a process and its children have, until the block ends."""
    seen = [resident_megabytes(pid)]

    async def watch() -> None:
        while True:
            await asyncio.sleep(_TICK_SECONDS)
            seen.append(resident_megabytes(pid))

    watching = asyncio.create_task(watch())
    try:
        yield seen
    finally:
        watching.cancel()


def percentile(values: list[float], share: float) -> float:
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]
