"""Puts the parts together that move jobs."""

from __future__ import annotations

from dataclasses import dataclass

from core.delivery.attempt import DeliveryTools
from core.dispatch.fair_queue import FairQueue
from core.dispatch.outages import Outages
from core.dispatch.provider_registry import ProviderRegistry
from core.engine.delivery_steps import DeliverySteps
from core.engine.fetch_and_notify import FetchAndNotify
from core.engine.look_ups import LookUps
from core.engine.poller import Poller
from core.engine.preparation import ProviderChoice, ShownPictures
from core.engine.runner import Runner
from core.engine.state_steps import StateSteps
from core.engine.step import StepContext
from core.engine.submission import Submission
from core.engine.waiting_jobs import CardUpdates, WaitingJobs
from core.polling.due_heap import DueHeap
from core.polling.schedule import AdaptiveSchedule
from core.ports import JobStore, ReplyLog
from core.requests.stored_pictures import NoPublisher, PicturePublisher


@dataclass(frozen=True, slots=True)
class Engine:
    """The runner does the work; the poller is for callers that look inside."""

    runner: Runner
    poller: Poller


def engine(
    *,
    store: JobStore,
    context: StepContext,
    schedule: AdaptiveSchedule,
    registry: ProviderRegistry,
    tools: DeliveryTools,
    replies: ReplyLog,
    fair_queue: FairQueue,
    host: PicturePublisher | None = None,
) -> Engine:
    """Wire the parts to the adapters of the ports."""
    due_heap = DueHeap(context.clock)
    outages = Outages(registry.provider_health.questions, due_heap, context.clock)
    poller = Poller(context, registry, schedule, outages)
    provider_choice = ProviderChoice(context, registry, fair_queue)
    look_ups = LookUps(context, registry)
    submission = Submission(
        context=context,
        registry=registry,
        provider_choice=provider_choice,
        replies=replies,
        poller=poller,
        fair_queue=fair_queue,
        pictures=ShownPictures(host or NoPublisher(), context),
        look_ups=look_ups,
    )
    fetch_and_notify = FetchAndNotify(context, registry, tools.clips, tools.courier)
    card_updates = CardUpdates(tools.courier, poller, fair_queue, context.confirmations)
    runner = Runner(
        store=store,
        context=context,
        due_heap=due_heap,
        poller=poller,
        state_steps=StateSteps(
            context=context,
            fair_queue=fair_queue,
            submission=submission,
            look_ups=look_ups,
            poller=poller,
            delivery_steps=DeliverySteps(context, registry, tools),
            fetch_and_notify=fetch_and_notify,
        ),
        card_updates=card_updates,
        waiting_jobs=WaitingJobs(
            fair_queue, provider_choice, registry.provider_health.creates, card_updates, store, context.clock
        ),
    )
    return Engine(runner, poller)
