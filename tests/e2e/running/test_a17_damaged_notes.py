"""Notes in the database that say what they cannot: the bot starts, and all else goes on."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from dataclasses import replace

import pytest

from core.community.prompt_channels import KEPT
from tests.e2e.harness.bots import bot_inside
from tests.e2e.harness.scenes import CHANNEL, order, words
from tests.e2e.harness.town import Town

OPERATOR = "moderator"
DAMAGE = {
    "nothing": b"",
    "cut": b'[{"channel_id": 1, "gui',
    "null": b"null",
    "a number": b"7",
    "a text": b'"x"',
    "a list": b"[]",
    "a list of objects": b'[{"channel_id": "x", "guild_id": null, "hours": [1]}, {}, 3, null]',
    "an object": b'{"channel_id": [], "threshold": -1, "bytes": "x", "at": "now", "mode": 3, "groups": 5}',
    "no number": b'[NaN, Infinity, 1e999, {"hours": [["x", NaN]], "last": "soon"}]',
    "no text": b"\xff\xfe\x00",
    "deep": b"[" * 200_000,
}


def keys(town: Town) -> list[str]:
    """Every kind of note that is read at the start, or on the way of a video."""
    member = town.discord.member("member").id
    channel, server = town.discord.channel(CHANNEL), town.discord.guild_id
    return [
        *(KEPT, "untold_cards", "experience", "identifies", "replies told of", "commands_synced", "database"),
        *(f"gallery/server/{server}", "waits for a yes: 17", "waits for a yes: x", "waits for a yes: "),
        *(f"preferences/member/{member}", f"preferences/channel/{channel}", f"preferences/server/{server}"),
        *(
            f"upload_limit/server/{server}",
            f"upload_limit/channel/{channel}",
            f"upload_limit/member/{member}",
        ),
        *("budget warning: bot 0 day", f"gone/{channel}", "scouring", f"copy/{member}/17"),
    ]


def noted(town: Town, notes: dict[str, bytes]) -> None:
    """Write notes into the database of a bot that is not running."""
    with closing(sqlite3.connect(town.folder / "matinee.db")) as database, database:
        database.executemany("INSERT OR REPLACE INTO notes VALUES (?, CAST(? AS TEXT))", list(notes.items()))


def letters(town: Town) -> str:
    return "\n".join(words(message) for message in town.discord.messages("dm", viewer=OPERATOR))


@pytest.fixture
def town(town: Town) -> Town:
    return replace(town, changes={**town.changes, "MATINEE_OPERATORS": str(town.discord.member(OPERATOR).id)})


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE)
async def test_a17_whatever_a_note_says_the_bot_starts_and_makes_videos(town: Town, damage: bytes) -> None:
    async with bot_inside(town):
        pass
    noted(town, dict.fromkeys(keys(town), damage))

    async with bot_inside(town):
        await (await order(town, "A boat in spite of all")).plays()

    assert len(town.creates("A boat in spite of all")) == 1


async def test_a17_a_damaged_note_is_told_of_once_and_kept(town: Town) -> None:
    async with bot_inside(town):
        pass
    noted(town, {KEPT: DAMAGE["cut"]})

    async with bot_inside(town):
        await town.discord.until(lambda: f"damaged** (`{KEPT}`)" in letters(town))
    before = letters(town)
    async with bot_inside(town):
        await (await order(town, "A boat after that")).plays()

    assert letters(town) == before
    with closing(sqlite3.connect(town.folder / "matinee.db")) as database:
        kept = database.execute("SELECT value FROM notes WHERE key LIKE 'damaged%'").fetchall()
    assert kept == [(DAMAGE["cut"].decode(),)]


async def test_a17_prompt_channels_beside_a_damaged_one_go_on(town: Town) -> None:
    channel = {"channel_id": town.discord.channel("ideas"), "guild_id": town.discord.guild_id}
    async with bot_inside(town):
        pass
    noted(town, {KEPT: json.dumps([{"channel_id": "no number"}, channel, None]).encode()})

    async with bot_inside(town):
        await town.discord.member("member").send("ideas", "A boat from a channel of prompts")
        await town.discord.until(lambda: town.creates("A boat from a channel of prompts"))
        await town.discord.until(lambda: f"damaged** (`{KEPT}`)" in letters(town))
