"""Something else answers in a gateway's place: a sign-in page, a proxy, a redirect."""

from __future__ import annotations

from core.model.errors import OutcomeUnknown
from core.model.job import JobState
from tests.fakes.provider import ScriptedProvider
from tests.fakes.running_core import BOAT, BOB, House, World

PAGE = OutcomeUnknown("a page for people", is_stranger=True)


async def test_while_a_stranger_answers_one_request_a_minute_is_left_in_doubt(
    house: House, world: World
) -> None:
    world.provider.will(create=[PAGE] * 3)
    for number in range(1, 11):
        await house.order(number, member_id=number)
        await world.clock.advance(1)

    await world.clock.advance(100)
    in_doubt = those(house, JobState.UNKNOWN)
    await world.clock.until(lambda: len(those(house, JobState.UNKNOWN) + those(house, JobState.DONE)) == 10)

    assert in_doubt == [1, 2]
    assert len(those(house, JobState.UNKNOWN)) == 3
    assert len(world.provider.sent) == 10


def those(house: House, state: JobState) -> list[int]:
    return [number for number in range(1, 11) if house.state(number) is state]


async def test_a_lost_answer_is_no_stranger_and_holds_nobody_up(house: House, world: World) -> None:
    world.provider.will(create=[OutcomeUnknown("the connection broke")])
    await house.order(1)
    await house.order(2, member_id=BOB)

    await house.until_told(2, at_most=20)

    assert (house.state(1), house.state(2)) == (JobState.UNKNOWN, JobState.DONE)


async def test_while_a_stranger_answers_another_provider_makes_the_videos(world: World) -> None:
    second = ScriptedProvider(world.clock, "worldrouter")
    world.others = (second,)
    world.provider.will(create=[PAGE])
    async with House(world).open() as house:
        await house.order(1, request=BOAT)
        await house.order(2, member_id=BOB)

        await house.until_told(2, at_most=20)

    assert (len(world.provider.sent), len(second.sent)) == (1, 1)
