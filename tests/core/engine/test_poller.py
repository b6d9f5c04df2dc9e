from __future__ import annotations

from datetime import timedelta

from core.model.errors import StoreFull
from core.model.job import JobState
from core.model.job_outline import JobClass
from core.polling.polled_task import PolledTasks
from core.ports import Stage, Working
from tests.contracts.examples import queued, ticket
from tests.fakes.clock import settle
from tests.fakes.running_core import HOUR, RunningCore, World


async def test_questions_that_change_nothing_read_and_write_nothing(
    running: RunningCore, world: World
) -> None:
    world.provider.will(check=[Working(Stage.RUNNING, 10)] * 100)
    await running.order()
    await world.clock.advance(60)
    reads, writes, shown = world.store.reads, world.store.attempts, len(world.courier.job_views)

    await world.clock.advance(300)

    assert len(world.provider.asked) > 20
    assert (world.store.reads, world.store.attempts) == (reads, writes)
    assert len(world.courier.job_views) == shown


async def test_a_percentage_that_rises_is_shown_at_once(running: RunningCore, world: World) -> None:
    world.provider.will(check=[Working(Stage.RUNNING, 10), Working(Stage.RUNNING, 20)])
    await running.order()

    await world.clock.until(lambda: len(world.provider.asked) == 2)

    assert [job_view.progress for job_view in world.courier.job_views][-1] == Working(Stage.RUNNING, 20)


async def test_a_clip_that_could_not_be_written_down_is_not_asked_about_again(
    running: RunningCore, world: World
) -> None:
    world.store.will_fail(JobState.READY, *[StoreFull("no room")] * 4)
    await running.order()

    await running.until_notified(at_most=HOUR)

    assert len(world.provider.asked) == 1


async def test_members_see_an_estimate_as_soon_as_enough_was_seen(running: RunningCore, world: World) -> None:
    for number in range(1, 5):
        world.provider.will(check=[Working(Stage.RUNNING)] * 9)
        await running.order(number)
        await running.until_notified(number)

    estimates = {
        number: {job_view.estimate for job_view in world.courier.job_views if job_view.job.id == number}
        for number in (1, 4)
    }

    assert estimates[1] == {None}
    soonest = min(filter(None, estimates[4]))
    assert timedelta(seconds=5) < soonest - running.job(4).ordered_at < timedelta(seconds=60)


async def test_an_estimate_does_not_waver_until_it_is_past(running: RunningCore, world: World) -> None:
    for number in range(1, 4):
        world.provider.will(check=[Working(Stage.RUNNING)] * 9)
        await running.order(number)
        await running.until_notified(number)
    world.provider.will(check=[Working(Stage.RUNNING, percent) for percent in range(60)])
    await running.order(4)

    await running.until_notified(4)

    job_views = [
        job_view for job_view in world.courier.job_views if job_view.job.id == 4 and job_view.estimate
    ]
    estimates = [job_view.estimate for job_view in job_views]
    assert 1 < len(set(estimates)) < len(estimates)
    assert estimates == sorted(estimates, key=lambda estimate: estimate or world.clock.now())


async def test_a_task_that_takes_far_longer_than_usual_is_said_to_be_late(
    running: RunningCore, world: World
) -> None:
    for number in range(1, 6):
        await running.order(number)
        await running.until_notified(number)
    world.provider.will(check=[Working(Stage.RUNNING)] * 2000)
    await running.order(6)

    await world.clock.advance(2 * HOUR)

    job_views = [job_view for job_view in world.courier.job_views if job_view.job.id == 6]
    late = [job_view for job_view in job_views if job_view.is_late]
    assert not job_views[1].is_late
    assert len(late) == 1, "it is said once"
    assert (late[0], late[0].estimate) == (job_views[-1], None)


async def test_what_was_learned_is_there_after_a_restart(world: World) -> None:
    async with RunningCore(world).open() as running:
        for number in range(1, 4):
            world.provider.will(check=[Working(Stage.RUNNING)] * 9)
            await running.order(number)
            await running.until_notified(number)

    async with RunningCore(world).open() as running:
        await running.order(4)
        await settle()

        assert world.courier.job_views[-1].estimate is not None


async def test_no_more_questions_are_under_way_than_there_are_connections(world: World) -> None:
    world.places = world.places_for_member = 600
    async with RunningCore(world).open() as running:
        for number in range(1, 401):
            await running.order(number)
        await settle()
        world.provider.check_gate.clear()
        await world.clock.advance(15)
        under_way = len(world.provider.asked)

        world.provider.check_gate.set()
        await running.until_notified(400, at_most=60)

    assert under_way == 256
    assert len(world.courier.videos) == 400


def test_running_tasks_share_what_is_the_same_in_all_of_them() -> None:
    tasks, count = PolledTasks(), 2000
    for number in range(count):
        tasks.add(number, ticket(f"task-{number}"), JobClass.of("anyint", queued(number).request), 0.0)

    kept = [task for number in range(count) if (task := tasks.get(number))]
    assert len(kept) == count
    assert len({id(task.kind) for task in kept}) == 1
    assert len({id(task.route) for task in kept}) == 1
    assert kept[7].ticket == ticket("task-7")
