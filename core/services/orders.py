"""What members can do: order, cancel, order again, look at what there is."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final

from core.delivery.message_notes import SentCopies
from core.dispatch.provider_registry import Closed, Offer, ProviderRegistry
from core.model.catalog import Catalog
from core.model.delivery import Destination
from core.model.errors import CheckFailed, NotAllowed, Stale, StoreError, StoreFull, StoreUnusable, TaskTaken
from core.model.job import Job, JobState
from core.model.ledger import Account, Scope, Usage, Window, period, places
from core.model.limits import Admission, Admitted, Known, Limit, LimitReached, OverLimit
from core.model.operator_alerts import NoAlerts, NothingSaved
from core.model.order_ids import fresh_id
from core.model.video import Draft, VideoRequest
from core.ports import AlertChannel, Clock, Created, JobStore
from core.primitives.tasks import OwnedTasks
from core.requests.preferences import Preferences
from core.requests.validation import validate
from core.services.budget_alerts import BudgetAlerts
from core.services.job_actions import Actor, JobActions, refuse_erased

log = logging.getLogger(__name__)

LOOK_SECONDS: Final = 1.5
"""An interaction is answered within three seconds."""

_FOUND: Final = (
    "I have just looked for this video at the provider and found it: it is being made, and will arrive on "
    "its card. Nothing was ordered again, and nothing more is charged."
)
_CANNOT_TELL: Final = (
    "I could not ask the provider just now whether it is making this already. Nothing was ordered; try again "
    "in a minute."
)


class OrderService(JobActions):
    """`limits` hold for every order; `budget_alerts` looks at each that was admitted or reached one.

    `alerts` gets one when an order cannot be saved.
    """

    def __init__(
        self,
        *,
        store: JobStore,
        registry: ProviderRegistry,
        clock: Clock,
        wake: Callable[[Job], None],
        limits: Sequence[Limit] = (),
        budget_alerts: BudgetAlerts | None = None,
        alerts: AlertChannel | None = None,
        copies: SentCopies | None = None,
    ) -> None:
        self._limits = tuple(limits)
        self._budget_alerts = budget_alerts
        self._alerts = alerts or NoAlerts()
        self._admissions = OwnedTasks()
        super().__init__(store=store, clock=clock, wake=wake, copies=copies)
        self._registry = registry
        self._is_closed = False

    def close(self) -> None:
        """Take no more orders: the program is about to stop."""
        self._is_closed = True

    @property
    def catalog(self) -> Catalog:
        return self._registry.catalog

    def check(self, draft: Draft, preferred: Preferences | None = None) -> VideoRequest:
        """Turn an order into a request. Raise RequestRefused; nothing is stored."""
        return validate(draft, self.catalog, preferred)

    async def order(
        self,
        order_id: int,
        request: VideoRequest,
        destination: Destination,
        *,
        parent_id: int | None = None,
    ) -> Job:
        """Admit a job. `order_id` is the id of the event that asked for it: ordering twice makes one job.

        Where that is the id of another member's job, or of another request, the job gets an id of its own.

        Raise NotAllowed, LimitReached among it; nothing was ordered then. A caller that is cancelled here may
        have ordered all the same: an admitted job is also worked on.
        """
        self._check_open(request)
        job = self._new(order_id, request, destination, parent_id)
        return await asyncio.shield(self._admissions.start(self._admit(job)))

    async def check_room(self, request: VideoRequest, destination: Destination, instead_of: Job) -> None:
        """Raise NotAllowed where an order in the place of this job would be refused. Nothing is ordered."""
        self._check_open(request)
        job = self._new(instead_of.id, request, destination, instead_of.id)
        for limit in self._limits:
            account = limit.account(job)
            if account is None:
                continue
            usage = await self._store.usage(account)
            if account == limit.account(instead_of):
                held = places(await self._store.entries(instead_of.id))
                usage = replace(usage, open_jobs=usage.open_jobs - held)
            if not limit.has_room(job, usage):
                raise LimitReached(OverLimit(limit, usage.of(limit.measure)), job)

    def _check_open(self, request: VideoRequest) -> None:
        if self._is_closed:
            raise NotAllowed("I am just restarting. Nothing was ordered; try again in a minute.")
        choice = self._registry.choose(request)
        if isinstance(choice, Closed) and self._registry.offers(request):
            raise NotAllowed(choice.reason.said)

    def _new(
        self, order_id: int, request: VideoRequest, destination: Destination, parent_id: int | None
    ) -> Job:
        now = self._clock.now()
        return Job(
            id=order_id,
            request=request,
            destination=destination,
            ordered_at=now,
            updated_at=now,
            next_at=now,
            price=_quote(request, self._registry.offers(request)),
            parent_id=parent_id,
        )

    async def _admit(self, job: Job) -> Job:
        match await self._admission(job):
            case Admitted():
                self._wake(job)
                if self._budget_alerts is not None:
                    await self._budget_alerts.look(job)
                return job
            case Known(known):
                refuse_erased(known)
                return known if known.is_same_order(job) else await self._admit_with_own_id(job)
            case OverLimit() as over:
                if self._budget_alerts is not None:
                    await self._budget_alerts.came_up(over, job)
                raise LimitReached(over, job)

    async def _admit_with_own_id(self, job: Job) -> Job:
        """Give a job another id, where its own belongs to another member's job or to another request."""
        log.warning("the number of an order belongs to another job", extra={"job": job.id})
        return await self._admit(replace(job, id=fresh_id(job.id)))

    async def _admission(self, job: Job) -> Admission:
        try:
            return await self._store.admit(job, self._limits)
        except StoreError as error:
            self._wake(job)  # an error of the disk may come after the commit
            if isinstance(error, StoreFull | StoreUnusable):
                self._alerts.send(NothingSaved(str(error)))
            raise

    async def look_again(self, job_id: int, actor: Actor) -> None:
        """Look for the task of an unknown job, before it is ordered again; follow it if it is there.

        Raise NotAllowed where it is found, or where that cannot be told now: nothing is to be ordered then.
        """
        job = await self.find_managed(job_id, actor)
        if job.state is not JobState.UNKNOWN:
            return
        try:
            async with asyncio.timeout(LOOK_SECONDS):
                created = await self._registry.look_up(job)
        except (CheckFailed, TimeoutError) as error:
            raise NotAllowed(_CANNOT_TELL) from error
        if created is not None and await self._follow(job, created):
            raise NotAllowed(_FOUND)

    async def _follow(self, job: Job, created: Created) -> bool:
        now = self._clock.now()
        running = job.running(created.ticket, now, next_at=now)
        try:
            await self._store.move(job, running)
        except TaskTaken:
            return False
        except Stale:
            return True  # it was found, or decided, at this very moment
        self._wake(running)
        return True

    async def under_way(self) -> list[Job]:
        """Return all jobs that have something left to do, the oldest first."""
        return [job async for job in self._store.pending()]

    async def usage_of(self, member_id: int) -> tuple[Usage, Usage]:
        """Return what a member has used today and this month, in UTC."""
        today, month = (
            Account(Scope.MEMBER, member_id, period(self._clock.now(), window))
            for window in (Window.DAY, Window.MONTH)
        )
        return await self._store.usage(today), await self._store.usage(month)

    async def jobs_of(self, requester_id: int, *, limit: int = 25) -> list[Job]:
        """A member's jobs, the newest first."""
        return await self._store.of_requester(requester_id, limit=limit)


def _quote(request: VideoRequest, offers: Sequence[Offer]) -> int | None:
    """Return the most that the video may cost, whichever provider makes it; None where that is unknown."""
    prices = [offer.model.price(request) for offer in offers]
    known = [price for price in prices if price is not None]
    return max(known) if known and len(known) == len(prices) else None
