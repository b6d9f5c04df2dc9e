"""Shows pictures to gateways as a test says."""

from __future__ import annotations

import asyncio

from core.model.job import Job


class ScriptedHost:
    """Gives a link each time, unless something is to go wrong first. It waits while its gate is closed."""

    def __init__(self) -> None:
        self.troubles: list[Exception] = []
        self.asked = 0
        self.gate = asyncio.Event()
        self.gate.set()

    async def link(self, job: Job, picture: str) -> str:
        self.asked += 1
        await self.gate.wait()
        if self.troubles:
            raise self.troubles.pop(0)
        return f"https://pictures.example/{job.id}/{picture[-8:]}"
