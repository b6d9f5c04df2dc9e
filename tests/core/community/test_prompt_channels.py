from __future__ import annotations

import pytest

from core.community.prompt_channels import (
    Cooldowns,
    PromptChannel,
    is_talk,
    order_id,
    read_prompt_channels,
    without_mention,
)
from core.model.order_ids import OWN, ordered_ms
from storage.memory.stores import MemoryKeyValues

IDEAS = PromptChannel(channel_id=10, guild_id=1, role_id=5, cooldown_seconds=30, has_threads=True)
SKETCHES = PromptChannel(channel_id=11, guild_id=2)
MESSAGE = 1_573_257_335_579_607_040


@pytest.mark.parametrize("text", ["// nice", "//", "(nice)", "  (two\nlines)  ", "()"])
def test_what_is_said_to_people_is_talk(text: str) -> None:
    assert is_talk(text)


@pytest.mark.parametrize("text", ["a boat", "a boat (red)", "(red) boat", "a // b", "/video", ""])
def test_anything_else_is_no_talk(text: str) -> None:
    assert not is_talk(text)


@pytest.mark.parametrize("text", ["<@7> a boat", "<@!7>  a boat", "a boat <@7>", "a boat"])
def test_a_call_of_the_bot_is_no_part_of_the_prompt(text: str) -> None:
    assert without_mention(text, 7) == "a boat"


def test_a_mention_of_another_member_stays() -> None:
    assert without_mention("<@8> in a boat", 7) == "<@8> in a boat"


async def test_prompt_channels_are_known_again_after_a_restart() -> None:
    notes = MemoryKeyValues()
    channels = await read_prompt_channels(notes)
    await channels.keep(IDEAS)
    await channels.keep(SKETCHES)

    again = await read_prompt_channels(notes)

    assert again.of(10) == IDEAS
    assert again.within(2) == [SKETCHES]


async def test_a_dropped_channel_is_none_any_more() -> None:
    channels = await read_prompt_channels(MemoryKeyValues())
    await channels.keep(IDEAS)

    dropped = [await channels.drop(10), await channels.drop(10)]

    assert dropped == [True, False]
    assert not channels
    assert channels.of(10) is None


async def test_what_a_later_version_wrote_can_be_read() -> None:
    notes = MemoryKeyValues()
    await notes.remember("prompt_channels", '[{"channel_id": 10, "guild_id": 1, "mood": "blue"}]')

    channels = await read_prompt_channels(notes)

    assert channels.of(10) == PromptChannel(channel_id=10, guild_id=1)


def test_the_jobs_of_a_message_have_numbers_of_their_own_which_its_replay_gives_again() -> None:
    first = [order_id(MESSAGE, ordinal) for ordinal in range(4)]

    assert first == [order_id(MESSAGE, ordinal) for ordinal in range(4)]
    assert first[0] == MESSAGE
    assert len(set(first)) == 4
    assert all(number >= OWN for number in first[1:])


def test_an_edited_message_is_numbered_by_the_time_of_its_edit() -> None:
    edited_ms = (MESSAGE >> 22) + 5000

    number = order_id(MESSAGE, 0, edited_ms)

    assert ordered_ms(number) == edited_ms
    assert number >= OWN
    assert number == order_id(MESSAGE, 0, edited_ms)
    assert number != order_id(MESSAGE, 0, edited_ms + 1)


def test_each_member_waits_in_each_channel_for_themselves() -> None:
    cooldowns = Cooldowns()

    left = [
        cooldowns.take(10, 1, 30, now=100.0),
        cooldowns.take(10, 1, 30, now=110.0),
        cooldowns.take(10, 2, 30, now=110.0),
        cooldowns.take(11, 1, 30, now=110.0),
        cooldowns.take(10, 1, 30, now=130.0),
    ]

    assert left == [0, 20, 0, 0, 0]


def test_a_wait_that_is_given_back_is_over() -> None:
    cooldowns = Cooldowns()
    cooldowns.take(10, 1, 30, now=100.0)

    cooldowns.give_back(10, 1)

    assert cooldowns.take(10, 1, 30, now=101.0) == 0
