from __future__ import annotations

import copy
import os
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from sandbox.discord import Exchange
from sandbox.gateways.faults import create_refused, task_fails
from tests.e2e.harness.discord_document import Document
from tests.e2e.harness.discord_rules import broken_rules
from tests.e2e.harness.files import PAGE, picture
from tests.e2e.harness.prompting import made, managing, marked, opened_ideas, says, slip
from tests.e2e.harness.scenes import CHANNEL, card_of, order, playing, private_answer, replies_to
from tests.e2e.harness.town import Town

pytestmark = pytest.mark.asyncio(loop_scope="module")

BESIDE = Path(__file__).parents[4] / "shared" / "data" / "discord_openapi.json"
DOCUMENT = Path(os.environ.get("DISCORD_OPENAPI", BESIDE))

Payload = dict[str, Any]


@pytest.fixture(scope="module")
def document() -> Document:
    if not DOCUMENT.exists():
        pytest.skip(
            "DISCORD_OPENAPI names no file: it is Discord's description of its own API, which it publishes "
            "as specs/openapi.json at https://github.com/discord/discord-api-spec"
        )
    return Document(DOCUMENT)


async def everything_that_is_ever_sent(town: Town) -> list[Exchange]:
    """Let the bot do each kind of thing that it does once, and return its requests."""
    member, second = town.discord.member("member"), town.discord.member("second")
    await member.autocomplete(CHANNEL, "video", "model", "kling")
    await (await order(town, "A boat " * 300, image=picture("boat.webp"), count=2)).plays()
    town.goes_wrong(task_fails("It sank"), "A boat that fails")
    await (await order(town, "A boat that fails")).replied()
    town.goes_wrong(create_refused(400, 1301, "too rude"), "A rude boat")
    await (await order(town, "A rude boat")).replied()
    await private_answer(town, await member.command(CHANNEL, "video", prompt="A boat", duration=7))
    page = replace(picture(), data=PAGE)
    await private_answer(town, await member.command(CHANNEL, "video", prompt="A boat", image=page))
    await private_answer(town, await member.command(CHANNEL, "video", prompt="A boat", private=True))
    await pressed_everywhere(town)
    await (await card_of(town, await second.command(CHANNEL, "animate", image=picture()))).replied()
    await made_again_in_every_way(town)
    await prompted_and_voted(town)
    return town.discord.requests


async def prompted_and_voted(town: Town) -> None:
    """Order in a channel of prompts and in its threads, be refused there, bring a clip to the gallery."""
    ideas, wall = town.discord.channel("ideas"), town.discord.channel("gallery")
    await opened_ideas(town)
    await managing(town, "gallery", channel=wall, threshold=1)
    message = await says(town, "A kite @everyone", files=[picture()])
    await marked(town, message, "✅")
    await town.discord.member("second").react(await made(town, message), "⭐")
    await town.discord.until(lambda: town.discord.messages("gallery"))
    await slip(town, await says(town, "A kite --ar tall"), "--ar takes a ratio")
    town.discord.set_permissions("ideas", create_public_threads=True)
    await managing(town, "channel edit", channel=ideas, threads=True, cooldown=1, model="kling-v3")
    await marked(town, await says(town, "A kite on a thread"), "✅")
    await managing(town, "channel list")
    await managing(town, "channel remove", channel=ideas)


async def pressed_everywhere(town: Town) -> None:
    """Cancel too late, lose the card, run again, delete."""
    member, second = town.discord.member("member"), town.discord.member("second")
    held = town.keeps_working("A boat under way")
    card = await order(town, "A boat under way")
    working = await card.says("making it")
    await private_answer(town, await second.press(working, "❌"))
    await town.discord.member("moderator").delete(working)
    held.times = 0
    (result,) = await town.discord.until(lambda: playing(town, card.job_id))
    again = await card_of(town, await second.press(result, "🔁"), viewer="second")
    await again.replied()
    await member.press(result, "🗑️")
    await town.discord.until(lambda: not playing(town, card.job_id))


async def made_again_in_every_way(town: Town) -> None:
    """Use each form, each menu and each reaction, answer and call."""
    second, called = town.discord.member("second"), f"<@{town.discord.bot_id}>"
    result = await (await order(town, "A boat to be made again", image=picture())).plays()
    for button in ("✏️", "⏭️"):
        form = await town.discord.until((await second.press(result, button)).modal)
        await (await card_of(town, await second.submit(form), viewer="second")).replied()
    await private_answer(town, await second.press(result, "✉️"))
    posted = await second.send(CHANNEL, "A boat to look at", files=[picture()])
    for entry in ("Animate this", "Use as prompt"):
        form = await town.discord.until((await second.menu(posted, entry)).modal)
        await (await card_of(town, await second.submit(form), viewer="second")).replied()
    await private_answer(town, await second.menu(result, "Video details"))
    await second.react(result, "🔁")
    await town.discord.until(lambda: replies_to(town, result["id"], viewer="second"))
    answer = await second.send(CHANNEL, f"{called} A boat in other words", reply_to=result)
    nothing = await second.send(CHANNEL, called)
    await town.discord.until(lambda: replies_to(town, answer["id"]) and replies_to(town, nothing["id"]))


async def test_everything_that_is_sent_is_as_discord_wants_it(lively_town: Town, document: Document) -> None:
    requests = await everything_that_is_ever_sent(lively_town)

    complaints = {
        f"{request.method} {request.path}": found
        for request in requests
        if (found := document.complaints(request) + broken_rules(request))
    }
    assert complaints == {}
    assert len({(request.method, request.path.split("/")[1]) for request in requests}) >= 8


# ------------------------------------------------------------ the checks can fail


BUTTON: Payload = {"type": 2, "style": 1, "label": "Cancel", "custom_id": "job:1:cancel"}
TEXT: Payload = {"type": 10, "content": "A boat"}
LAYOUT: Payload = {
    "flags": 1 << 15,
    "components": [
        {"type": 17, "components": [TEXT]},
        {"type": 1, "components": [BUTTON]},
    ],
}
COMMAND: Payload = {
    "name": "video",
    "description": "Make a video",
    "options": [{"type": 3, "name": "prompt", "description": "What happens"}],
}


def sent(method: str, path: str, payload: object) -> Exchange:
    return Exchange(method, path, 200, payload, None, (), datetime(2026, 3, 1, tzinfo=UTC), 0.0)


def posted(change: Callable[[Payload], object]) -> Exchange:
    """A message that was right before it was changed."""
    layout = copy.deepcopy(LAYOUT)
    change(layout)
    return sent("POST", "/channels/1/messages", layout)


def synced(change: Callable[[list[Payload]], object]) -> Exchange:
    """Commands that were right before they were changed."""
    commands = [copy.deepcopy(COMMAND)]
    change(commands)
    return sent("PUT", "/applications/1/commands", commands)


def without_effect(_: object) -> None:
    """Leave it right."""


REQUIRED = {"type": 3, "name": "more", "description": "More", "required": True}

RULE_BREAKERS = {
    "upper case": synced(lambda commands: commands[0].update(name="Video")),
    "required after optional": synced(lambda commands: commands[0]["options"].append(REQUIRED)),
    "the same command twice": synced(lambda commands: commands.append(commands[0])),
    "too much text": posted(lambda layout: layout["components"].extend([TEXT | {"content": "a" * 2000}] * 2)),
    "too many components": posted(
        lambda layout: layout["components"].extend([{"type": 17, "components": [TEXT] * 18}] * 2)
    ),
    "content beside a layout": posted(lambda layout: layout.update(content="A boat")),
    "the same button twice": posted(lambda layout: layout["components"][1]["components"].append(BUTTON)),
    "a file that is not there": posted(
        lambda layout: layout["components"].append(
            {"type": 12, "items": [{"media": {"url": "attachment://boat.mp4"}}]}
        )
    ),
    "six fields in a form": sent(
        "POST",
        "/interactions/1/token/callback",
        {"type": 9, "data": {"title": "Edit", "custom_id": "edit", "components": [TEXT] * 6}},
    ),
}


@pytest.mark.parametrize("request_", RULE_BREAKERS.values(), ids=RULE_BREAKERS.keys())
async def test_a_broken_rule_is_noticed(request_: Exchange) -> None:
    found = broken_rules(request_)

    assert len(found) == 1


DOCUMENT_BREAKERS = {
    "an unknown route": sent("POST", "/channels/1/videos", {}),
    "an unknown key": posted(lambda layout: layout.update(colour="blue")),
    "an unknown key in a component": posted(lambda layout: layout["components"][0].update(label="Boat")),
    "a label that is too long": posted(
        lambda layout: layout["components"][1]["components"][0].update(label="a" * 81)
    ),
    "a container with nothing in it": posted(lambda layout: layout["components"][0].update(components=[])),
    "a description that is too long": synced(lambda commands: commands[0].update(description="a" * 101)),
}


@pytest.mark.parametrize("request_", DOCUMENT_BREAKERS.values(), ids=DOCUMENT_BREAKERS.keys())
async def test_what_the_document_forbids_is_noticed(request_: Exchange, document: Document) -> None:
    assert document.complaints(request_)


async def test_what_is_right_is_left_alone(document: Document) -> None:
    right = [posted(without_effect), synced(without_effect)]

    assert [document.complaints(request) + broken_rules(request) for request in right] == [[], []]
