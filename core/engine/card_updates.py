"""Shows members how their jobs stand, as far as that is known in memory."""

from __future__ import annotations

import logging

from core.dispatch.confirmations import Confirmations
from core.dispatch.fair_queue import Turns
from core.engine.poller import Inquiry
from core.model.job import Job
from core.ports import Courier, Glance

log = logging.getLogger(__name__)


class Cards:
    def __init__(
        self, courier: Courier, inquiry: Inquiry, turns: Turns, confirmations: Confirmations
    ) -> None:
        self._confirmations = confirmations
        self._courier = courier
        self._inquiry = inquiry
        self._turns = turns

    def show(self, job: Job) -> None:
        """Show how the job stands. A card that cannot be drawn never holds up the work."""
        try:
            self._courier.show(self._glance(job))
        except Exception:
            log.exception("a card went wrong", extra={"job": job.id})

    def _glance(self, job: Job) -> Glance:
        return Glance(
            job,
            progress=self._inquiry.progress(job.id),
            ahead=self._turns.ahead(job.id),
            estimate=self._inquiry.estimate(job.id),
            is_late=self._inquiry.is_late(job.id),
            is_silent=self._inquiry.is_silent(job.id),
            awaits_yes=self._confirmations.awaits(job.id),
        )
