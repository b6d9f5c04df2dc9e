"""Runs a program as a child that is bounded in time, memory and what it writes."""

from __future__ import annotations

import asyncio
import math
import os
import resource
from collections.abc import Sequence
from contextlib import suppress
from typing import Final

from core.ports import ChildLimits, ChildResult

__all__ = ["ChildLimits", "ChildResult", "run"]

_SAID_AT_MOST: Final = 65_536
_INHERITED: Final = ("PATH", "HOME", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "TMPDIR")
"""The environment that a child gets: code that takes over a decoder finds no token there, and no key."""

_HAS_LIMITS_FOR_OTHERS: Final = hasattr(resource, "prlimit")


async def run(command: Sequence[str], bounds: ChildLimits) -> ChildResult:
    """Implement `core.ports.RunChild`. What outlives a killed parent ends by its own bounds."""
    child = await asyncio.create_subprocess_exec(
        *command,
        env={name: os.environ[name] for name in _INHERITED if name in os.environ},
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        with suppress(ProcessLookupError):
            _bound(child.pid, bounds)
        async with asyncio.timeout(bounds.seconds):
            said = await _last_output(child)
            return ChildResult(await child.wait(), said)
    finally:
        if child.returncode is None:
            with suppress(ProcessLookupError):
                child.kill()
            await child.wait()


def _bound(pid: int, bounds: ChildLimits) -> None:
    """Bound a child that has just begun, and give it the lowest priority."""
    os.setpriority(os.PRIO_PROCESS, pid, bounds.niceness)
    if not _HAS_LIMITS_FOR_OTHERS:
        return  # outside Linux only the time is bounded
    seconds = math.ceil(bounds.seconds) * 2  # in whole seconds: with none the child would end before it began
    for kind, most in (
        (resource.RLIMIT_AS, bounds.memory),
        (resource.RLIMIT_CPU, seconds),
        (resource.RLIMIT_FSIZE, bounds.written),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.prlimit(pid, kind, (most, most))


async def _last_output(child: asyncio.subprocess.Process) -> str:
    said = b""
    while child.stderr is not None and (chunk := await child.stderr.read(8192)):
        said = (said + chunk)[-_SAID_AT_MOST:]
    return said.decode(errors="replace")
