from __future__ import annotations

import pytest

from core.model.errors import DeliveryDelayed, FetchFailed, LinkExpired, NobodyThere, TooLarge
from core.model.job import JobState
from core.ports import Failed
from tests.fakes.running_core import DAY, HOUR, RunningCore, World


async def test_a_fetch_that_fails_is_tried_again(running: RunningCore, world: World) -> None:
    world.provider.will(fetch=[FetchFailed("cut off")] * 4)
    await running.order()

    await running.until_notified()

    assert (running.state(), len(world.provider.fetched)) == (JobState.DONE, 5)


async def test_an_expired_link_is_asked_for_again_at_once(running: RunningCore, world: World) -> None:
    world.provider.will(fetch=[LinkExpired("403")])
    await running.order()

    await running.until_notified(at_most=12)

    assert len(world.provider.asked) == 2


async def test_links_that_do_not_work_yet_get_a_minute(running: RunningCore, world: World) -> None:
    world.provider.will(fetch=[LinkExpired("404")] * 3)
    await running.order()
    await world.clock.until(lambda: bool(world.provider.fetched))
    seen = world.clock.monotonic()

    await running.until_notified()

    assert running.state() is JobState.DONE
    assert world.clock.monotonic() - seen > 60


async def test_links_that_never_work_end_the_job_and_the_member_is_told(
    running: RunningCore, world: World
) -> None:
    world.provider.will(fetch=[LinkExpired("410")] * 100)
    await running.order()

    job = await running.until_notified(at_most=HOUR)

    assert job.state is JobState.RESULT_GONE
    assert len(world.provider.fetched) <= 5
    assert world.courier.said(1)


async def test_a_clip_that_cannot_be_fetched_for_a_day_is_given_up(
    running: RunningCore, world: World
) -> None:
    world.provider.will(fetch=[FetchFailed("cut off")] * 2000)
    await running.order()

    job = await running.until_notified(at_most=2 * DAY)

    assert job.state is JobState.RESULT_GONE
    assert world.courier.said(1)


async def test_a_disk_without_room_for_clips_for_a_day_ends_the_job(
    running: RunningCore, world: World
) -> None:
    world.provider.will(fetch=[OSError(28, "No space left on device")] * 2000)
    await running.order()

    job = await running.until_notified(at_most=3 * DAY)

    assert job.state is JobState.RESULT_GONE
    assert world.courier.said(1)


async def test_a_delayed_delivery_arrives(running: RunningCore, world: World) -> None:
    world.courier.will_fail("deliver", *[DeliveryDelayed()] * 3)
    await running.order()

    await running.until_notified()

    assert len(world.courier.videos) == 1


async def test_a_delivery_that_took_effect_and_reported_failure_is_one_message(
    running: RunningCore, world: World
) -> None:
    world.courier.will_fail("deliver", DeliveryDelayed(), is_late=True)
    await running.order()

    job = await running.until_notified()

    assert [message.id for message in world.courier.videos] == [501]
    assert job.delivery is not None
    assert job.delivery.message_id == 501


async def test_a_video_whose_card_was_deleted_comes_in_a_new_message(
    running: RunningCore, world: World
) -> None:
    await running.order()
    world.courier.delete(501)

    await running.until_notified()

    assert [message.file for message in world.courier.videos] == ["video-1.mp4"]


@pytest.mark.parametrize(("error", "code"), [(TooLarge(), "too_large"), (NobodyThere(), "nobody_there")])
async def test_a_video_that_cannot_be_brought_is_kept_and_the_member_is_told(
    running: RunningCore, world: World, error: TooLarge | NobodyThere, code: str
) -> None:
    world.courier.will_fail("deliver", *[error] * 5)
    await running.order()

    job = await running.until_notified()

    assert job.state is JobState.UNDELIVERABLE
    assert job.reason is not None
    assert job.reason.code == code
    assert world.clips.path(1).exists()
    assert world.courier.said(1)


@pytest.mark.parametrize("error", [DeliveryDelayed(), ValueError("an answer of an unknown shape")])
async def test_a_delivery_that_fails_for_days_ends_and_the_member_is_told(
    running: RunningCore, world: World, error: Exception
) -> None:
    world.courier.will_fail("deliver", *[error] * 5000)
    await running.order()

    job = await running.until_notified(at_most=3 * DAY)

    assert job.state is JobState.UNDELIVERABLE
    assert world.clips.path(1).exists()
    assert world.courier.said(1)


async def test_a_clip_that_vanished_from_the_disk_is_fetched_again(
    running: RunningCore, world: World
) -> None:
    world.courier.will_fail("deliver", DeliveryDelayed())
    await running.order()
    await running.until(JobState.DELIVERING)

    world.clips.path(1).unlink()
    job = await running.until_notified(at_most=HOUR)

    assert job.state is JobState.DONE
    assert world.provider.sent == [1]


async def test_a_disk_that_keeps_no_clip_is_admitted_to(
    running: RunningCore, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def vanished(*_: object) -> bool:
        return False

    monkeypatch.setattr(type(world.clips), "holds", vanished)
    await running.order()
    job = await running.until_notified(at_most=HOUR)

    assert job.state is JobState.UNDELIVERABLE
    assert job.reason is not None
    assert job.reason.code == "file_gone"


async def test_a_ping_whose_answer_was_lost_is_not_sent_twice(running: RunningCore, world: World) -> None:
    world.courier.will_fail("ping", DeliveryDelayed(), is_late=True)
    await running.order()

    await running.until_notified()

    assert len(world.courier.pings) == 1


@pytest.mark.parametrize("error", [DeliveryDelayed(), ValueError("an answer of an unknown shape")])
async def test_a_ping_that_never_works_is_given_up(
    running: RunningCore, world: World, error: Exception
) -> None:
    world.courier.will_fail("ping", *[error] * 5000)
    await running.order()

    await running.until_notified(at_most=3 * DAY)

    assert running.state() is JobState.DONE


async def test_bad_news_that_cannot_be_brought_now_is_brought_later(
    running: RunningCore, world: World
) -> None:
    world.provider.will(check=[Failed("failed", "")])
    world.courier.will_fail("notify", DeliveryDelayed(), ValueError("an answer of an unknown shape"))
    await running.order()

    await running.until_notified()

    assert world.courier.said(1)


async def test_bad_news_for_a_closed_place_ends_the_trying(running: RunningCore, world: World) -> None:
    world.provider.will(check=[Failed("failed", "")])
    world.courier.will_fail("notify", NobodyThere())
    await running.order()

    await running.until_notified(at_most=HOUR)

    assert running.state() is JobState.FAILED
