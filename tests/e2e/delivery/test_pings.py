"""A prompt makes the bot ping only its requester: read from what the bot sends to Discord."""

from __future__ import annotations

import asyncio
import json
import re
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from core.model.job import JobState
from sandbox.discord import Call, Exchange
from sandbox.discord.json_parts import is_object
from sandbox.gateways.faults import task_fails
from tests.e2e.harness import town as towns
from tests.e2e.harness.prompting import opened_ideas
from tests.e2e.harness.prompting import says as prompts
from tests.e2e.harness.scenes import EPHEMERAL, Message, order, private_answer, words
from tests.e2e.harness.town import Town

pytestmark = pytest.mark.asyncio(loop_scope="module")

CALLS_OUT = re.compile(r"@everyone|@here|<@[!&]?\d+>")
MESSAGES = re.compile(r"^(/channels/\d+/messages|/webhooks/\d+/[^/]+(/messages/[^/]+)?)(/\d+)?$")
CALLBACK = re.compile(r"^/interactions/\d+/[^/]+/callback$")
WITH_A_MESSAGE = {4, 7}
"""The kinds of answer to an interaction that carry a message: a new one, and a changed one."""

TRAPS = (
    "@everyone",
    "@here",
    "<@{second}>",
    "<@!{second}>",
    "<@&{role}>",
    "<@{member}>",
    "`@everyone`",
    "```\n@here\n```",
    "``` `` @everyone `` ```",
    "`` ` <@{second}> ` ``",
    "[<@{second}>](https://example.com/@everyone)",
    "[@here](<https://example.com>)",
    "||<@&{role}>||",
    "\\<@{second}>",
    "\\\\@everyone",
    "> @everyone",
    "<<@{second}>>",
    "@\u200beveryone @every\u200bone",
)


def message_in(exchange: Exchange) -> dict[str, Any] | None:
    """The message that a request creates or changes, if it does."""
    payload = exchange.payload
    if exchange.method not in {"POST", "PATCH"} or not is_object(payload):
        return None
    if CALLBACK.match(exchange.path):
        return payload.get("data") if payload["type"] in WITH_A_MESSAGE else None
    return payload if MESSAGES.match(exchange.path) else None


def could_ping(message: dict[str, Any]) -> bool:
    return "message_reference" in message or bool(CALLS_OUT.search(json.dumps(message, ensure_ascii=False)))


def pings_beyond(message: dict[str, Any], requester_id: int) -> bool:
    """Whether Discord may notify another member, by what the message allows."""
    allowed = message.get("allowed_mentions")
    if allowed is None:
        return could_ping(message)
    listed: list[int | str] = allowed.get("users") or []
    users = {int(user) for user in listed}
    broad = allowed.get("parse") or allowed.get("roles") or allowed.get("replied_user")
    return bool(broad) or not users <= {requester_id}


def too_loud(town: Town) -> list[str]:
    """The messages of the bot that may notify another than the member, who orders everything here."""
    member_id = town.discord.member("member").id
    sent = ((exchange, message_in(exchange)) for exchange in town.discord.requests)
    return [
        f"{exchange.method} {exchange.path}: {message}"
        for exchange, message in sent
        if message is not None and pings_beyond(message, member_id)
    ]


def dangerous(town: Town) -> list[dict[str, Any]]:
    sent = filter(None, map(message_in, town.discord.requests))
    return [message for message in sent if could_ping(message)]


def with_ids(town: Town, trap: str) -> str:
    """Write the ids of this town's people into a prompt."""
    people = {name: town.discord.member(name).id for name in ("member", "second")}
    for name, number in {**people, "role": town.discord.guild_id}.items():
        trap = trap.replace(f"{{{name}}}", str(number))
    return trap


async def settled(town: Town, call: Call, seconds: float = 8) -> None:
    """Wait until nothing is left to do for an order, or until it was refused."""

    async def has_settled() -> bool:
        job = next((job for job in await towns.jobs(town) if job.id == call.interaction_id), None)
        if job is None:
            said = (call.response(), *call.followups())
            return any(words(one) for one in said if one and one["flags"] & EPHEMERAL)
        return job.has_ended and job.next_at is None

    async with asyncio.timeout(seconds):
        while not await has_settled():  # noqa: ASYNC110 - no event tells what the bot writes down
            await asyncio.sleep(0.02)


@settings(
    max_examples=25,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    parts=st.lists(st.sampled_from(TRAPS) | st.text(alphabet="ab`[]()<>@&!|*_\\ \n", max_size=8), min_size=1),
    fails=st.booleans(),
)
async def test_no_prompt_pings_another_member(lively_town: Town, parts: list[str], *, fails: bool) -> None:
    prompt = with_ids(lively_town, "".join(parts))
    fault = lively_town.gateways.faults.add(task_fails(f"it sank: {prompt}"), times=int(fails))

    await settled(
        lively_town, await lively_town.discord.member("member").command("general", "video", prompt=prompt)
    )
    fault.times = 0

    assert too_loud(lively_town) == []


async def test_all_traps_at_once_ping_no_member_on_any_way_of_asking(lively_town: Town) -> None:
    traps = with_ids(lively_town, "A boat " + " ".join(TRAPS))
    member = lively_town.discord.member("member")
    card = await order(lively_town, traps)
    message = await card.plays()
    await card.replied()

    await settled(lively_town, await member.press(message, "🔁"))
    form = await lively_town.discord.until((await member.press(message, "✏️")).modal)
    await settled(lively_town, await member.submit(form, prompt=f"{traps} again"))
    longer = await lively_town.discord.until((await member.press(message, "⏭️")).modal)
    await settled(lively_town, await member.submit(longer, prompt=f"{traps} on"))
    for command, options in (("job", {"id": str(card.job_id)}), ("jobs", {}), ("queue", {})):
        await private_answer(lively_town, await member.command("general", command, **options))
    await private_answer(lively_town, await member.command("general", "video", prompt="a", model=traps[:90]))

    assert any("@everyone" in json.dumps(message) for message in dangerous(lively_town))
    assert too_loud(lively_town) == []


async def test_messages_and_reactions_make_the_bot_ping_no_other_member(lively_town: Town) -> None:
    traps = with_ids(lively_town, " ".join(TRAPS))
    bot, member = lively_town.discord.world.bot_user.id, lively_town.discord.member("member")
    called = await member.send("general", f"<@{bot}> A boat that is called {traps}")
    card = await lively_town.discord.until(lambda: replies_with_clips(lively_town, called))
    await opened_ideas(lively_town)

    await member.react(card, "🔁")
    await prompts(lively_town, f"A boat of ideas {traps}")
    await prompts(lively_town, f"{traps} --mode @everyone")
    await all_done(lively_town, "A boat that is called", 2)
    await all_done(lively_town, "A boat of ideas", 1)

    assert too_loud(lively_town) == []


def replies_with_clips(town: Town, message: Message) -> Message | None:
    shown = town.discord.messages("general")
    return next(
        (
            one
            for one in shown
            if (one.get("message_reference") or {}).get("message_id") == message["id"] and one["attachments"]
        ),
        None,
    )


async def all_done(town: Town, beginning: str, count: int, seconds: float = 8) -> None:
    """Wait until so many videos whose prompts begin so were brought."""

    async def done() -> int:
        found = [job for job in await towns.jobs(town) if job.request.prompt.startswith(beginning)]
        return [job.state for job in found].count(JobState.DONE)

    async with asyncio.timeout(seconds):
        while await done() < count:  # noqa: ASYNC110 - no event tells what the bot writes down
            await asyncio.sleep(0.05)
