"""`/privacy` in the running bot: what a member is shown, takes along, and has erased."""

from __future__ import annotations

import json
import re
from typing import Any

import aiohttp

from core.model.job import JobState
from core.model.ledger import Account, Entry, Scope, Usage
from sandbox.discord import Call
from sandbox.gateways.faults import create_accepted_then_reset, create_refused
from storage.sqlite.database import open_for_reading
from storage.sqlite.erasures import SqliteErasures
from storage.sqlite.jobs import SqliteJobStore
from tests.bot.command_line import process
from tests.e2e.harness import town as towns
from tests.e2e.harness.bots import HastyClock, bot_inside, bot_process
from tests.e2e.harness.deliveries import show_to_the_world
from tests.e2e.harness.erasing import asked_to_erase, erase, traces
from tests.e2e.harness.files import picture
from tests.e2e.harness.scenes import CHANNEL, EPHEMERAL, Card, buttons, card_of, order, private_answer, words
from tests.e2e.harness.town import Town

PROMPT = "A boat nobody should remember"
GONE = "has been erased"


async def shown(town: Town, by: str = "member") -> dict[str, Any]:
    """Send /privacy and return its answer."""
    call = await town.discord.member(by).command(CHANNEL, "privacy")
    return await town.discord.until(lambda: call.response() if words(call.response()) else None)


async def test_a_member_is_shown_what_is_kept_and_no_other_member_sees_it(town: Town) -> None:
    async with bot_inside(town):
        empty = await shown(town)
        card = await order(town, PROMPT, image=picture())
        await towns.reached(town, card.job_id, JobState.DONE)

        message = await shown(town)

    assert "Nothing is kept about you" in words(empty)
    assert buttons(empty) == []
    assert message["flags"] & EPHEMERAL
    assert "1 video that you asked for since" in words(message)
    assert "1 picture" in words(message)
    assert "2 lines in the books" in words(message)
    assert buttons(message) == ["📦", "🧹"]


async def test_a_member_takes_along_what_the_operator_could_hand_over(town: Town) -> None:
    async with bot_inside(town):
        card = await order(town, PROMPT)
        await towns.reached(town, card.job_id, JobState.DONE)
        await (await order(town, "Somebody else's boat", by="second")).plays()

        call = await town.discord.member("member").press(await shown(town), "📦")
        (file,) = await town.discord.until(lambda: exported(call))
        async with aiohttp.ClientSession() as browser, browser.get(file["url"]) as got:
            lines = await got.text()
        member_id = str(town.discord.member("member").id)
        printed = await process("db", "export", member_id, environment=town.environment)

    record = json.loads(lines)
    assert lines == printed.out
    assert (record["id"], record["request"]["prompt"]) == (card.job_id, PROMPT)
    assert record["history"][-1]["after"] == "DONE"
    assert [entry["booking"] for entry in record["ledger"]] == ["reserved", "settled"]


async def test_what_is_too_large_for_one_file_comes_in_several(town: Town) -> None:
    async with bot_inside(town):
        for number in range(3):
            card = await order(town, f"{PROMPT}, {number}")
            await towns.reached(town, card.job_id, JobState.DONE)
        message = await shown(town)
        town.discord.upload_limit = 5_000

        call = await town.discord.member("member").press(message, "📦")
        parts = await town.discord.until(lambda: found if len(found := exported(call)) == 3 else None)
        async with aiohttp.ClientSession() as browser:
            lines = [json.loads(await (await browser.get(part["url"])).text()) for part in parts]

    assert [part["filename"] for part in parts] == ["matinee.jsonl", "matinee-2.jsonl", "matinee-3.jsonl"]
    assert [line["request"]["prompt"] for line in lines] == [f"{PROMPT}, {number}" for number in (2, 1, 0)]


def exported(call: Call) -> list[dict[str, Any]]:
    """The files that a member got, which no other member sees."""
    answers = [message for message in (call.response(), *call.followups()) if message]
    assert all(message["flags"] & EPHEMERAL for message in answers)
    return [file for message in answers for file in message["attachments"]]


async def test_erasing_asks_twice_and_leaves_no_trace_on_the_disk(town: Town) -> None:
    async with bot_inside(town):
        card = await order(town, PROMPT, image=picture())
        await towns.reached(town, card.job_id, JobState.DONE)
        assert traces(town, PROMPT)

        told = await erase(town)
        await towns.written(lambda: is_clean(town))

    assert "Erased:** 1 video" in told
    assert list((town.folder / "videos").iterdir()) == []
    assert list((town.folder / "pictures").iterdir()) == []


async def is_clean(town: Town) -> bool:
    return not traces(town, PROMPT)


async def in_all_states(town: Town) -> dict[str, Card]:
    """Order videos of the same member until there is one in each state that lasts."""
    town.goes_wrong(create_refused(400, 1301, "too rude"), f"{PROMPT}, refused")
    town.goes_wrong(create_accepted_then_reset(), f"{PROMPT}, in doubt")
    town.keeps_working(f"{PROMPT}, running")
    cards = {"done": await order(town, f"{PROMPT}, done", image=picture())}
    await towns.reached(town, cards["done"].job_id, JobState.DONE)
    for state, words_of in (("refused", "No video"), ("in doubt", "Not confirmed"), ("running", "making it")):
        cards[state] = await order(town, f"{PROMPT}, {state}")
        await cards[state].says(words_of)
    cards["waiting"] = await order(town, f"{PROMPT}, waiting")
    await cards["waiting"].says("Waiting for its turn")
    return cards


async def test_what_is_under_way_still_arrives_and_is_erased_then(town: Town) -> None:
    town.changes["MATINEE_MEMBER_RUNNING"] = "1"
    async with bot_inside(town, HastyClock(240)):
        cards = await in_all_states(town)
        before = await spent(town)

        told = await erase(town)
        left = {job.id for job in await towns.jobs(town) if not job.is_erased}
        town.gateways.faults.clear()
        await cards["running"].plays()
        await cards["waiting"].plays()
        call = await town.discord.member("member").press(cards["in doubt"].look(), "✔️")
        await call.answered()
        await towns.written(lambda: is_clean(town), 60)
        after = await spent(town)

    assert "Erased:** 2 videos" in told
    assert "Under way:** 3 videos" in told
    assert left == {cards[state].job_id for state in ("in doubt", "running", "waiting")}
    assert [len(town.creates(f"{PROMPT}, {state}")) for state in cards] == [1] * 5
    assert before.videos == after.videos == 4
    assert after.reserved == 0
    assert after.spent == sum(entry.spent for entry in await booked(town))


async def spent(town: Town) -> Usage:
    """What the whole bot has used."""
    async with open_for_reading(town.folder / "matinee.db") as database:
        return await SqliteJobStore(database).usage(Account(Scope.BOT, 0, ""))


async def booked(town: Town) -> list[Entry]:
    """All lines of the ledger."""
    async with open_for_reading(town.folder / "matinee.db") as database:
        store = SqliteJobStore(database)
        return [entry for job in await store.recent() for entry in await store.entries(job.id)]


async def test_erasing_gives_no_new_videos_for_today(town: Town) -> None:
    town.changes["MATINEE_MEMBER_VIDEOS_PER_DAY"] = "1"
    async with bot_inside(town):
        card = await order(town, PROMPT)
        await towns.reached(town, card.job_id, JobState.DONE)

        told = await erase(town)
        call = await town.discord.member("member").command(CHANNEL, "video", prompt="One more boat")
        refused = await private_answer(town, call)
        again = await shown(town)

    assert "You have asked to be erased" in words(again)
    assert "goes on counting until" in told
    assert "You have used 1 of your 1 video today" in refused


async def test_a_member_who_uses_an_old_message_is_told_that_it_was_erased(town: Town) -> None:
    async with bot_inside(town):
        card = await order(town, PROMPT)
        await towns.reached(town, card.job_id, JobState.DONE)
        message = card.look()
        _ = await erase(town)
        member, second = town.discord.member("member"), town.discord.member("second")

        told = [
            await private_answer(town, await second.press(message, control)) for control in ("🔁", "✏️", "✉️")
        ]
        told.append(await private_answer(town, await member.press(message, "🗑️")))
        told.append(await private_answer(town, await member.command(CHANNEL, "job", id=str(card.job_id))))
        told.append(await private_answer(town, await second.menu(message, "Video details")))
        await second.react(message, "🔁")
        await town.discord.until(lambda: any(GONE in words(reply) for reply in card.replies()))
        listed = await private_answer(town, await member.command(CHANNEL, "jobs"))
        call = await town.discord.member("moderator").press(message, "🗑️")
        await call.answered()
        await town.discord.until(lambda: is_gone(card))

    assert all(GONE in one and "nothing was charged" in one for one in told), told
    assert "nothing here yet" in listed
    assert len(town.creates(PROMPT)) == 1


def is_gone(card: Card) -> bool:
    try:
        card.look()
    except LookupError:
        return True
    return False


async def test_another_members_video_made_from_it_stays_theirs(town: Town) -> None:
    async with bot_inside(town):
        card = await order(town, PROMPT, image=picture())
        message = await card.plays()
        call = await town.discord.member("second").press(message, "🔁")
        again = await card_of(town, call, viewer="second")
        for one in (card, again):
            await towns.reached(town, one.job_id, JobState.DONE)

        _ = await erase(town)

        (left,) = [job for job in await towns.jobs(town) if not job.is_erased]
    assert (left.id, left.request.prompt) == (again.job_id, PROMPT)
    assert len(list((town.folder / "pictures").iterdir())) == 1


async def test_what_is_kept_of_a_member_who_ordered_nothing_is_shown_and_erased_too(town: Town) -> None:
    """Pressing ✉️ under another member's video teaches what direct messages take."""
    async with bot_inside(town):
        video = await (await order(town, PROMPT)).plays()
        town.discord.upload_limit = 5_000
        await private_answer(town, await town.discord.member("second").press(video, "✉️"))

        message = await shown(town, by="second")
        await erase(town, by="second")
        after = await shown(town, by="second")

    assert "how large a file may be" in words(message)
    assert buttons(message) == ["📦", "🧹"]
    assert "Nothing is kept about you" in words(after)


async def test_a_link_to_an_erased_video_opens_nothing(town: Town) -> None:
    show_to_the_world(town)
    town.discord.upload_limit = 2_000
    async with bot_inside(town):
        card = await order(town, PROMPT)
        found = re.search(r"\(<(http://[^>]+)>\)", words(await card.says("Open the video")))
        assert found is not None
        await towns.reached(town, card.job_id, JobState.DONE)
        async with aiohttp.ClientSession() as browser:
            async with browser.get(found[1]) as before:
                assert before.status == 200

            _ = await erase(town)

            async with browser.get(found[1]) as after:
                assert after.status == 410
                assert PROMPT not in await after.text()


async def test_a_kill_while_erasing_is_no_way_out(town: Town) -> None:
    held = town.keeps_working(f"{PROMPT}, running")
    async with bot_process(town) as bot:
        card = await order(town, f"{PROMPT}, done", image=picture())
        await towns.reached(town, card.job_id, JobState.DONE)
        running = await order(town, f"{PROMPT}, running")
        await running.says("making it")
        call = await asked_to_erase(town)
        await towns.written(lambda: is_noted(town))
        await bot.kill()

    held.times = 0
    async with bot_process(town):
        await towns.reached(town, running.job_id, JobState.DONE)
    async with bot_process(town):
        await towns.written(lambda: is_clean(town), 40)

    assert [len(town.creates(f"{PROMPT}, {state}")) for state in ("done", "running")] == [1, 1]
    assert call.interaction_id


async def is_noted(town: Town) -> bool:
    async with open_for_reading(town.folder / "matinee.db") as database:
        return bool(await SqliteErasures(database).under_way())


async def test_the_operator_erases_beside_the_running_bot(town: Town) -> None:
    async with bot_process(town):
        card = await order(town, PROMPT)
        await towns.reached(town, card.job_id, JobState.DONE)
        member_id = town.discord.member("member").id

        ran = await process("db", "erase", str(member_id), environment=town.environment)
        await towns.written(lambda: is_clean(town), 40)

    assert (ran.code, ran.err) == (0, "")
    assert f"Erased: 1 job of {member_id}" in ran.out
