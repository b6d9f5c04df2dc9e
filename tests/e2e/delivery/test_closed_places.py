from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio

from core.model.job import JobState
from sandbox.discord import Call
from tests.e2e.harness import town as towns
from tests.e2e.harness.bots import HastyClock, bot_inside
from tests.e2e.harness.deliveries import UPLOAD, everywhere, finished_late, forget_limits, uploads, ways
from tests.e2e.harness.scenes import CHANNEL, Card, buttons, clips, ids, order, playing, private_answer, words
from tests.e2e.harness.town import Town

pytestmark = pytest.mark.asyncio(loop_scope="module")

ELSEWHERE = "I could not put it here, so I sent it by direct message"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def quick_town(tmp_path_factory: pytest.TempPathFactory, clip: bytes) -> AsyncIterator[Town]:
    """A town whose bot waits thirty times as fast as others."""
    folder = tmp_path_factory.mktemp("places") / "data"
    async with towns.opened(folder, clip=clip) as town, bot_inside(town, HastyClock()):
        yield town


@pytest.fixture(autouse=True)
def as_always(quick_town: Town) -> Iterator[None]:
    """Leave the town as it was found."""
    yield
    quick_town.discord.faults.clear()
    quick_town.discord.close_dm("member", closed=False)
    allowed = {"attach_files": True, "view_channel": True, "send_messages": True}
    quick_town.discord.set_permissions(CHANNEL, **allowed, read_message_history=True)
    forget_limits(quick_town)


async def settled(town: Town, card: Card) -> JobState:
    """Wait until nothing is left to do for a job; say where it ended."""
    return (await towns.reached(town, card.job_id, JobState.DONE)).state


# ------------------------------------------------------------ rows 55 to 66: what Discord answers


@pytest.mark.parametrize("code", [50001, 50013, 10003, 50083, 160005])
async def test_a_place_that_is_closed_sends_the_video_to_its_requester(quick_town: Town, code: int) -> None:
    quick_town.discord.faults.answer_instead(
        "PATCH", UPLOAD, 403, code, when=lambda request: bool(request.files)
    )

    card = await order(quick_town, f"A boat turned away with {code}")
    (message,) = await quick_town.discord.until(lambda: playing(quick_town, card.job_id, "dm"))
    await card.says(ELSEWHERE)

    assert await settled(quick_town, card) is JobState.DONE
    assert ids(everywhere(quick_town, card.job_id)) == [message["id"]]
    assert ways(quick_town, card.job_id) == ["attach", "attach after closed"]
    assert card.replies() == []


@pytest.mark.parametrize(
    ("status", "code"),
    [(429, 20016), (429, 20028), (429, 20029), (503, 130000), (500, 0), (503, 0), (403, 40333)],
)
async def test_what_passes_is_waited_for(quick_town: Town, status: int, code: int) -> None:
    fault = quick_town.discord.faults.answer_instead(
        "PATCH", UPLOAD, status, code, when=lambda request: bool(request.files)
    )

    card = await order(quick_town, f"A boat that waits {status} {code}")
    message = await card.plays()
    await card.replied()

    assert fault.hits == 1
    assert message["id"] == card.message_id
    assert ids(everywhere(quick_town, card.job_id)) == [message["id"]]


async def test_a_rate_limit_is_obeyed_and_delays_no_other(quick_town: Town) -> None:
    held = quick_town.discord.faults.rate_limit(
        "PATCH", UPLOAD, 1.0, when=lambda request: bool(request.files)
    )

    limited = await order(quick_town, "A boat in a convoy")
    free = await order(quick_town, "A boat in other waters", channel="ideas")
    await free.plays()
    message = await limited.plays()

    assert held.hits == 1
    assert ids(everywhere(quick_town, limited.job_id)) == [message["id"]]


async def test_a_ban_that_lasts_is_no_reason_to_storm(quick_town: Town) -> None:
    banned = quick_town.discord.faults.answer_instead(
        "PATCH", UPLOAD, 429, 0, message="error code: 1015", times=3, when=lambda request: bool(request.files)
    )

    card = await order(quick_town, "A boat in quarantine")
    await card.plays()

    assert banned.hits == 3
    assert len(uploads(quick_town, card.job_id)) == 4


@pytest.mark.parametrize("loses", ["answer", "connection"])
async def test_an_edit_whose_answer_is_lost_leaves_one_video(quick_town: Town, loses: str) -> None:
    faults = quick_town.discord.faults
    lose = faults.cut_after if loses == "connection" else faults.answer_after
    more = () if loses == "connection" else (502,)
    fault = lose("PATCH", UPLOAD, *more, when=lambda request: bool(request.files))

    card = await order(quick_town, f"A boat whose {loses} went down")
    await card.replied()

    assert fault.hits == 1
    assert ids(everywhere(quick_town, card.job_id)) == [card.message_id]
    assert len(card.replies()) == 1


async def test_a_card_that_may_no_longer_be_edited_gives_way_to_a_new_message(quick_town: Town) -> None:
    quick_town.discord.faults.answer_instead(
        "PATCH", UPLOAD, 429, 30046, when=lambda request: bool(request.files)
    )

    card = await order(quick_town, "A boat of the old days")
    (message,) = await quick_town.discord.until(lambda: playing(quick_town, card.job_id))
    await settled(quick_town, card)

    assert message["id"] != card.message_id
    assert card.message_id not in ids(quick_town.discord.messages(CHANNEL))


async def test_an_old_card_that_shows_the_video_already_stays(quick_town: Town) -> None:
    faults = quick_town.discord.faults
    unheard = faults.answer_after("PATCH", UPLOAD, 502, when=lambda request: bool(request.files))
    faults.answer_instead(
        "PATCH", UPLOAD, 429, 30046, times=9, when=lambda request: bool(request.files) and bool(unheard.hits)
    )

    card = await order(quick_town, "A boat of the old days that was heard of late")
    await settled(quick_town, card)

    assert ids(everywhere(quick_town, card.job_id)) == [card.message_id]


async def test_a_place_that_closes_while_an_edit_is_repeated_has_the_video_already(quick_town: Town) -> None:
    """discord.py repeats by itself what was answered with 502; here it had arrived the first time."""
    faults = quick_town.discord.faults
    unheard = faults.answer_after("PATCH", UPLOAD, 502, when=lambda request: bool(request.files))
    refusing = faults.answer_instead(
        "PATCH", UPLOAD, 403, 50013, when=lambda request: bool(request.files) and bool(unheard.hits)
    )

    card = await order(quick_town, "A boat in a harbour that closes behind it")
    await settled(quick_town, card)

    assert (unheard.hits, refusing.hits) == (1, 1)
    assert ids(everywhere(quick_town, card.job_id)) == [card.message_id]


async def test_an_archived_thread_is_woken_up(quick_town: Town) -> None:
    world, discord = quick_town.discord.world, quick_town.discord
    discord.set_permissions(CHANNEL, manage_channels=True)  # what this stand-in asks for
    thread = world.create_thread(discord.channel(CHANNEL), "boats", discord.member("member").id)
    sleepy = discord.faults.answer_instead(
        "PATCH", UPLOAD, 400, 50083, when=lambda request: bool(request.files)
    )
    call = await discord.member("member").command(thread.id, "video", prompt="A boat in a thread")
    woken = r"^/channels/\d+$"

    def shown() -> list[str]:
        messages = discord.messages(thread.id)
        return [clip["filename"] for message in messages for clip in clips(message)]

    await discord.until(shown)

    assert sleepy.hits == 1
    assert quick_town.sent("PATCH", woken) == [{"archived": False}]
    assert shown() == [f"video-{call.interaction_id}.mp4"]
    assert everywhere(quick_town, call.interaction_id) == []


# ------------------------------------------------------------ permissions


async def test_where_nothing_may_be_attached_the_video_comes_directly(quick_town: Town) -> None:
    card, held = await finished_late(quick_town, "A boat that may not land")
    quick_town.discord.set_permissions(CHANNEL, attach_files=False)

    held.times = 0
    (message,) = await quick_town.discord.until(lambda: playing(quick_town, card.job_id, "dm"))
    shown = await card.says(ELSEWHERE)

    assert buttons(shown) == ["🔁"]
    assert ids(everywhere(quick_town, card.job_id)) == [message["id"]]


async def undelivered(town: Town, prompt: str) -> Card:
    """Order a video that cannot be delivered: neither here nor by direct message."""
    card, held = await finished_late(town, prompt)
    town.discord.set_permissions(CHANNEL, attach_files=False)
    town.discord.close_dm("member")
    held.times = 0
    await card.says("Finished, but not delivered", "It is kept")
    await towns.reached(town, card.job_id, JobState.UNDELIVERABLE)
    return card


async def test_closed_direct_messages_keep_the_video_and_are_not_knocked_at_again(quick_town: Town) -> None:
    card = await undelivered(quick_town, "A boat on the rocks")
    before = len(quick_town.discord.requests)

    other = await order(quick_town, "Another boat", by="second", channel="ideas")
    await other.replied()

    later = quick_town.discord.requests[before:]
    assert (quick_town.folder / "videos" / f"video-{card.job_id}.mp4").exists()
    assert not [one for one in later if card.message_id in one.path]


async def test_a_press_brings_what_was_kept_where_nothing_may_be_posted(quick_town: Town) -> None:
    card = await undelivered(quick_town, "A boat in a bottle")

    await quick_town.discord.member("member").press(card.look(), "📥")
    message = await card.plays()

    assert await settled(quick_town, card) is JobState.DONE
    assert buttons(message) == ["🔁", "✏️", "⏭️", "✉️", "🗑️"]
    assert ids(everywhere(quick_town, card.job_id)) == [card.message_id]


async def test_many_presses_are_one(quick_town: Town) -> None:
    card = await undelivered(quick_town, "A boat that everybody wants")
    member, shown = quick_town.discord.member("member"), card.look()

    calls = await asyncio.gather(*(member.press(shown, "📥") for _ in range(20)))
    await card.plays()
    await settled(quick_town, card)
    answers = [await first_answer(quick_town, call) for call in calls]

    assert len(uploads(quick_town, card.job_id)) == 3  # here and directly, refused; and this one
    assert sum("already" in answer for answer in answers) == 19


async def first_answer(town: Town, call: Call) -> str:
    """What a press is answered with: private words, or the message itself."""

    def heard() -> str | None:
        shown = [message for message in (call.response(), *call.followups()) if message]
        return next((words(message) for message in shown if words(message)), None)

    return await town.discord.until(heard)


async def test_a_kept_video_is_got_from_its_details_and_its_card_deleted_from_there(quick_town: Town) -> None:
    card, member = (
        await undelivered(quick_town, "A boat asked for later"),
        quick_town.discord.member("member"),
    )
    asked = await member.command(CHANNEL, "job", id=str(card.job_id))
    details = await quick_town.discord.until(asked.response)

    got = await member.press(details, "📥")
    brought = await quick_town.discord.until(
        lambda: shown if (shown := got.response()) and clips(shown) else None
    )
    await settled(quick_town, card)
    await member.press(brought, "🗑️")
    await quick_town.discord.until(lambda: card.message_id not in ids(quick_town.discord.messages(CHANNEL)))

    assert buttons(details) == ["📥", "🔁", "✏️", "🗑️"]


async def test_another_members_video_is_not_handed_over(quick_town: Town) -> None:
    card = await undelivered(quick_town, "A boat that is mine")

    call = await quick_town.discord.member("second").press(card.look(), "📥")
    told = await private_answer(quick_town, call)

    assert "Only the person who asked for this video, or a moderator" in told
    assert everywhere(quick_town, card.job_id) == []


async def test_a_press_for_a_clip_that_is_gone_says_so(quick_town: Town) -> None:
    card = await undelivered(quick_town, "A boat that sank in port")
    (quick_town.folder / "videos" / f"video-{card.job_id}.mp4").unlink()

    call = await quick_town.discord.member("member").press(card.look(), "📥")

    assert "disappeared from this bot's disk" in await private_answer(quick_town, call)


async def test_a_press_works_after_a_restart_and_long_after_the_order(tmp_path: Path, clip: bytes) -> None:
    async with towns.opened(tmp_path / "data", clip=clip) as town:
        async with bot_inside(town):
            card = await undelivered(town, "A boat from another age")
        town.discord.expire_tokens()

        async with bot_inside(town):
            await town.discord.member("member").press(card.look(), "📥")
            message = await card.plays()

        assert message["id"] == card.message_id


async def test_where_the_bot_may_not_read_the_history_the_notice_comes_without_a_reference(
    quick_town: Town,
) -> None:
    quick_town.discord.set_permissions(CHANNEL, read_message_history=False)
    requester = quick_town.discord.member("member").id

    card = await order(quick_town, "A boat without a past")
    await settled(quick_town, card)

    shown = [words(message) for message in quick_town.discord.messages(CHANNEL)]
    assert shown.count(f"<@{requester}>, your video is ready.") >= 1
    assert ids(everywhere(quick_town, card.job_id)) == [card.message_id]


async def test_a_server_that_turns_us_out_leaves_the_video_kept(tmp_path: Path, clip: bytes) -> None:
    async with towns.opened(tmp_path / "data", clip=clip) as town, bot_inside(town):
        card, held = await finished_late(town, "A boat without a country")

        town.discord.world.remove_guild(town.discord.guild_id)
        held.times = 0
        job = await towns.reached(town, card.job_id, JobState.UNDELIVERABLE)

        assert job.reason is not None
        assert job.reason.code == "nobody_there"
        assert (town.folder / "videos" / f"video-{card.job_id}.mp4").exists()


async def test_a_member_who_left_still_leaves_the_video_to_the_channel(quick_town: Town) -> None:
    world, discord = quick_town.discord.world, quick_town.discord
    card, held = await finished_late(quick_town, "A boat for those who stay", by="second")

    world.remove_member(discord.guild_id, discord.member("second").id)
    held.times = 0
    (message,) = await discord.until(lambda: playing(quick_town, card.job_id))
    await settled(quick_town, card)

    world.add_member(discord.guild_id, discord.member("second").id)
    assert message["id"] == card.message_id
