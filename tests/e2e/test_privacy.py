"""`/privacy` in the running bot: what a member is shown, takes along, and has erased."""

from __future__ import annotations

import json
from typing import Any

import aiohttp

from core.jobs import JobState
from tests.e2e import town as towns
from tests.e2e.bots import bot_inside
from tests.e2e.erasing import erased_as_wished, traces
from tests.e2e.files import picture
from tests.e2e.scenes import CHANNEL, EPHEMERAL, buttons, order, words
from tests.e2e.town import Town

PROMPT = "A boat nobody should remember"
GONE = "has been erased"


async def shown(town: Town, by: str = "member") -> dict[str, Any]:
    """Send /privacy and return its answer."""
    call = await town.discord.member(by).command(CHANNEL, "privacy")
    return await town.discord.until(lambda: call.response() if words(call.response()) else None)


async def test_a_member_is_shown_what_is_kept_and_nobody_else_sees_it(town: Town) -> None:
    async with bot_inside(town):
        empty = await shown(town)
        card = await order(town, PROMPT, image=picture())
        await towns.reached(town, card.job_id, JobState.DONE)

        message = await shown(town)

    assert "Nothing is kept about you" in words(empty)
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
        message = await town.discord.until(
            lambda: one if (one := call.response()) and one["attachments"] else None
        )
        async with aiohttp.ClientSession() as browser, browser.get(message["attachments"][0]["url"]) as got:
            lines = [json.loads(line) for line in (await got.text()).splitlines()]

    assert message["flags"] & EPHEMERAL
    (exported,) = lines
    assert (exported["id"], exported["request"]["prompt"]) == (card.job_id, PROMPT)
    assert exported["history"][-1]["after"] == "DONE"
    assert [entry["booking"] for entry in exported["ledger"]] == ["reserved", "settled"]


async def test_erasing_asks_twice_and_leaves_no_trace_on_the_disk(town: Town) -> None:
    async with bot_inside(town):
        card = await order(town, PROMPT, image=picture())
        await towns.reached(town, card.job_id, JobState.DONE)
        assert traces(town, PROMPT)

        told = await erased_as_wished(town)
        await towns.written(lambda: is_clean(town))

    assert "Erased:** 1 video" in told
    assert list((town.folder / "videos").iterdir()) == []
    assert list((town.folder / "pictures").iterdir()) == []


async def is_clean(town: Town) -> bool:
    return not traces(town, PROMPT)
