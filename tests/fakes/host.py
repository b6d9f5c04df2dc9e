"""Shows pictures to gateways as a test says."""

from __future__ import annotations

from core.jobs import Job


class ScriptedHost:
    """Gives a link each time, unless something is to go wrong first."""

    def __init__(self) -> None:
        self.troubles: list[Exception] = []

    async def link(self, job: Job, picture: str) -> str:
        if self.troubles:
            raise self.troubles.pop(0)
        return f"https://pictures.example/{job.id}/{picture[-8:]}"
