"""Puts the parts together that move jobs."""

from __future__ import annotations

from dataclasses import dataclass

from core.dispatch.fair_queue import Turns
from core.dispatch.outages import Outages
from core.dispatch.provider_registry import Lineup
from core.engine.card_updates import Cards
from core.engine.delivery_steps import Ladder, Means
from core.engine.fetch_and_notify import Handover
from core.engine.look_ups import Doubts
from core.engine.poller import Inquiry
from core.engine.provider_choice import Takers
from core.engine.runner import Runner
from core.engine.state_steps import Stages
from core.engine.step import Desk
from core.engine.submission import Purchase
from core.engine.waiting_jobs import Queue
from core.polling.adaptive_schedule import LearnedSchedule
from core.polling.due_heap import Agenda
from core.ports import JobStore, ReplyLog
from core.requests.stored_pictures import NoHost, PictureHost, ShownPictures


@dataclass(frozen=True, slots=True)
class Engine:
    """The runner does the work; the inquiry is for whoever wants to look inside."""

    runner: Runner
    inquiry: Inquiry


def engine(
    *,
    store: JobStore,
    desk: Desk,
    schedule: LearnedSchedule,
    lineup: Lineup,
    means: Means,
    replies: ReplyLog,
    turns: Turns,
    host: PictureHost | None = None,
) -> Engine:
    """Wire the parts around whatever keeps the ports."""
    agenda = Agenda(desk.clock)
    inquiry = Inquiry(desk, lineup, schedule, Outages(desk.clock, agenda))
    takers = Takers(desk, lineup, turns)
    doubts = Doubts(desk, lineup)
    purchase = Purchase(
        desk=desk,
        lineup=lineup,
        takers=takers,
        replies=replies,
        inquiry=inquiry,
        turns=turns,
        pictures=ShownPictures(host or NoHost(), desk),
        doubts=doubts,
    )
    handover = Handover(desk, lineup, means.archive, means.courier)
    cards = Cards(means.courier, inquiry, turns, desk.confirmations)
    runner = Runner(
        store=store,
        desk=desk,
        agenda=agenda,
        inquiry=inquiry,
        stages=Stages(
            desk=desk,
            turns=turns,
            purchase=purchase,
            doubts=doubts,
            inquiry=inquiry,
            ladder=Ladder(desk, lineup, means),
            handover=handover,
        ),
        cards=cards,
        queue=Queue(turns, takers, lineup.infirmary, cards, store, desk.clock),
    )
    return Engine(runner, inquiry)
