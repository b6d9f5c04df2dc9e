from __future__ import annotations

from dataclasses import replace

import pytest

from core.delivery.plan import AIM, MIB
from core.model.delivery import Destination
from core.model.errors import CheckFailed, DeliveryDelayed, NobodyThere, TaskMissing, TooLarge
from core.model.job import Job, JobState
from core.ports import Failed, Link
from core.services.job_actions import Member
from tests.fakes.courier import DIRECT
from tests.fakes.provider import CLIP
from tests.fakes.running_core import ALICE, BOAT, DAY, HOUR, RunningCore, World

OWN = Link("https://clips.example/v/1", None)
SMALL = len(CLIP) // 2
GATEWAYS_OWN = "https://clips.example/task-1.mp4"


async def ordered(
    running: RunningCore, *, limit: int | None = None, is_private: bool = False, **more: bool
) -> Job:
    """Order a boat in a place that says that it takes files of this size."""
    destination = Destination(
        requester_id=ALICE,
        channel_id=7,
        guild_id=3,
        card_id=501,
        upload_limit=limit,
        is_private=is_private,
        is_guest=more.get("is_guest", False),
    )
    job = await running.orders.order(1, BOAT, destination)
    running.world.courier.has_card(job)
    return job


async def tried_ways(running: RunningCore) -> list[str | None]:
    """The details of the ways that were tried, from the history."""
    return [event.detail for event in await running.world.store.events(1) if event.after == "DELIVERING"]


# ------------------------------------------------------------ sizes


async def test_what_fits_is_attached_as_it_is(running: RunningCore, world: World) -> None:
    await ordered(running, limit=2 * len(CLIP))

    await running.until_notified()

    assert world.encoder.limits == []
    assert await tried_ways(running) == ["attach"]


async def test_what_is_too_large_is_made_smaller_for_that_place(running: RunningCore, world: World) -> None:
    await ordered(running, limit=SMALL)

    job = await running.until_notified()

    assert world.encoder.limits == [int(SMALL * AIM)]
    assert [message.file for message in world.courier.videos] == ["video-1.mp4"]
    assert job.state is JobState.DONE
    assert not world.clips.fitted(1).exists()
    assert world.clips.path(1).read_bytes() == CLIP


async def test_beside_a_smaller_video_stands_a_link_to_the_original(
    running: RunningCore, world: World
) -> None:
    world.links.own = OWN
    await ordered(running, limit=SMALL)

    await running.until_notified()

    assert [message.link for message in world.courier.videos] == [OWN.url]


async def test_a_lying_hint_is_found_out_and_remembered(running: RunningCore, world: World) -> None:
    world.courier.will_fail("deliver", TooLarge())
    await ordered(running, limit=8 * MIB)

    await running.until_notified()

    assert await tried_ways(running) == ["attach", "fit after too_large"]
    assert world.courier.uploads == 2
    assert world.encoder.limits[0] < len(CLIP)
    assert await world.notes.recall("upload_limit/server/3") is not None


async def test_a_place_that_refuses_every_size_gets_a_link(running: RunningCore, world: World) -> None:
    world.courier.will_fail("deliver", *[TooLarge()] * 9)
    world.links.own = OWN
    await ordered(running)

    job = await running.until_notified()

    assert (await tried_ways(running))[-1] == "link after too_large"
    assert world.courier.uploads == 3
    assert [message.link for message in world.courier.messages.values() if message.link] == [OWN.url]
    assert (job.state, job.delivery and job.delivery.plan) == (JobState.DONE, "link")


async def test_what_would_not_be_worth_watching_becomes_a_link(running: RunningCore, world: World) -> None:
    world.encoder.least = len(CLIP)
    world.links.own = OWN
    await ordered(running, limit=SMALL)

    await running.until_notified()

    assert world.courier.uploads == 0
    assert await tried_ways(running) == ["fit", "link after not_fitted"]
    assert len(world.courier.pings) == 1


async def test_without_any_link_the_video_is_kept_and_the_member_is_told(
    running: RunningCore, world: World
) -> None:
    world.encoder.least = len(CLIP)
    await ordered(running, limit=SMALL)

    job = await running.until_notified()

    assert (job.state, job.reason and job.reason.code) == (JobState.UNDELIVERABLE, "too_large")
    assert world.clips.path(1).exists()
    assert world.courier.said(1)


async def test_one_clip_is_encoded_at_a_time_and_others_are_not_held_up(
    running: RunningCore, world: World
) -> None:
    world.encoder.gate.clear()
    await ordered(running, limit=SMALL)
    await world.clock.until(lambda: bool(world.encoder.limits))
    for job_id in (2, 3, 4):
        destination = Destination(
            requester_id=job_id,
            channel_id=7,
            card_id=500 + job_id,
            upload_limit=SMALL if job_id < 4 else None,
        )
        running.world.courier.has_card(await running.orders.order(job_id, BOAT, destination))

    await running.until(JobState.DONE, 4, at_most=HOUR)
    at_work = len(world.encoder.limits)
    world.encoder.gate.set()
    for job_id in (1, 2, 3):
        await running.until(JobState.DONE, job_id, at_most=HOUR)

    assert at_work == 1
    assert len(world.encoder.limits) == 3


# ------------------------------------------------------------ links of gateways


async def test_the_gateways_own_link_is_asked_for_again_when_it_is_old(
    running: RunningCore, world: World
) -> None:
    world.encoder.least, world.links.offers_result = len(CLIP), True
    world.courier.will_fail("deliver", *[DeliveryDelayed()] * 20, TooLarge())
    await ordered(running)
    await running.until(JobState.DELIVERING)
    asked = len(world.provider.asked)

    await running.until_notified()

    assert len(world.provider.asked) == asked + 1
    assert [message.link for message in world.courier.messages.values() if message.link] == [GATEWAYS_OWN]


@pytest.mark.parametrize("answer", [CheckFailed("down"), TaskMissing("gone"), Failed("failed", "")])
async def test_a_gateway_that_has_no_link_any_more_is_not_waited_for(
    running: RunningCore, world: World, answer: BaseException | Failed
) -> None:
    world.encoder.least, world.links.offers_result = len(CLIP), True
    world.courier.will_fail("deliver", *[DeliveryDelayed()] * 20, TooLarge())
    await ordered(running)
    await running.until(JobState.DELIVERING)
    world.provider.will(check=[answer])

    job = await running.until_notified()

    assert job.state is JobState.UNDELIVERABLE


async def test_a_link_that_needs_our_key_is_offered_to_no_member(running: RunningCore, world: World) -> None:
    world.provider.links_are_public = False
    world.encoder.least, world.links.offers_result = len(CLIP), True
    await ordered(running, limit=SMALL)

    await running.until_notified()

    assert world.links.offered == [None]
    assert running.state() is JobState.UNDELIVERABLE


# ------------------------------------------------------------ closed places


async def test_a_closed_place_sends_the_video_to_its_requester(running: RunningCore, world: World) -> None:
    world.courier.will_fail("deliver", NobodyThere())
    await ordered(running)

    job = await running.until_notified()

    assert [message.channel_id for message in world.courier.videos] == [DIRECT]
    assert job.state is JobState.DONE
    assert await tried_ways(running) == ["attach", "attach after closed"]


async def test_closed_direct_messages_keep_the_video_and_end_the_tries(
    running: RunningCore, world: World
) -> None:
    world.courier.will_fail("deliver", NobodyThere(), NobodyThere())
    await ordered(running)

    job = await running.until_notified(at_most=HOUR)

    assert (job.state, job.reason and job.reason.code) == (JobState.UNDELIVERABLE, "nobody_there")
    assert world.courier.uploads == 2
    assert world.clips.path(1).exists()


async def test_a_private_video_goes_nowhere_else(running: RunningCore, world: World) -> None:
    world.courier.will_fail("deliver", NobodyThere())
    await ordered(running, is_private=True)

    await running.until_notified()

    assert (running.state(), world.courier.uploads) == (JobState.UNDELIVERABLE, 1)


async def test_a_place_where_an_upload_may_have_worked_unheard_is_not_left_for_another(
    running: RunningCore, world: World
) -> None:
    world.courier.will_fail("deliver", DeliveryDelayed(), NobodyThere())
    await ordered(running)

    await running.until_notified()

    assert world.courier.videos == []
    assert running.state() is JobState.UNDELIVERABLE


async def test_after_a_restart_an_upload_counts_as_one_that_may_have_worked(world: World) -> None:
    world.courier.gate.clear()
    async with RunningCore(world).open() as first_life:
        await ordered(first_life)
        await world.clock.until(lambda: world.courier.uploads > 0)
    world.courier.gate.set()
    world.courier.will_fail("deliver", NobodyThere())

    async with RunningCore(world).open() as second_life:
        job = await second_life.until_notified()

    assert (job.state, world.courier.uploads) == (JobState.UNDELIVERABLE, 2)
    assert world.courier.videos == []


async def test_where_we_are_guests_the_video_goes_to_its_requester(
    running: RunningCore, world: World
) -> None:
    await ordered(running, is_guest=True)

    await running.until_notified()

    assert [message.channel_id for message in world.courier.videos] == [DIRECT]
    assert world.courier.uploads == 1


# ------------------------------------------------------------ once more


async def test_a_kept_video_is_brought_once_more_from_the_start(running: RunningCore, world: World) -> None:
    world.courier.will_fail("deliver", NobodyThere(), NobodyThere())
    await ordered(running)
    await running.until_notified()

    await running.orders.deliver_again(1, Member(ALICE))
    job = await running.until_notified()

    assert job.state is JobState.DONE
    assert [message.channel_id for message in world.courier.videos] == [7]
    assert job.delivery is not None
    assert (job.delivery.is_direct, job.delivery.attempt) == (False, 3)


async def test_a_kept_video_that_was_delivered_otherwise_is_done(running: RunningCore, world: World) -> None:
    world.courier.will_fail("deliver", NobodyThere(), NobodyThere())
    await ordered(running)
    kept = await running.until_notified()
    assert kept.delivery is not None
    where = replace(kept.delivery, message_id=77)

    await running.orders.note_handed_over(1, ALICE, where)
    await running.orders.note_handed_over(1, ALICE, where)

    assert running.state() is JobState.DONE
    assert running.job().delivery == where
    assert world.courier.videos == []


async def test_a_day_after_a_refusal_a_place_is_trusted_again(running: RunningCore, world: World) -> None:
    world.courier.will_fail("deliver", TooLarge())
    await ordered(running)
    await running.until_notified()
    await world.clock.advance(1.1 * DAY)

    await running.order(2)
    await running.until_notified(2)

    assert len(world.encoder.limits) == 1
