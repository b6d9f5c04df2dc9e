from __future__ import annotations

from dataclasses import replace

import pytest

from core.model.errors import DeliveryDelayed, NotSent, PictureLost
from core.model.job import Charge, JobState
from core.requests.stored_pictures import file_of, name_of, own_copy, with_picture
from tests.fakes.clock import settle
from tests.fakes.running_core import BOAT, DAY, HOUR, RunningCore, World

NAME = name_of("ab" * 32, ".png")
PICTURED = replace(BOAT, first_frame=NAME)


def test_a_name_leads_to_a_file_and_a_link_does_not() -> None:
    assert file_of(NAME) == f"{'ab' * 32}.png"
    assert file_of("https://pictures.example/boat.png") is None


@pytest.mark.parametrize("forged", ["picture:../../matinee.db", "picture:ab.png", f"{NAME}\n", "picture:"])
def test_nothing_else_leads_to_a_file(forged: str) -> None:
    assert file_of(forged) is None


def test_only_a_copy_of_ours_is_one() -> None:
    requests = [BOAT, PICTURED, replace(BOAT, reference=NAME), replace(BOAT, first_frame="https://a.example")]

    assert [own_copy(request) for request in requests] == [None, NAME, NAME, None]


def test_a_picture_is_renamed_wherever_it_stands() -> None:
    assert with_picture(PICTURED, NAME, "https://new.example").first_frame == "https://new.example"
    assert with_picture(replace(BOAT, reference=NAME), NAME, "new").reference == "new"
    assert with_picture(PICTURED, "https://other.example", "new") == PICTURED


async def test_a_request_with_a_link_is_sent_as_it_is(running: RunningCore, world: World) -> None:
    await running.order(request=BOAT)

    await running.until_notified()

    assert world.host.asked == 0
    assert [order.request for order in world.provider.orders] == [BOAT]


async def test_a_gateway_gets_a_link_to_our_copy_and_the_job_keeps_its_name(
    running: RunningCore, world: World
) -> None:
    await running.order(request=PICTURED)

    await running.until_notified()

    (sent,) = world.provider.orders
    assert sent.request.first_frame == "https://pictures.example/1/abab.png"
    assert running.job().request.first_frame == NAME


async def test_a_picture_that_cannot_be_shown_just_now_delays_its_job(
    running: RunningCore, world: World
) -> None:
    world.host.troubles = [DeliveryDelayed("a storm"), DeliveryDelayed("still")]
    await running.order(request=PICTURED)

    await running.until_notified()

    assert running.state() is JobState.DONE
    assert len(world.provider.sent) == 1


@pytest.mark.parametrize("trouble", [PictureLost("no card"), DeliveryDelayed("a storm")])
async def test_a_picture_that_can_never_be_shown_ends_its_job_for_nothing(
    running: RunningCore, world: World, trouble: Exception
) -> None:
    world.host.troubles = [trouble] * (1 if isinstance(trouble, PictureLost) else 100_000)
    await running.order(request=PICTURED)

    job = await running.until_notified(at_most=2 * DAY)

    assert job.state is JobState.REJECTED
    assert job.reason is not None
    assert (job.reason.code, job.reason.charge) == ("picture_lost", Charge.NOTHING)
    assert world.provider.sent == []


async def test_a09_pictures_that_hang_in_one_channel_hold_up_no_other_order(world: World) -> None:
    world.places = 2
    world.host.gate.clear()
    async with RunningCore(world).open() as running:
        for job_id in range(1, 9):
            await running.order(job_id, 1000 + job_id, PICTURED)
        await settle()

        await running.order(100, 1)
        await running.until(JobState.DONE, 100, at_most=15)

        assert world.host.asked == 4, "so many at once are shown in one channel"
        world.host.gate.set()
        await running.until_notified(8)
    assert sorted(world.provider.sent) == [*range(1, 9), 100]


async def test_a09_pictures_that_cannot_be_shown_leave_their_places_to_others(world: World) -> None:
    world.places = 1
    world.host.troubles = [DeliveryDelayed("a storm")] * 3
    async with RunningCore(world).open() as running:
        await running.order(1, 1001, PICTURED)
        await running.order(2, 1002)
        await running.until_notified(1)

    assert world.provider.sent == [2, 1]


async def test_a_picture_that_was_shown_long_ago_is_shown_again(running: RunningCore, world: World) -> None:
    world.provider.will(create=[NotSent("down")] * 60)
    await running.order(request=PICTURED)
    ordered_at = world.clock.monotonic()

    await running.until_notified(at_most=DAY)

    waited = world.clock.monotonic() - ordered_at
    assert waited > 3 * HOUR
    assert world.host.asked == 1 + waited // (3 * HOUR)
