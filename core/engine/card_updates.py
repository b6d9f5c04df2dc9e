"""Shows members how their jobs stand, as far as that is known in memory."""

from __future__ import annotations

import logging

from core.dispatch.confirmations import Confirmations
from core.dispatch.fair_queue import FairQueue
from core.engine.poller import Poller
from core.model.job import Job
from core.ports import Courier, JobView

log = logging.getLogger(__name__)


class CardUpdates:
    def __init__(
        self, courier: Courier, poller: Poller, fair_queue: FairQueue, confirmations: Confirmations
    ) -> None:
        self._confirmations = confirmations
        self._courier = courier
        self._poller = poller
        self._fair_queue = fair_queue

    def show(self, job: Job) -> None:
        """Show how the job stands. A card that cannot be drawn never holds up the work."""
        try:
            self._courier.show(self._glance(job))
        except Exception:
            log.exception("a card went wrong", extra={"job": job.id})

    def _glance(self, job: Job) -> JobView:
        return JobView(
            job,
            progress=self._poller.progress(job.id),
            ahead=self._fair_queue.ahead(job.id),
            estimate=self._poller.estimate(job.id),
            is_late=self._poller.is_late(job.id),
            is_silent=self._poller.is_silent(job.id),
            awaits_yes=self._confirmations.awaits(job.id),
        )
