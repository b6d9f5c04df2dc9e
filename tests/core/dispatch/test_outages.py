from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from core.model.errors import CheckFailed, Refusal, Refused, Silence, TaskMissing
from core.model.job import JobState, Ticket
from core.model.operator_alerts import TasksUnknown
from core.ports import Clock, Failed, Finished, Progress, Stage, Unproved, Working
from tests.fakes.clock import settle
from tests.fakes.provider import ScriptedProvider
from tests.fakes.running_core import DAY, HOUR, RunningCore, World

DOWN = CheckFailed("502")
UNKNOWN = TaskMissing("404, in the gateway's own words")
NOBODYS = Unproved(Failed("failed", "no capacity"))
MINUTE = 60.0


async def several(running: RunningCore, count: int) -> None:
    """Order videos by different members, and let them be accepted."""
    for number in range(1, count + 1):
        await running.order(number, member_id=number)
    await settle()


async def asked_within(world: World, seconds: float) -> int:
    before = len(world.provider.asked)
    await world.clock.advance(seconds)
    return len(world.provider.asked) - before


async def test_a_provider_that_does_not_answer_is_asked_once_every_thirty_seconds(
    running: RunningCore, world: World
) -> None:
    world.provider.will(check=[DOWN] * 500)
    await several(running, 20)
    await world.clock.advance(MINUTE)

    assert await asked_within(world, 10 * MINUTE) == pytest.approx(20, abs=1)


async def test_after_an_outage_every_video_arrives(running: RunningCore, world: World) -> None:
    world.provider.will(check=[DOWN] * 80)
    await several(running, 20)
    await world.clock.advance(30 * MINUTE)

    for number in range(1, 21):
        await running.until_notified(number, at_most=3 * HOUR)

    assert {running.state(number) for number in range(1, 21)} == {JobState.DONE}
    assert running.context.is_clear
    assert len(running.poller) == 0


def silence_notices(world: World, job_id: int) -> list[bool]:
    """Whether a job's cards said that its provider does not answer, without repetitions."""
    said: list[bool] = []
    for job_view in world.courier.job_views:
        if job_view.job.id == job_id and said[-1:] != [job_view.is_silent]:
            said.append(job_view.is_silent)
    return said


@pytest.mark.parametrize("back", [Working(Stage.QUEUED), NOBODYS])
async def test_members_are_told_once_that_a_provider_is_silent_and_when_it_is_back(
    running: RunningCore, world: World, back: Progress
) -> None:
    world.provider.will(check=[DOWN] * 65 + [back] * 5000)
    await several(running, 20)
    await world.clock.advance(20 * MINUTE)
    shown = len(world.courier.job_views)
    meanwhile = [silence_notices(world, number) for number in range(1, 21)]

    await world.clock.advance(5 * MINUTE)
    shown_later = len(world.courier.job_views)
    await world.clock.advance(20 * MINUTE)

    assert meanwhile == [[False, True]] * 20
    assert shown_later == shown, "it is said once"
    assert [silence_notices(world, number) for number in range(1, 21)] == [[False, True, False]] * 20
    assert {running.state(number) for number in range(1, 21)} == {JobState.RUNNING}


async def test_a_member_who_waits_for_a_silent_provider_is_told_within_two_minutes(
    running: RunningCore, world: World
) -> None:
    world.provider.will(check=[DOWN] * 5000)
    await several(running, 20)

    await world.clock.advance(2 * MINUTE)

    assert [silence_notices(world, number) for number in range(1, 21)] == [[False, True]] * 20


async def test_no_member_is_told_of_a_short_silence(running: RunningCore, world: World) -> None:
    world.provider.will(check=[DOWN] * 6 + [Working(Stage.RUNNING)] * 100)
    await several(running, 5)

    await world.clock.advance(10 * MINUTE)

    assert [silence_notices(world, number) for number in range(1, 6)] == [[False]] * 5


@pytest.mark.parametrize(
    "answer",
    [
        UNKNOWN,
        NOBODYS,
        CheckFailed("403", why=Silence.OTHER),
        CheckFailed("429", why=Silence.TOO_MANY),
        CheckFailed("401", why=Silence.OTHER_KEY),
    ],
    ids=lambda value: str(value)[:20],
)
async def test_an_answer_of_any_kind_ends_an_outage(
    running: RunningCore, world: World, answer: Progress | BaseException
) -> None:
    world.provider.will(check=[DOWN] * 40 + [answer] + [Working(Stage.RUNNING)] * 500)
    await several(running, 20)
    await world.clock.until(lambda: len(world.provider.asked) > 40)

    assert await asked_within(world, 25) > 10


async def test_after_an_outage_not_everything_is_asked_at_once(running: RunningCore, world: World) -> None:
    world.provider.will(check=[DOWN] * 40 + [Working(Stage.RUNNING)] * 500)
    await several(running, 20)
    await world.clock.until(lambda: len(world.provider.asked) > 40)

    at_once = len(world.provider.asked) - 40
    soon = await asked_within(world, 1)

    assert at_once <= 2
    assert soon <= 5


async def test_the_job_that_asks_for_all_may_end_and_another_asks(running: RunningCore, world: World) -> None:
    world.provider.will(check=[DOWN] * 5000)
    await several(running, 8)
    await world.clock.advance(5 * MINUTE)

    probe = running.job(int(world.provider.asked[-1].removeprefix("task-")))
    running.poller.forget(probe.id)

    assert await asked_within(world, 5 * MINUTE) >= 9


@pytest.mark.parametrize("silence", [DOWN, CheckFailed("403", why=Silence.OTHER)], ids=str)
async def test_an_outage_of_more_than_a_day_ends_its_jobs_and_tells_their_members(
    running: RunningCore, world: World, silence: CheckFailed
) -> None:
    world.provider.will(check=[silence] * 50_000)
    await several(running, 8)

    for number in range(1, 9):
        await running.until_notified(number, at_most=DAY + HOUR)

    assert {running.state(number) for number in range(1, 9)} == {JobState.LOST}


async def test_an_answer_that_concerns_one_task_stops_no_other_questions(
    running: RunningCore, world: World
) -> None:
    world.provider.will(check=[CheckFailed("403", why=Silence.OTHER)] * 200)
    await several(running, 20)

    assert await asked_within(world, MINUTE) > 40


async def test_a_provider_that_is_asked_too_often_is_asked_less(running: RunningCore, world: World) -> None:
    price = running.schedule.poll_budget
    price.count(77, 1000.0)
    before = price.seconds
    world.provider.will(check=[CheckFailed("429", why=Silence.TOO_MANY)] * 10)
    await several(running, 10)

    await world.clock.advance(10.6)

    assert price.seconds == pytest.approx(4 * before, rel=0.1), "halved once, however many complain"


async def test_after_a_start_questions_are_spread(world: World) -> None:
    world.provider.will(check=[Working(Stage.RUNNING)] * 500)
    async with RunningCore(world).open() as running:
        await several(running, 30)
    await world.clock.advance(HOUR)
    before = len(world.provider.asked)

    async with RunningCore(world).open():
        await settle()
        at_once = len(world.provider.asked) - before
        within = await asked_within(world, 8)

    assert at_once == 1
    assert within >= 29


async def test_after_a_start_in_an_outage_an_old_task_is_not_given_up_at_once(world: World) -> None:
    async with RunningCore(world).open() as running:
        await several(running, 10)
    await world.clock.advance(2 * DAY)
    world.provider.will(check=[DOWN] * 12)

    async with RunningCore(world).open() as running:
        for number in range(1, 11):
            await running.until_notified(number, at_most=HOUR)

        assert {running.state(number) for number in range(1, 11)} == {JobState.DONE}


async def test_a_retry_after_is_followed_for_each_task(running: RunningCore, world: World) -> None:
    busy = CheckFailed("429", why=Silence.TOO_MANY, retry_after=timedelta(minutes=5))
    world.provider.will(check=[busy] * 6)
    await several(running, 6)
    await world.clock.advance(12)

    assert await asked_within(world, 280) == 0
    assert len(world.provider.asked) == 6


async def test_a_retry_after_holds_for_the_one_that_asks_in_an_outage(
    running: RunningCore, world: World
) -> None:
    world.provider.will(check=[CheckFailed("503", retry_after=timedelta(minutes=5))] * 40)
    await several(running, 6)
    await world.clock.advance(MINUTE)

    assert await asked_within(world, 4 * MINUTE) == 0
    assert await asked_within(world, 5 * MINUTE) == 1


# ------------------------------------------------------------ tasks that are unknown


class Answering(ScriptedProvider):
    """Answers a question by which task it is about and when it is asked; raises what is an exception."""

    def __init__(self, clock: Clock, says: Callable[[int, float], Progress | BaseException]) -> None:
        super().__init__(clock)
        self._says, self._now = says, clock.monotonic

    async def check(self, ticket: Ticket) -> Progress:
        self.asked.append(ticket.task_id)
        answer = self._says(int(ticket.task_id.removeprefix("task-")), self._now())
        if isinstance(answer, BaseException):
            raise answer
        return answer


RUNS = Working(Stage.RUNNING)


@pytest.mark.parametrize("silence", [DOWN, CheckFailed("403", why=Silence.OTHER)], ids=str)
async def test_questions_that_fail_for_less_than_ten_minutes_give_no_task_up_however_old(
    world: World, silence: CheckFailed
) -> None:
    def says(_: int, now: float) -> Progress | BaseException:
        if now < DAY - 7 * MINUTE:
            return RUNS
        return silence if now < DAY + 2.5 * MINUTE else Finished(world.provider.result())

    world.provider = Answering(world.clock, says)
    async with RunningCore(world).open() as running:
        await several(running, 20)
        for number in range(1, 21):
            await running.until_notified(number)

        assert {running.state(number) for number in range(1, 21)} == {JobState.DONE}


@pytest.mark.parametrize("count", [1, 2])
async def test_an_old_task_that_is_unknown_is_asked_about_often(world: World, count: int) -> None:
    """Of two that are unknown none is lost; one alone is, after ten minutes."""
    world.provider = Answering(world.clock, lambda _, now: RUNS if now < 5 * HOUR else UNKNOWN)
    async with RunningCore(world).open() as running:
        await several(running, count)
        await world.clock.advance(5 * HOUR)
        asked = len(world.provider.asked)
        await world.clock.until(lambda: len(world.provider.asked) > asked)

        assert await asked_within(world, 5 * MINUTE) > 3 * count
        assert running.state() is JobState.RUNNING


@pytest.mark.parametrize(
    "between", [RUNS, NOBODYS, CheckFailed("403", why=Silence.OTHER), DOWN], ids=lambda value: str(value)[:20]
)
async def test_a_task_is_lost_when_it_was_unknown_for_ten_minutes_without_a_break(
    world: World, between: Progress | BaseException
) -> None:
    def says(_: int, now: float) -> Progress | BaseException:
        return UNKNOWN if now < 60 or 700 < now < 900 else between if now < 700 else RUNS

    world.provider = Answering(world.clock, says)
    async with RunningCore(world).open() as running:
        await running.order()
        await world.clock.advance(HOUR)

        assert running.state() is JobState.RUNNING


@pytest.mark.parametrize(
    ("other", "state"),
    [
        (RUNS, JobState.LOST),
        (Working(Stage.RUNNING, aliases=("another",)), JobState.RUNNING),
        (NOBODYS, JobState.RUNNING),
        (CheckFailed("403", why=Silence.OTHER), JobState.RUNNING),
    ],
    ids=lambda value: str(value)[:20],
)
async def test_a_task_is_lost_only_where_another_is_known_by_its_own_id(
    world: World, other: Progress | BaseException, state: JobState
) -> None:
    world.provider = Answering(world.clock, lambda task, _: UNKNOWN if task == 1 else other)
    async with RunningCore(world).open() as running:
        await several(running, 2)
        await world.clock.advance(HOUR)

        assert (running.state(1), running.state(2)) == (state, JobState.RUNNING)
        assert TasksUnknown("anyint") not in world.alerts.raised_events


async def test_a_task_that_is_younger_than_a_minute_or_of_another_key_is_no_other_to_compare_with(
    world: World,
) -> None:
    second = ScriptedProvider(world.clock, "worldrouter")
    second.will(check=[NOBODYS] * 500)
    world.others = (second,)
    world.provider = Answering(world.clock, lambda task, _: UNKNOWN if task == 1 else NOBODYS)
    async with RunningCore(world).open() as running:
        await several(running, 1)
        world.provider.will(create=[Refused(Refusal.UPSTREAM, "busy")])
        await running.order(2, member_id=2)
        await world.clock.advance(9.5 * MINUTE)
        await running.order(3, member_id=3)

        await world.clock.advance(MINUTE)

        assert running.job(2).provider == "worldrouter"
        assert [running.state(number) for number in (1, 2, 3)] == [
            JobState.LOST,
            JobState.RUNNING,
            JobState.RUNNING,
        ]


async def test_a_provider_that_knows_no_task_is_reported_after_a_minute_and_loses_none_for_a_day(
    world: World,
) -> None:
    def says(_: int, now: float) -> Progress | BaseException:
        return RUNS if now < 100 else NOBODYS if now < 300 else UNKNOWN

    world.provider = Answering(world.clock, says)
    async with RunningCore(world).open() as running:
        await several(running, 2)
        await world.clock.advance(350)
        early = list(world.alerts.raised_events)
        await world.clock.advance(100)
        told = set(world.alerts.raised_events)
        await world.clock.advance(DAY - HOUR)
        meanwhile = {running.state(number) for number in (1, 2)}
        for number in (1, 2):
            await running.until_notified(number, at_most=2 * HOUR)

        assert (early, told) == ([], {TasksUnknown("anyint")})
        assert meanwhile == {JobState.RUNNING}
        assert {running.state(number) for number in (1, 2)} == {JobState.LOST}


async def test_a_provider_that_forgets_one_task_after_the_other_knows_none(world: World) -> None:
    def says(task: int, now: float) -> Progress | BaseException:
        return UNKNOWN if (70 if task == 1 else 300) < now < HOUR else RUNS

    world.provider = Answering(world.clock, says)
    async with RunningCore(world).open() as running:
        await several(running, 2)
        await world.clock.advance(2 * HOUR)

        assert [running.state(number) for number in (1, 2)] == [JobState.RUNNING] * 2


async def test_a_provider_that_knew_one_of_its_tasks_meanwhile_has_lost_the_others(world: World) -> None:
    def says(task: int, now: float) -> Progress | BaseException:
        if task < 3:
            return UNKNOWN if now > 70 else RUNS
        return RUNS if now < 330 else CheckFailed("403", why=Silence.OTHER)

    world.provider = Answering(world.clock, says)
    async with RunningCore(world).open() as running:
        await several(running, 3)
        await world.clock.advance(15 * MINUTE)

        assert [running.state(number) for number in (1, 2)] == [JobState.LOST] * 2


@pytest.mark.parametrize("seconds", [5, 26, 90])
async def test_a_provider_that_knows_its_tasks_again_for_a_moment_only_has_lost_none(
    world: World, seconds: float
) -> None:
    """While it knew none of them for half an hour, nothing was said about any one of them."""

    def says(task: int, now: float) -> Progress | BaseException:
        knows_again = 2000 < now < 2000 + seconds
        is_asked = knows_again and task == 1
        return UNKNOWN if 100 < now < 4000 and not is_asked else RUNS

    world.provider = Answering(world.clock, says)
    async with RunningCore(world).open() as running:
        await several(running, 4)
        await world.clock.advance(4200)

        assert {running.state(number) for number in range(1, 5)} == {JobState.RUNNING}


async def test_what_a_provider_does_not_know_for_ten_minutes_after_it_knew_others_again_is_lost(
    world: World,
) -> None:
    def says(task: int, now: float) -> Progress | BaseException:
        return UNKNOWN if now > 100 and (task == 2 or now < 2000) else RUNS

    world.provider = Answering(world.clock, says)
    async with RunningCore(world).open() as running:
        await several(running, 2)
        await world.clock.advance(2000 + 9 * MINUTE)
        early = running.state(2)
        await world.clock.advance(4 * MINUTE)

        assert early is JobState.RUNNING
        assert (running.state(1), running.state(2)) == (JobState.RUNNING, JobState.LOST)
