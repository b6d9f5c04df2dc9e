"""A refusal of Discord's that repeats unchanged is a place's last word, unless every place gives it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from itertools import pairwise
from pathlib import Path

import pytest
import pytest_asyncio

from core.model.job import JobState
from sandbox.discord import Exchange
from sandbox.discord.calls import Reply
from sandbox.discord.faults import AnswerAfter, AnswerInstead
from sandbox.gateways.faults import task_fails
from tests.e2e.harness import town as towns
from tests.e2e.harness.bots import HastyClock, bot_inside
from tests.e2e.harness.deliveries import everywhere, finished_late, uploads, ways
from tests.e2e.harness.scenes import CHANNEL, Card, clips, ids, order, playing, words
from tests.e2e.harness.town import Town

pytestmark = pytest.mark.asyncio(loop_scope="module")

HASTE = 30.0
ELSEWHERE = "I could not put it here, so I sent it by direct message"
OPENING = r"^/users/@me/channels$"
UNLISTED = (50035, 240000, 200000, 20009, 20026, 50008, 50024, 99999)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def quick_town(tmp_path_factory: pytest.TempPathFactory, clip: bytes) -> AsyncIterator[Town]:
    """A town whose bot waits thirty times as fast as others, and whose moderator runs it."""
    folder = tmp_path_factory.mktemp("refused") / "data"
    async with towns.opened(folder, clip=clip) as town:
        town.changes["MATINEE_OPERATORS"] = str(town.discord.member("moderator").id)
        async with bot_inside(town, HastyClock(HASTE)):
            yield town


@pytest.fixture(autouse=True)
def as_always(quick_town: Town) -> Iterator[None]:
    """Leave the town as it was found."""
    yield
    quick_town.discord.faults.clear()
    quick_town.discord.close_dm("member", closed=False)
    quick_town.discord.set_permissions(CHANNEL, attach_files=True)


def apart(sent: list[Exchange]) -> list[float]:
    """The seconds between these by the bot's clock."""
    return [(later.at - before.at).total_seconds() * HASTE for before, later in pairwise(sent)]


def sent_to(town: Town, job_id: int, channel_id: int) -> list[Exchange]:
    return [one for one in uploads(town, job_id) if one.path.startswith(f"/channels/{channel_id}/")]


def directly(town: Town) -> str:
    """What is asked to send this member a direct message: it may have been opened before."""
    return (
        rf"{OPENING}|^/channels/{town.discord.channel_of('dm', town.discord.member('member').id)}/messages$"
    )


async def ended(town: Town, card: Card, state: JobState) -> None:
    """Wait, for longer than the waits are that lie between the tries."""
    await towns.reached(town, card.job_id, state, seconds=40)


async def alert(town: Town, *parts: str) -> str:
    def letter() -> str | None:
        letters = [words(one) for one in town.discord.messages("dm", viewer="moderator")]
        return next((text for text in letters if all(part in text for part in parts)), None)

    return await town.discord.until(letter, timeout=40)


@pytest.mark.parametrize("code", UNLISTED)
async def test_a10_any_code_that_repeats_over_a_minute_sends_the_video_to_its_requester(
    quick_town: Town, code: int
) -> None:
    channel = quick_town.discord.channel(CHANNEL)
    quick_town.discord.faults.refuse_uploads(400, code, channel_id=channel)

    card = await order(quick_town, f"A boat that nobody lists {code}")
    await ended(quick_town, card, JobState.DONE)
    await card.says(ELSEWHERE)

    tries = sent_to(quick_town, card.job_id, channel)
    assert len(tries) == 3
    assert sum(apart(tries)) >= 60
    assert len(ids(playing(quick_town, card.job_id, "dm"))) == 1
    assert ways(quick_town, card.job_id) == ["attach", "attach after closed"]


@pytest.mark.parametrize(("status", "code"), [(403, 200000), (404, 99999), (409, 99999), (402, 50035)])
async def test_a10_whatever_the_status_and_whatever_is_asked_there(
    quick_town: Town, status: int, code: int
) -> None:
    """Edits, new messages, looking through the channel: nothing is possible there any more."""
    discord = quick_town.discord
    card, held = await finished_late(quick_town, f"A boat before a wall {status} {code}")
    refused = discord.faults.answer_instead(
        "*", rf"^/channels/{discord.channel(CHANNEL)}/", status, code, times=None
    )
    held.times = 0

    await ended(quick_town, card, JobState.DONE)
    (message,) = playing(quick_town, card.job_id, "dm")

    assert refused.hits >= 3
    assert len(sent_to(quick_town, card.job_id, discord.channel(CHANNEL))) == 3
    assert ids(everywhere(quick_town, card.job_id)) == [message["id"]]


async def test_a10_a_new_message_that_is_refused_counts_like_an_edit(quick_town: Town) -> None:
    discord = quick_town.discord
    card, held = await finished_late(quick_town, "A boat whose card sank")
    await discord.member("moderator").delete(card.look())
    refused = discord.faults.answer_instead(
        "POST", rf"^/channels/{discord.channel(CHANNEL)}/messages$", 400, 240000, times=None
    )
    held.times = 0

    await ended(quick_town, card, JobState.DONE)

    assert refused.hits == 3
    assert len(playing(quick_town, card.job_id, "dm")) == 1


@pytest.mark.parametrize("code", [50035, 99999])
async def test_a10_refused_here_and_directly_it_is_kept_and_the_card_says_so(
    quick_town: Town, code: int
) -> None:
    quick_town.discord.faults.refuse_uploads(400, code)

    card = await order(quick_town, f"A boat for a museum {code}")
    await ended(quick_town, card, JobState.UNDELIVERABLE)
    await card.says("Finished, but not delivered", "It is kept", "press 📥")

    assert len(uploads(quick_town, card.job_id)) == 6
    quick_town.discord.faults.clear()
    await quick_town.discord.member("member").press(card.look(), "📥")
    assert clips(await card.plays())
    await ended(quick_town, card, JobState.DONE)


async def test_a10_a_code_that_every_place_gives_is_waited_for_and_told_to_the_operator(
    quick_town: Town,
) -> None:
    quick_town.discord.faults.refuse_uploads(400, 50109)

    cards = [
        await order(quick_town, "A boat in the great fog"),
        await order(quick_town, "Another boat in it", channel="ideas"),
    ]
    told = await alert(quick_town, "Discord takes no videos", "400/50109")
    at_first = [len(uploads(quick_town, card.job_id)) for card in cards]
    states = [(await towns.job(quick_town, card.job_id)).state for card in cards]
    quick_town.discord.faults.clear()

    assert [clips(await card.plays()) != [] for card in cards] == [True, True]
    for card in cards:
        await ended(quick_town, card, JobState.DONE)
    assert states == [JobState.DELIVERING] * 2
    assert max(at_first) <= 4
    assert "nothing is charged anew" in told
    assert [playing(quick_town, card.job_id, "dm") for card in cards] == [[], []]


async def test_a10_what_another_place_takes_meanwhile_is_no_fault_of_discords(quick_town: Town) -> None:
    discord = quick_town.discord
    for name in (CHANNEL, "ideas"):
        discord.faults.refuse_uploads(400, 50109, channel_id=discord.channel(name))
    cards = [
        await order(quick_town, "A boat in a small fog"),
        await order(quick_town, "Another boat in a small fog", channel="ideas"),
    ]
    await discord.until(lambda: all(uploads(quick_town, card.job_id) for card in cards))

    call = await discord.member("second").command(CHANNEL, "video", prompt="A boat at home", private=True)
    await discord.until(lambda: playing(quick_town, call.interaction_id, "dm", "second"))

    for card in cards:
        await ended(quick_town, card, JobState.DONE)
        assert len(playing(quick_town, card.job_id, "dm")) == 1


async def test_a10_an_unauthorized_token_is_waited_for_and_told_to_the_operator_at_once(
    quick_town: Town,
) -> None:
    channel = quick_town.discord.channel(CHANNEL)
    unknown = quick_town.discord.faults.refuse_uploads(401, 0, channel_id=channel)

    card = await order(quick_town, "A boat without papers")
    await alert(quick_town, "Discord takes no videos", "401/0")
    unknown.times = 0

    assert (await card.plays())["id"] == card.message_id


@pytest.mark.parametrize("status", [400, 403, 404, 503, 520])
async def test_a10_a_page_is_waited_for_and_told_to_the_operator_where_it_lasts(
    quick_town: Town, status: int
) -> None:
    channel = quick_town.discord.channel(CHANNEL)
    page = quick_town.discord.faults.answer_with_page(
        "PATCH", rf"^/channels/{channel}/messages", status, times=None, when=lambda sent: bool(sent.files)
    )

    card = await order(quick_town, f"A boat behind a portal {status}")
    await alert(quick_town, "Discord takes no videos", f"{status}/0")
    tries = uploads(quick_town, card.job_id)
    page.times = 0

    assert (await card.plays())["id"] == card.message_id
    first = tries[0].at
    assert sum((one.at - first).total_seconds() * HASTE < 45 for one in tries) <= 4


async def test_a10_a_refusal_that_changes_or_passes_is_not_the_last_word(quick_town: Town) -> None:
    channel = quick_town.discord.channel(CHANNEL)
    for code in (50035, 200000, 50035, 200000):
        quick_town.discord.faults.refuse_uploads(400, code, channel_id=channel, times=1)

    card = await order(quick_town, "A boat in changing weather")
    message = await quick_town.discord.until(lambda: card.look() if clips(card.look()) else None, timeout=40)

    assert message["id"] == card.message_id
    assert len(uploads(quick_town, card.job_id)) == 5


@pytest.mark.parametrize(
    "reply",
    [
        Reply(400, {"message": "no", "code": 50035, "errors": ["unknown"]}),
        Reply(400, {"message": None, "code": 50035}),
        Reply(403, "<title>für".encode("latin-1")),
        Reply(429, {"message": "slower"}, {"Via": "1.1 google"}),
        Reply(400, {"message": "no", "code": 50035}, {"X-RateLimit-Remaining": "few"}),
        Reply(200, {}),
        Reply(200, b"<title>Welcome</title>"),
    ],
    ids=["errors", "message", "letters", "no time", "header", "no message", "page"],
)
async def test_a10_an_answer_in_no_known_form_is_waited_for_and_told_to_the_operator(
    quick_town: Town, reply: Reply, caplog: pytest.LogCaptureFixture
) -> None:
    channel = quick_town.discord.channel(CHANNEL)
    odd = quick_town.discord.faults.add(
        "PATCH", rf"^/channels/{channel}/messages", AnswerInstead(reply), times=None
    )

    card = await order(quick_town, "A boat that is answered oddly")
    await alert(quick_town, "Discord takes no videos", "unreadable")
    odd.times = 0

    assert (await card.plays())["id"] == card.message_id
    assert [one.getMessage() for one in caplog.records if one.levelname == "ERROR"] == []


async def test_a10_codes_that_change_for_ten_minutes_are_a_last_word(quick_town: Town) -> None:
    channel, codes = quick_town.discord.channel(CHANNEL), (200000, 240000, 20009)
    card, held = await finished_late(quick_town, "A boat that is refused for ever new reasons")
    for code in codes * 12:
        quick_town.discord.faults.refuse_uploads(400, code, channel_id=channel, times=1)
    held.times = 0

    await ended(quick_town, card, JobState.DONE)

    assert len(playing(quick_town, card.job_id, "dm")) == 1
    assert 6 < len(sent_to(quick_town, card.job_id, channel)) < 30


@pytest.mark.parametrize("status", [400, 403])
async def test_a10_a_card_that_may_be_no_answer_to_anything_is_left(quick_town: Town, status: int) -> None:
    """Discord's code for answers that are not allowed, where nothing is answered."""
    channel = quick_town.discord.channel(CHANNEL)
    quick_town.discord.faults.refuse_uploads(status, 160002, channel_id=channel)

    card = await order(quick_town, f"A boat that answers nothing {status}")
    await ended(quick_town, card, JobState.DONE)

    assert len(sent_to(quick_town, card.job_id, channel)) == 3
    assert len(playing(quick_town, card.job_id, "dm")) == 1


async def test_a10_direct_messages_that_a_filter_closes_are_not_knocked_at_again(quick_town: Town) -> None:
    discord = quick_town.discord
    card, held = await finished_late(quick_town, "A boat that is taken for spam")
    discord.set_permissions(CHANNEL, attach_files=False)
    spam = discord.faults.answer_instead("POST", directly(quick_town), 403, 20026, times=None)
    held.times = 0

    await ended(quick_town, card, JobState.UNDELIVERABLE)
    await card.says("Finished, but not delivered")

    assert spam.hits == 1


async def test_a10_direct_messages_that_are_opened_too_fast_are_opened_later(quick_town: Town) -> None:
    discord = quick_town.discord
    card, held = await finished_late(quick_town, "A boat in a hurry")
    discord.set_permissions(CHANNEL, attach_files=False)
    fast = discord.faults.answer_instead("POST", directly(quick_town), 403, 40003, times=2)
    held.times = 0

    await ended(quick_town, card, JobState.DONE)

    assert fast.hits == 2
    assert len(playing(quick_town, card.job_id, "dm")) == 1


async def test_a10_a_notice_that_is_refused_is_tried_three_times(quick_town: Town) -> None:
    channel = quick_town.discord.channel(CHANNEL)
    refused = quick_town.discord.faults.answer_instead(
        "POST", rf"^/channels/{channel}/messages$", 400, 200000, times=None
    )

    card = await order(quick_town, "A boat that may not be announced")
    await card.plays()
    await ended(quick_town, card, JobState.DONE)

    assert refused.hits == 3
    assert len(ids(everywhere(quick_town, card.job_id))) == 1


async def test_a10_bad_news_that_the_card_does_not_take_comes_directly(quick_town: Town) -> None:
    discord, prompt = quick_town.discord, "A boat that was cancelled by its maker"
    quick_town.goes_wrong(task_fails(), prompt)
    _, held = await finished_late(quick_town, prompt)
    refused = discord.faults.answer_instead(
        "*", rf"^/channels/{discord.channel(CHANNEL)}/", 400, 200000, times=None
    )
    before = len(discord.messages("dm", viewer="member"))
    held.times = 0

    await discord.until(lambda: len(discord.messages("dm", viewer="member")) > before, timeout=40)

    assert "No video" in words(discord.messages("dm", viewer="member")[-1])
    assert refused.hits >= 3


async def test_a10_an_operator_who_takes_no_alerts_holds_up_nothing(tmp_path: Path, clip: bytes) -> None:
    async with towns.opened(tmp_path / "data", clip=clip) as town:
        town.changes["MATINEE_OPERATORS"] = str(town.discord.member("moderator").id)
        refused = town.discord.faults.answer_instead("POST", OPENING, 400, 99999, times=None)
        async with bot_inside(town, HastyClock(HASTE)):
            town.discord.faults.refuse_uploads(401, 0, channel_id=town.discord.channel(CHANNEL), times=3)
            card = await order(town, "A boat with a deaf harbour master")
            await town.discord.until(lambda: card.look() if clips(card.look()) else None, timeout=40)
            await town.discord.until(lambda: refused.hits >= 3, timeout=40)

            await (await order(town, "A boat after that", channel="ideas")).plays()

    assert refused.hits == 3


@pytest.mark.parametrize("method", ["PATCH", "POST"])
async def test_a10_a_video_that_came_is_seen_though_the_answer_cannot_be_read(
    quick_town: Town, method: str
) -> None:
    channel = quick_town.discord.channel(CHANNEL)
    card, held = await finished_late(quick_town, f"A boat that came unsaid {method}")
    if method == "POST":
        await quick_town.discord.member("moderator").delete(card.look())
    quick_town.discord.faults.add(
        method,
        rf"^/channels/{channel}/messages",
        AnswerAfter(Reply(200, {})),
        times=None,
        when=lambda sent: bool(sent.files),
    )
    held.times = 0

    await ended(quick_town, card, JobState.DONE)

    assert len(ids(everywhere(quick_town, card.job_id))) == 1
    assert len(sent_to(quick_town, card.job_id, channel)) <= 2
