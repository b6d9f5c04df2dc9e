"""What people can still do with a job that was erased."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Final

import pytest

from core.model.delivery import Delivery, Destination, Obstacle, Way
from core.model.errors import NotAllowed
from core.model.job import IllegalMove, Job, JobState
from core.model.ledger import Measure, Scope, Window
from core.model.limits import Limit
from core.privacy.erased_job import erased, held_periods, is_settled
from core.services.job_actions import JobActions, Member, Moderator
from storage.memory.stores import MemoryJobStore
from tests.contracts.examples import ALICE, NOON, in_state, life
from tests.fakes.clock import START, VirtualClock
from tests.fakes.running_core import RunningCore, World

MEMBER: Final = Member(ALICE)
MODERATOR: Final = Moderator(7, guild_id=301)
GONE: Final = "has been erased, as its member wished. Nothing was ordered and nothing was charged"


def left_of(job: Job) -> Job:
    return erased(replace(job, next_at=None), -1, NOON)


@pytest.fixture
async def decisions() -> JobActions:
    """A store with erased jobs: 1 was done, 2 was never decided about, 3 was kept for its member."""
    store = MemoryJobStore()
    for job in (life(1)[-1], in_state(2, JobState.DISMISSED), in_state(3, JobState.UNDELIVERABLE)):
        await store.admit(left_of(job))
    return JobActions(store=store, clock=VirtualClock(), wake=lambda _: None)


USES: Final[dict[str, Callable[[JobActions], Awaitable[object]]]] = {
    "seen": lambda one: one.find_visible(1, MEMBER),
    "found": lambda one: one.find(1),
    "found by its message": lambda one: one.of_message(501, MEMBER),
    "typed": lambda one: one.check_erased("1"),
    "managed": lambda one: one.find_managed(1, MEMBER),
    "dismissed": lambda one: one.dismiss(2, MEMBER),
    "dismissed by a moderator": lambda one: one.dismiss(2, MODERATOR),
    "started again": lambda one: one.supersede(2, MODERATOR),
    "delivered": lambda one: one.deliver_again(3, MODERATOR),
}


@pytest.mark.parametrize("use", USES.values(), ids=USES)
async def test_a_member_who_uses_it_is_told_so(
    decisions: JobActions, use: Callable[[JobActions], Awaitable[object]]
) -> None:
    with pytest.raises(NotAllowed, match=GONE):
        await use(decisions)


async def test_a_moderator_may_still_remove_its_message(decisions: JobActions) -> None:
    assert (await decisions.find_managed(1, MODERATOR)).is_erased
    await decisions.forget_video(1, MODERATOR.id)


async def test_a_message_that_shows_it_is_still_known(decisions: JobActions) -> None:
    assert await decisions.is_shown(501)
    assert await decisions.is_known(1)


async def test_a_video_that_was_handed_over_at_that_moment_changes_nothing(decisions: JobActions) -> None:
    await decisions.note_handed_over(3, ALICE, Delivery(plan=Way.ATTACH))

    assert (await decisions.find_managed(3, MODERATOR)).state is JobState.UNDELIVERABLE


@pytest.mark.parametrize("typed", ["", "999", "a boat", "²", str(2**63), "1" * 30])
async def test_other_things_that_are_typed_are_no_erased_job(decisions: JobActions, typed: str) -> None:
    await decisions.check_erased(typed)


async def test_the_event_that_ordered_it_orders_nothing_again(running: RunningCore, world: World) -> None:
    await world.store.admit(left_of(life(1)[-1]))

    with pytest.raises(NotAllowed, match=GONE):
        await running.order()

    assert world.provider.sent == []


def test_an_erased_job_moves_no_more() -> None:
    with pytest.raises(IllegalMove):
        left_of(life(1)[-1]).without_video(NOON)


@pytest.mark.parametrize("job", life(1)[:-1], ids=lambda job: f"{job.version} {job.state}")
def test_a_job_on_its_way_is_not_settled(job: Job) -> None:
    assert not is_settled(job)


@pytest.mark.parametrize(
    ("place", "channel_id"),
    [
        (
            Destination(requester_id=ALICE, channel_id=201, guild_id=301, prompt_id=9, prompt_channel_id=201),
            201,
        ),
        (Destination(requester_id=ALICE, channel_id=201, guild_id=301, is_private=True), 0),
        (Destination(requester_id=ALICE, channel_id=201), 0),
    ],
    ids=["a server's channel", "a private answer", "direct messages"],
)
def test_no_place_that_is_one_persons_own_is_left(place: Destination, channel_id: int) -> None:
    job = replace(life(1)[-1], destination=place)

    left = left_of(job).destination

    assert left == Destination(
        requester_id=-1, channel_id=channel_id, guild_id=place.guild_id, is_private=place.is_private
    )


def test_a_result_in_direct_messages_leaves_no_channel() -> None:
    sent = Delivery(plan=Way.UNDECIDED, channel_id=999, message_id=5, is_direct=True, why=Obstacle.CLOSED)
    job = replace(life(1)[-1], delivery=sent)

    assert left_of(job).delivery == replace(sent, channel_id=None, why=None)


def test_only_periods_that_a_members_limit_counts_are_held() -> None:
    daily = Limit(scope=Scope.MEMBER, measure=Measure.VIDEOS, window=Window.DAY, most=1)
    monthly = Limit(scope=Scope.MEMBER, measure=Measure.MONEY, window=Window.MONTH, most=1)
    others = [
        Limit(scope=Scope.MEMBER, measure=Measure.OPEN_JOBS, most=1),
        Limit(scope=Scope.BOT, measure=Measure.MONEY, window=Window.MONTH, most=1),
    ]

    held = held_periods([daily, monthly, *others], START, START)

    assert {period: f"{end:%d.%m. %H:%M}" for period, end in held.items()} == {
        "2026-03-01": "02.03. 00:00",
        "2026-03": "01.04. 00:00",
    }
    assert held_periods(others, START, START) == {}
