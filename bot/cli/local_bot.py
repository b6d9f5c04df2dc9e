"""The bot as a process beside the sandbox: it can be stopped, killed, and started again on the same data."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

_STOPPING_SECONDS: Final = 30.0
_KEPT: Final = (
    "PATH",
    "HOME",
    "LANG",
    "LC_ALL",
    "TZ",
    "TMPDIR",
    "SYSTEMROOT",
    "PYTHONPATH",
    "COVERAGE_PROCESS_START",
)
"""The environment that the bot inherits: never settings, so that no real token or key is used here."""


class LocalBot:
    """Keeps its data in `folder`, whatever happens to the process."""

    def __init__(self, settings: Mapping[str, str], folder: Path) -> None:
        self._settings = settings
        self._folder = folder
        self._process: asyncio.subprocess.Process | None = None
        self._one_at_a_time = asyncio.Lock()

    @property
    def pid(self) -> int | None:
        """None while it does not run."""
        running = self._running()
        return None if running is None else running.pid

    async def start(self) -> None:
        """Start it unless it runs; it needs a moment to log in."""
        async with self._one_at_a_time:
            if self._running() is None:
                self._process = await asyncio.create_subprocess_exec(
                    *(sys.executable, "-m", "bot", "run"),
                    env=self._environment(),
                    cwd=self._folder,
                    start_new_session=True,
                )

    async def ended(self) -> None:
        """Return when the process that runs now has ended."""
        bot = self._running()
        if bot is not None:
            _ = await bot.wait()

    async def stop(self) -> None:
        """Let it finish what is in flight; if it does not end in time, kill it."""
        async with self._one_at_a_time:
            bot = self._running()
            if bot is None:
                return
            bot.send_signal(signal.SIGTERM)
            try:
                async with asyncio.timeout(_STOPPING_SECONDS):
                    _ = await bot.wait()
            except TimeoutError:
                await self.kill()

    async def kill(self) -> None:
        """End it as a power cut does, also while it is stopping."""
        self.cut_off()
        await self.ended()

    def cut_off(self) -> None:
        """End it as a power cut does, without waiting for its end."""
        bot = self._running()
        if bot is not None:
            bot.kill()

    def _running(self) -> asyncio.subprocess.Process | None:
        process = self._process
        return None if process is None or process.returncode is not None else process

    def _environment(self) -> dict[str, str]:
        inherited = {name: os.environ[name] for name in _KEPT if name in os.environ}
        own = {"MATINEE_LOG_LEVEL": os.environ.get("MATINEE_LOG_LEVEL", "warning")}
        return {**inherited, **own, **self._settings, "MATINEE_DATA_DIR": str(self._folder)}
