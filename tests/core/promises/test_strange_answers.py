"""Something else answers in a gateway's place: a sign-in page, a proxy, a redirect."""

from __future__ import annotations

from core.model.errors import OutcomeUnknown
from core.model.job import JobState
from tests.fakes.provider import ScriptedProvider
from tests.fakes.running_core import BOAT, BOB, RunningCore, World

PAGE = OutcomeUnknown("a page for people", is_from_elsewhere=True)


async def test_while_a_stranger_answers_one_request_a_minute_is_left_in_doubt(
    running: RunningCore, world: World
) -> None:
    world.provider.will(create=[PAGE] * 3)
    for number in range(1, 11):
        await running.order(number, member_id=number)
        await world.clock.advance(1)

    await world.clock.advance(100)
    in_doubt = those(running, JobState.UNKNOWN)
    await world.clock.until(
        lambda: len(those(running, JobState.UNKNOWN) + those(running, JobState.DONE)) == 10
    )

    assert in_doubt == [1, 2]
    assert len(those(running, JobState.UNKNOWN)) == 3
    assert len(world.provider.sent) == 10


def those(running: RunningCore, state: JobState) -> list[int]:
    return [number for number in range(1, 11) if running.state(number) is state]


async def test_a_lost_answer_is_not_from_another_server_and_delays_no_other_job(
    running: RunningCore, world: World
) -> None:
    world.provider.will(create=[OutcomeUnknown("the connection broke")])
    await running.order(1)
    await running.order(2, member_id=BOB)

    await running.until_notified(2, at_most=20)

    assert (running.state(1), running.state(2)) == (JobState.UNKNOWN, JobState.DONE)


async def test_while_a_stranger_answers_another_provider_makes_the_videos(world: World) -> None:
    second = ScriptedProvider(world.clock, "worldrouter")
    world.others = (second,)
    world.provider.will(create=[PAGE])
    async with RunningCore(world).open() as running:
        await running.order(1, request=BOAT)
        await running.order(2, member_id=BOB)

        await running.until_notified(2, at_most=20)

    assert (len(world.provider.sent), len(second.sent)) == (1, 1)
