"""Processes of a benchmark, as they are where the program is installed, and a bot's settings."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Final

_AS_INSTALLED: Final = """
import runpy, sys
sys.modules["click"] = None
runpy.run_module(sys.argv.pop(1), run_name="__main__")
"""
"""Development tools install click, and where that is, httpx loads a command line that the bot has not."""


def command(module: str, *arguments: str) -> list[str]:
    """Return what runs a module of ours as `python -m` does, without what only developers have."""
    return [sys.executable, "-c", _AS_INSTALLED, module, *arguments]


def start(*module: str, settings: dict[str, str] | None = None) -> subprocess.Popen[str]:
    """Start a module with its arguments; what it writes is read from its `stdout`."""
    return subprocess.Popen(  # noqa: S603 - modules of ours
        command(*module), env=settings, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )


def settings(rest: str, gateway: str, folder: str) -> dict[str, str]:
    """Return the settings of a bot for the stand-ins at these ports, and none of this machine's own."""
    place = f"127.0.0.1:{rest}"
    return {
        **{name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ},
        "PYTHONPATH": str(Path(__file__).parents[2]),
        "DISCORD_TOKEN": "bench.token.bench",
        "DISCORD_API_URL": f"http://{place}/api/v10",
        "DISCORD_GATEWAY_URL": f"ws://127.0.0.1:{gateway}/gateway",
        "ANYINT_API_KEY": "sk-bench",
        "ANYINT_BASE_URL": f"http://{place}",
        "MATINEE_ALLOW_PRIVATE_HOSTS": place,
        "MATINEE_DATA_DIR": folder,
        "MATINEE_LOG_LEVEL": "error",
    }
