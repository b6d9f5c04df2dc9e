"""Runs a program as a child that is bounded in time, memory and what it writes."""

from __future__ import annotations

import asyncio
import math
import os
import resource
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

_SAID_AT_MOST: Final = 65_536
_LESS_URGENT: Final = 10
_HAS_LIMITS_FOR_OTHERS: Final = hasattr(resource, "prlimit")


@dataclass(frozen=True, slots=True)
class Bounds:
    """Seconds of time and of one core each, bytes of address space, bytes in each file."""

    seconds: float
    memory: int
    written: int


@dataclass(frozen=True, slots=True)
class Done:
    """The exit status, and the end of what it wrote to its standard error."""

    status: int
    said: str


async def run(command: Sequence[str], bounds: Bounds) -> Done:
    """Run a program to its end. Raise OSError where it does not start, TimeoutError where it takes too long.

    Whoever is cancelled here leaves no child behind. What outlives a killed parent ends by its own bounds.
    """
    child = await asyncio.create_subprocess_exec(
        *command,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        with suppress(ProcessLookupError):
            _bound(child.pid, bounds)
        async with asyncio.timeout(bounds.seconds):
            said = await _said(child)
            return Done(await child.wait(), said)
    finally:
        if child.returncode is None:
            with suppress(ProcessLookupError):
                child.kill()
            await child.wait()


def _bound(pid: int, bounds: Bounds) -> None:
    """Bound a child that has just begun, and let everybody else go first."""
    os.setpriority(os.PRIO_PROCESS, pid, _LESS_URGENT)
    if not _HAS_LIMITS_FOR_OTHERS:
        return  # outside Linux time alone is bounded
    seconds = math.ceil(bounds.seconds) * 2  # whole ones: none at all would end it before it began
    for kind, most in (
        (resource.RLIMIT_AS, bounds.memory),
        (resource.RLIMIT_CPU, seconds),
        (resource.RLIMIT_FSIZE, bounds.written),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.prlimit(pid, kind, (most, most))


async def _said(child: asyncio.subprocess.Process) -> str:
    said = b""
    while child.stderr is not None and (chunk := await child.stderr.read(8192)):
        said = (said + chunk)[-_SAID_AT_MOST:]
    return said.decode(errors="replace")
