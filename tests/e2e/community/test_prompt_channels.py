from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from simcord.enums import AppCommandType

from core.model.job import JobState
from tests.e2e.harness import town as towns
from tests.e2e.harness.files import picture
from tests.e2e.harness.prompting import (
    IDEAS,
    Clouds,
    answers,
    made,
    managing,
    marked,
    marks,
    opened_ideas,
    results,
    says,
    slip,
    waiting,
)
from tests.e2e.harness.scenes import clips, playing
from tests.e2e.harness.town import Town

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(loop_scope="module")
async def ideas(lively_town: Town) -> Town:
    """A town in which #ideas is a prompt channel with the default settings."""
    await opened_ideas(lively_town)
    await managing(lively_town, "channel edit", channel=lively_town.discord.channel(IDEAS), reset=True)
    return lively_town


@pytest_asyncio.fixture(loop_scope="module")
async def clouds(ideas: Town) -> AsyncIterator[Clouds]:
    """Three videos that keep a member's places until they pass, at the latest with the test."""
    clouds = Clouds(ideas)
    await clouds.gather()
    yield clouds
    await clouds.pass_by()


async def test_a_message_with_flags_is_ordered_and_answered_with_the_video(ideas: Town) -> None:
    message = await says(ideas, "A kite at dusk --ar 9:16 --duration 10")

    result = await made(ideas, message)
    await marked(ideas, message, "✅")

    (body,) = ideas.creates("A kite at dusk")
    assert (body["aspect_ratio"], body["duration"]) == ("9:16", "10")
    assert clips(result)[0]["filename"] == f"video-{message['id']}.mp4"


async def test_the_first_picture_of_a_message_is_where_the_video_starts(ideas: Town) -> None:
    message = await says(ideas, "The kite comes alive", files=[picture("kite.png"), picture("other.png")])

    await made(ideas, message)

    (body,) = ideas.creates("The kite comes alive")
    (job,) = [job for job in await towns.jobs(ideas) if job.id == int(message["id"])]
    assert body["image"].startswith(ideas.discord.cdn_url)
    assert (job.request.first_frame or "").startswith("picture:")


async def test_the_channels_own_choices_count_where_a_prompt_is_silent(ideas: Town) -> None:
    told = await managing(
        ideas, "channel edit", channel=ideas.discord.channel(IDEAS), aspect_ratio="1:1", duration=10
    )

    await made(ideas, await says(ideas, "A square kite"))
    await made(ideas, await says(ideas, "A wide kite --ar 16:9"))

    (square,), (wide,) = ideas.creates("A square kite"), ideas.creates("A wide kite")
    assert "1:1" in told
    assert (square["aspect_ratio"], square["duration"]) == ("1:1", "10")
    assert (wide["aspect_ratio"], wide["duration"]) == ("16:9", "10")


@pytest.mark.parametrize("text", ["// nice one", "(the wind is just right)"])
async def test_talk_is_left_alone(ideas: Town, text: str) -> None:
    talk = await says(ideas, text)

    await made(ideas, await says(ideas, f"A kite after {len(text)} letters"))

    assert marks(ideas, talk) == set()
    assert answers(ideas, talk) == []


async def test_what_cannot_be_ordered_is_explained_and_costs_nothing(ideas: Town) -> None:
    message = await says(ideas, "A kite --ar tall")

    said = await slip(ideas, message, "--ar takes a ratio")
    await marked(ideas, message, "⚠️")

    assert "<@" not in said
    assert ideas.creates("A kite") == []


async def test_a_queued_prompt_that_is_deleted_is_cancelled(ideas: Town, clouds: Clouds) -> None:
    message = await says(ideas, "A cloud too many")
    await waiting(ideas, message)

    await ideas.discord.member("member").delete(message)
    await towns.reached(ideas, int(message["id"]), JobState.CANCELLED)
    await clouds.pass_by()

    assert ideas.creates("A cloud too many") == []


async def test_a_queued_prompt_that_is_edited_is_ordered_as_it_reads_now(ideas: Town, clouds: Clouds) -> None:
    message = await says(ideas, "A gray cloud")
    await waiting(ideas, message)

    await ideas.discord.member("member").edit(message, "A white cloud --duration 10")
    await towns.reached(ideas, int(message["id"]), JobState.CANCELLED)
    await clouds.pass_by()
    await marked(ideas, message, "✅")

    (body,) = ideas.creates("A white cloud")
    assert body["duration"] == "10"
    assert ideas.creates("A gray cloud") == []


async def test_an_edit_that_cannot_be_ordered_leaves_the_prompt_as_it_was(
    ideas: Town, clouds: Clouds
) -> None:
    message = await says(ideas, "A patient cloud")
    await waiting(ideas, message)

    await ideas.discord.member("member").edit(message, "A patient cloud --duration long")
    said = await slip(ideas, message, "still waits")
    await clouds.pass_by()
    await marked(ideas, message, "✅")

    assert "--duration takes a number of seconds" in said
    assert len(ideas.creates("A patient cloud")) == 1


async def test_a_prompt_that_is_edited_into_talk_is_taken_back(ideas: Town, clouds: Clouds) -> None:
    message = await says(ideas, "A passing cloud")
    await waiting(ideas, message)

    await ideas.discord.member("member").edit(message, "// never mind")
    await towns.reached(ideas, int(message["id"]), JobState.CANCELLED)
    await clouds.pass_by()

    assert ideas.creates("A passing cloud") == []


async def test_a_prompt_that_was_sent_already_is_not_changed_by_an_edit(ideas: Town) -> None:
    message = await says(ideas, "A kite that flies")
    await made(ideas, message)

    await ideas.discord.member("member").edit(message, "A kite that dives")
    await made(ideas, await says(ideas, "A kite that lands"))

    assert ideas.creates("A kite that dives") == []
    assert len(ideas.creates("A kite that flies")) == 1


async def test_a_message_that_comes_twice_makes_one_video(ideas: Town) -> None:
    world, sent = ideas.discord.world, list[dict[str, Any]]()
    world.listeners.append(lambda event, payload: sent.append(payload) if event == "MESSAGE_CREATE" else None)
    message = await says(ideas, "A kite that echoes")
    world.listeners.pop()

    world.emit("MESSAGE_CREATE", sent[0])
    await made(ideas, message)
    await made(ideas, await says(ideas, "A kite after the echo"))

    assert len(ideas.creates("A kite that echoes")) == 1


async def test_several_videos_of_one_prompt_come_each_in_a_message_of_its_own(ideas: Town) -> None:
    message = await says(ideas, "A kite twice --count 2")

    await ideas.discord.until(lambda: len(results(ideas, message)) == 2)

    assert len(ideas.creates("A kite twice")) == 2


async def test_a_private_prompt_comes_by_direct_message(ideas: Town) -> None:
    message = await says(ideas, "A secret kite --private")

    await ideas.discord.until(lambda: playing(ideas, int(message["id"]), "dm"))
    await marked(ideas, message, "✅")

    assert results(ideas, message) == []


async def test_only_members_with_the_role_may_prompt_and_each_waits_between_two(ideas: Town) -> None:
    role = ideas.discord.role("Moderators")
    await managing(ideas, "channel edit", channel=ideas.discord.channel(IDEAS), role=role, cooldown=600)

    refused = await says(ideas, "A kite for all", by="second")
    no_role = await slip(ideas, refused, "with the role")
    await made(ideas, await says(ideas, "A kite of office", by="moderator"))
    too_soon = await slip(ideas, await says(ideas, "A kite in haste", by="moderator"), "between two prompts")

    assert "Nothing was ordered" in no_role
    assert "Everybody waits 600 seconds" in too_soon
    assert ideas.creates("A kite for all") + ideas.creates("A kite in haste") == []


async def test_each_prompt_may_have_a_thread_of_its_own(ideas: Town) -> None:
    ideas.discord.set_permissions(IDEAS, create_public_threads=True)
    await managing(ideas, "channel edit", channel=ideas.discord.channel(IDEAS), threads=True)

    message = await says(ideas, "A kite on a thread")
    thread = int(message["id"])  # as Discord numbers the thread of a message
    await ideas.discord.until(lambda: [found for found in ideas.discord.messages(thread) if clips(found)])
    await marked(ideas, message, "✅")

    assert results(ideas, message) == []


async def test_where_no_thread_can_be_opened_the_channel_does(ideas: Town) -> None:
    ideas.discord.set_permissions(IDEAS, create_public_threads=False)
    told = await managing(ideas, "channel edit", channel=ideas.discord.channel(IDEAS), threads=True)

    await made(ideas, await says(ideas, "A kite without a thread"))

    assert "Create Public Threads" in told


async def test_a_prompt_is_made_also_where_the_bot_may_not_react(ideas: Town) -> None:
    ideas.discord.set_permissions(IDEAS, add_reactions=False)

    message = await says(ideas, "A kite without applause")
    await made(ideas, message)

    ideas.discord.set_permissions(IDEAS, add_reactions=True)
    assert marks(ideas, message) == set()


async def test_only_those_who_manage_the_server_decide_even_where_every_member_is_offered_the_command(
    ideas: Town,
) -> None:
    command = ideas.discord.world.find_command("studio", ideas.discord.guild_id, AppCommandType.CHAT_INPUT)
    assert command is not None
    with pytest.MonkeyPatch.context() as settings:
        settings.setitem(command, "default_member_permissions", None)

        told = await managing(ideas, "channel remove", by="member", channel=ideas.discord.channel(IDEAS))
        await made(ideas, await says(ideas, "A kite that stays"))

    assert "Only those who manage this server" in told


async def test_a_removed_channel_is_just_a_channel_again(ideas: Town) -> None:
    await managing(ideas, "channel remove", channel=ideas.discord.channel(IDEAS))

    message = await says(ideas, "Just a remark")
    told = await managing(ideas, "channel list")

    assert "No channel here is made of prompts" in told
    assert marks(ideas, message) == set()


async def test_who_answers_a_video_there_gets_it_in_other_words(ideas: Town) -> None:
    first = await says(ideas, "A kite in the morning --duration 10", files=[picture("morning.png")])
    result = await made(ideas, first)

    answer = await ideas.discord.member("second").send(IDEAS, "A kite in the evening", reply_to=result)
    await made(ideas, answer)

    (body,) = ideas.creates("A kite in the evening")
    job = await towns.job(ideas, int(answer["id"]))
    assert body["duration"] == "10"
    assert "image" in body
    assert job.parent_id == int(first["id"])
