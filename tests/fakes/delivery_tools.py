"""What makes clips smaller, and what makes links to them, as a test wrote it down."""

from __future__ import annotations

import asyncio
import hashlib
from dataclasses import dataclass, field
from pathlib import Path

from core.model.job import Job
from core.model.video import Result, StoredVideo
from core.ports import Link


def _open_gate() -> asyncio.Event:
    gate = asyncio.Event()
    gate.set()
    return gate


@dataclass(slots=True)
class CuttingEncoder:
    """`core.ports.Encoder` that cuts files off; a result shorter than `least` is not worth it.

    While `gate` is clear, it is at work.
    """

    least: int = 1
    limits: list[int] = field(default_factory=list[int])
    gate: asyncio.Event = field(default_factory=_open_gate)

    async def fit(self, source: Path, into: Path, *, limit: int) -> StoredVideo | None:
        self.limits.append(limit)
        await self.gate.wait()
        content = source.read_bytes()[:limit]
        if len(content) < self.least:
            return None
        into.write_bytes(content)
        return StoredVideo(file=into.name, size=len(content), sha256=hashlib.sha256(content).hexdigest())


@dataclass(slots=True)
class ScriptedLinks:
    """Implements `core.ports.Links`: the gateway's own link where there is one, else `own`, else none."""

    own: Link | None = None
    offers_result: bool = False
    offered: list[Result | None] = field(default_factory=list[Result | None])

    async def offer(self, job: Job, result: Result | None) -> Link | None:
        del job
        self.offered.append(result)
        if self.offers_result and result is not None and result.url is not None:
            return Link(result.url, None)
        return self.own

    async def withdraw(self, job_id: int) -> bool:
        del job_id
        self.own = None
        return True
