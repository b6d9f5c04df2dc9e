"""Shows members' pictures to gateways before their jobs are sent."""

from __future__ import annotations

from typing import Final

from core.engine.step import StepContext
from core.model.job import Job
from core.model.video import VideoRequest
from core.requests.stored_pictures import PicturePublisher, own_copy, with_picture

SHOWN_SECONDS: Final = 3 * 3600.0
"""So long a picture that was shown need not be shown anew: its link works for hours more."""


class ShownPictures:
    """Where gateways find the pictures of jobs that wait to be sent; a restart shows them anew."""

    def __init__(self, host: PicturePublisher, context: StepContext) -> None:
        self._host = host
        self._context = context

    def lacks(self, job: Job) -> bool:
        """Whether a job has a picture that has to be shown, or shown anew, before it is sent."""
        if own_copy(job.request) is None:
            return False
        memory = self._context.memory(job)
        age = self._context.clock.monotonic() - memory.picture_at
        return memory.picture is None or age >= SHOWN_SECONDS

    async def show(self, job: Job) -> None:
        """Have the picture of a job shown. Raise what `PicturePublisher.link` raises."""
        memory, picture = self._context.memory(job), own_copy(job.request)
        if picture is not None:
            memory.picture = await self._host.link(job, picture)
            memory.picture_at = self._context.clock.monotonic()

    def sendable(self, job: Job) -> VideoRequest:
        """Return the request as a gateway understands it."""
        picture, link = own_copy(job.request), self._context.memory(job).picture
        return job.request if picture is None or link is None else with_picture(job.request, picture, link)
