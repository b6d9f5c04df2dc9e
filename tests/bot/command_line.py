"""`matinee` as people and scripts see it: arguments and settings in, exit code and words out."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from bot.__main__ import main
from bot.settings.settings import Settings
from sandbox.gateways import LocalGateways

NAMES = [name for field in Settings.model_fields for name in (field.upper(), f"{field.upper()}_FILE")]
"""Every name under which a setting may be given."""

_INHERITED = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "COVERAGE_PROCESS_START")


@dataclass(frozen=True, slots=True)
class Ran:
    """How a command ended and what it said."""

    code: int
    out: str
    err: str

    @property
    def lines(self) -> list[Any]:
        """Standard output as one JSON value a line."""
        return [json.loads(line) for line in self.out.splitlines()]

    @property
    def last(self) -> Any:  # noqa: ANN401 - an event is JSON
        return self.lines[-1]


Command: TypeAlias = Callable[..., Awaitable[Ran]]


def exit_code(*arguments: str) -> int:
    """Run a command in this process."""
    try:
        return main(arguments)
    except SystemExit as end:
        return int(end.code or 0)


async def started(*arguments: str, environment: Mapping[str, str]) -> asyncio.subprocess.Process:
    """Start a command as a process of its own, with these settings and no others."""
    inherited = {name: os.environ[name] for name in _INHERITED if name in os.environ}
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "bot",
        *arguments,
        env={**inherited, **environment},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )


async def ended(process: asyncio.subprocess.Process) -> Ran:
    out, err = await process.communicate()
    return Ran(process.returncode or 0, out.decode(), err.decode())


async def process(*arguments: str, environment: Mapping[str, str]) -> Ran:
    """Run a command as a process of its own, to its end."""
    return await ended(await started(*arguments, environment=environment))


def settings_for(gateways: LocalGateways) -> dict[str, str]:
    """Both gateways with their keys, asked often."""
    return {
        "ANYINT_API_KEY": gateways.anyint_key,
        "ANYINT_BASE_URL": gateways.anyint_url,
        "WORLDROUTER_API_KEY": gateways.worldrouter_key,
        "WORLDROUTER_BASE_URL": gateways.worldrouter_url,
        "MATINEE_POLL_FIRST_SECONDS": "0.02",
        "MATINEE_POLL_MIN_SECONDS": "0.02",
        "MATINEE_POLL_MAX_SECONDS": "0.1",
        "MATINEE_CREATE_READ_TIMEOUT_SECONDS": "0.5",
    }
