"""Puts the parts together that move jobs."""

from __future__ import annotations

from dataclasses import dataclass

from core.agenda import Agenda
from core.cards import Cards
from core.doubts import Doubts
from core.handover import Handover
from core.inquiry import Inquiry
from core.ladder import Ladder, Means
from core.learned_schedule import LearnedSchedule
from core.lineup import Lineup
from core.outages import Outages
from core.pictures import NoHost, PictureHost, ShownPictures
from core.ports import JobStore, ReplyLog
from core.purchase import Purchase
from core.queue import Queue
from core.runner import Runner
from core.stages import Stages
from core.steps import Desk
from core.takers import Takers
from core.turns import Turns


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
