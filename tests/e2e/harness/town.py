"""The world of these tests: a Discord and two gateways on this machine, and the settings of a bot there."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

from core.model.job import Job, JobState
from sandbox.discord import LocalDiscord
from sandbox.discord.json_parts import is_object
from sandbox.gateways import FOREVER, Fault, LocalGateways, Pace
from sandbox.gateways.calls import Call as GatewayCall
from sandbox.gateways.faults import state_reads
from sandbox.gateways.tasks import Task
from storage.sqlite.database import open_for_reading
from storage.sqlite.jobs import SqliteJobStore

T = TypeVar("T")

QUICK = Pace(queued=0.02, rendering=0.05, steps=2)


@dataclass(frozen=True, slots=True)
class Town:
    """`folder` is where a bot that lives here keeps its data; it outlives the bot."""

    discord: LocalDiscord
    gateways: LocalGateways
    folder: Path
    changes: dict[str, str] = field(default_factory=dict[str, str])

    @property
    def environment(self) -> Mapping[str, str]:
        """The settings of a bot in this town."""
        hosts = (self.discord.cdn_url, self.gateways.anyint_url, self.gateways.worldrouter_url)
        return {
            "DISCORD_TOKEN": self.discord.token,
            "DISCORD_API_URL": self.discord.api_url,
            "DISCORD_GATEWAY_URL": self.discord.gateway_url,
            "DISCORD_CDN_URL": self.discord.cdn_url,
            "ANYINT_API_KEY": self.gateways.anyint_key,
            "ANYINT_BASE_URL": self.gateways.anyint_url,
            "MATINEE_PROVIDERS": "anyint",
            "MATINEE_ALLOW_PRIVATE_HOSTS": ",".join(urlsplit(url).netloc for url in hosts),
            "MATINEE_DATA_DIR": str(self.folder),
            "MATINEE_POLL_FIRST_SECONDS": "0.05",
            "MATINEE_POLL_MIN_SECONDS": "0.05",
            "MATINEE_POLL_MAX_SECONDS": "0.2",
            "MATINEE_LOG_FORMAT": "json",
            "MATINEE_LOG_LEVEL": "info",
            **self.changes,
        }

    def sent(self, method: str, path: str) -> list[dict[str, Any]]:
        """The JSON objects that the bot sent to Discord with this method, to paths that match."""
        found = [
            exchange.payload
            for exchange in self.discord.requests
            if exchange.method == method and re.fullmatch(path, exchange.path)
        ]
        return [payload for payload in found if is_object(payload)]

    def creates(self, prompt: str) -> list[dict[str, Any]]:
        """The bodies of the paid requests with this prompt, whatever was answered to them."""
        bodies = [exchange.json for exchange in self.gateways.creates()]
        return [body for body in bodies if body["prompt"] == prompt]

    def tasks(self, prompt: str) -> list[Task]:
        """The paid tasks that exist for this prompt."""
        return [task for task in self.gateways.tasks if task.order.prompt == prompt]

    def goes_wrong(self, fault: Fault, prompt: str, *, times: int = 1) -> Fault:
        """Let this happen to what has this prompt, and to nothing else."""
        return self.gateways.faults.add(fault, times=times, where=about(prompt))

    def keeps_working(self, prompt: str) -> Fault:
        """Let the gateway say that it is still working on this, until the fault's `times` are 0."""
        return self.goes_wrong(state_reads("processing"), prompt, times=FOREVER)


def about(prompt: str) -> Callable[[GatewayCall], bool]:
    """Whether a call to a gateway orders, or asks for, what has this prompt."""

    def is_about(call: GatewayCall) -> bool:
        if call.task is not None:
            return call.task.order.prompt == prompt
        body: dict[str, Any] = call.exchange.json or {}
        return body.get("prompt") == prompt

    return is_about


@asynccontextmanager
async def opened(
    folder: Path, *, clip: bytes | None, pace: Pace = QUICK, discord: LocalDiscord | None = None
) -> AsyncGenerator[Town]:
    """Open a town. With a `clip`, each task gets that film and nothing is rendered."""
    async with discord or LocalDiscord() as here, LocalGateways(pace=pace, clip=clip) as gateways:
        yield Town(here, gateways, folder)


async def jobs(town: Town) -> list[Job]:
    """Every job that the bot knows, the newest first, read beside it."""
    async with open_for_reading(town.folder / "matinee.db") as database:
        return await SqliteJobStore(database).recent(limit=1000)


async def job(town: Town, job_id: int) -> Job:
    async with open_for_reading(town.folder / "matinee.db") as database:
        found = await SqliteJobStore(database).get(job_id)
    assert found is not None
    return found


async def reached(town: Town, job_id: int, state: JobState, seconds: float = 60) -> Job:
    """Wait until the bot has written down that the job is there."""

    async def is_there() -> Job | None:
        found = await job(town, job_id)
        return found if found.state is state else None

    return await written(is_there, seconds)


async def written(condition: Callable[[], Awaitable[T | None]], seconds: float = 60) -> T:
    """Wait for the condition's first true value: no event tells what the bot writes down."""
    async with asyncio.timeout(seconds):
        while not (found := await condition()):  # noqa: ASYNC110 - see above
            await asyncio.sleep(0.02)
    return found
