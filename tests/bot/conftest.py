from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from sandbox.gateways import LocalGateways, Pace
from tests.bot.command_line import NAMES, Command, Ran, exit_code, settings_for
from tests.providers.world import CLIP


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder to work in, and an environment without settings."""
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
async def gateways(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[LocalGateways]:
    """Both gateways, and settings in the environment that lead to them."""
    async with LocalGateways(pace=Pace(queued=0.02, rendering=0.05, steps=4), clip=CLIP) as opened:
        for name, value in settings_for(opened).items():
            monkeypatch.setenv(name, value)
        yield opened


@pytest.fixture
def matinee(capsys: pytest.CaptureFixture[str]) -> Command:
    """Run a command, as from a shell, beside the test."""

    async def run(*arguments: str) -> Ran:
        code = await asyncio.to_thread(exit_code, *arguments)
        said = capsys.readouterr()
        return Ran(code, said.out, said.err)

    return run
