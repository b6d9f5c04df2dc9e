"""Links to videos that no message takes, over the running bot's own web server."""

from __future__ import annotations

import asyncio
import re
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest
import pytest_asyncio

from core.model.job import JobState
from sandbox.gateways.faults import create_out_of_credit
from tests.e2e.harness import town as towns
from tests.e2e.harness.bots import bot_inside
from tests.e2e.harness.deliveries import show_to_the_world
from tests.e2e.harness.scenes import CHANNEL, Card, buttons, clips, gallery, order, private_answer, words
from tests.e2e.harness.town import Town

pytestmark = pytest.mark.asyncio(loop_scope="module")

TINY = 2_000
"""Bytes: no video fits, however small it is made."""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def public_town(tmp_path_factory: pytest.TempPathFactory, clip: bytes) -> AsyncIterator[Town]:
    """A town whose bot has a web server, and in which nothing can be attached."""
    folder: Path = tmp_path_factory.mktemp("links") / "data"
    async with towns.opened(folder, clip=clip) as town:
        show_to_the_world(town)
        town.discord.upload_limit = TINY
        async with bot_inside(town):
            yield town


async def linked(town: Town, prompt: str) -> tuple[Card, str]:
    """Order a video and wait for the message that links it; return the link."""
    card = await order(town, prompt)
    return card, link_in(words(await card.says("Open the video")))


def link_in(text: str) -> str:
    found = re.search(r"\(<(http://[^>]+)>\)", text)
    assert found is not None, text
    return found[1]


async def link_for(town: Town, card: Card, *, by: str) -> str:
    """Press 📥 under a linked video; return the link that only this person is shown."""
    call = await town.discord.member(by).press(card.look(), "📥")
    return link_in(await private_answer(town, call))


async def got(url: str) -> tuple[int, str, bytes]:
    async with aiohttp.ClientSession() as browser, browser.get(url) as answer:
        return answer.status, answer.content_type, await answer.read()


async def test_a_video_that_fits_nowhere_is_linked_and_plays_in_the_message(
    public_town: Town, clip: bytes
) -> None:
    card, link = await linked(public_town, "A boat that is too large")
    await towns.reached(public_town, card.job_id, JobState.DONE)

    message = card.look()
    (shown,) = gallery(message)
    assert clips(message) == []
    assert shown["media"]["url"] == f"{link}.mp4"
    assert "works until <t:" in words(message)
    assert await got(f"{link}.mp4") == (200, "video/mp4", clip)
    status, kind, page = await got(link)
    assert (status, kind) == (200, "text/html")
    assert b"A boat that is too large" in page


@pytest.mark.parametrize("by", ["member", "second", "moderator"])
async def test_a_member_who_sees_a_linked_video_gets_a_link_of_it_privately(
    public_town: Town, clip: bytes, by: str
) -> None:
    card, _ = await linked(public_town, f"A boat that {by} asks for")
    await towns.reached(public_town, card.job_id, JobState.DONE)
    somebody_else = "second" if by == "moderator" else "moderator"
    before = public_town.discord.messages(CHANNEL, viewer=somebody_else)

    link = await link_for(public_town, card, by=by)

    assert buttons(card.look()) == ["📥", "🔁", "✏️", "⏭️", "✉️", "🗑️"]
    assert "📥 gives you another link" in words(card.look())
    assert await got(f"{link}.mp4") == (200, "video/mp4", clip)
    assert public_town.discord.messages(CHANNEL, viewer=somebody_else) == before
    assert len(public_town.creates(f"A boat that {by} asks for")) == 1


async def test_an_old_link_gives_way_to_one_that_lives_for_days(public_town: Town) -> None:
    card, first = await linked(public_town, "A boat of last week")
    await towns.reached(public_town, card.job_id, JobState.DONE)
    links_age(public_town, card.job_id)

    second = await link_for(public_town, card, by="second")
    third = await link_for(public_town, card, by="member")

    assert first != second == third
    assert (await got(second))[0] == 200


def links_age(town: Town, job_id: int) -> None:
    """Let most of the life of a job's links be over."""
    four_days = 4 * 86_400 * 1_000_000
    with sqlite3.connect(town.folder / "matinee.db") as database:
        aged = "UPDATE shared_links SET expires_at = expires_at - ? WHERE job_id = ?"
        database.execute(aged, (four_days, job_id))
    database.close()


async def test_where_nothing_is_kept_any_more_no_link_is_promised(public_town: Town) -> None:
    card, _ = await linked(public_town, "A boat that was cleared away")
    await towns.reached(public_town, card.job_id, JobState.DONE)
    (public_town.folder / f"videos/video-{card.job_id}.mp4").unlink()

    call = await public_town.discord.member("second").press(card.look(), "📥")
    told = await private_answer(public_town, call)

    assert "I can give no link to this video" in told
    assert "Nothing was charged" in told


async def test_a_gateways_own_link_is_asked_for_again_also_after_a_restart(
    tmp_path: Path, clip: bytes
) -> None:
    async with towns.opened(tmp_path / "data", clip=clip) as town:
        town.changes.update(
            MATINEE_PROVIDERS="worldrouter",
            WORLDROUTER_API_KEY=town.gateways.worldrouter_key,
            WORLDROUTER_BASE_URL=town.gateways.worldrouter_url,
        )
        town.discord.upload_limit = TINY
        async with bot_inside(town):
            card, _ = await linked(town, "A boat at the gateway")
            await towns.reached(town, card.job_id, JobState.DONE)

        async with bot_inside(town):
            link = await link_for(town, card, by="second")
            status, _, content = await got(link)

        assert (status, content) == (200, clip)


async def test_a_deleted_video_is_deleted_for_those_who_have_the_link_too(public_town: Town) -> None:
    card, link = await linked(public_town, "A boat that is regretted")
    await towns.reached(public_town, card.job_id, JobState.DONE)

    await public_town.discord.member("member").press(card.look(), "🗑️")
    file = public_town.folder / f"videos/video-{card.job_id}.mp4"
    async with asyncio.timeout(20):
        while file.exists():  # noqa: ASYNC110 - no event tells what the bot does with its files
            await asyncio.sleep(0.02)

    assert (await got(link))[0] == 410
    assert (await got(f"{link}.mp4"))[0] == 410


async def test_the_running_bot_says_that_it_is_well_and_counts_what_it_does(public_town: Town) -> None:
    base = public_town.changes["MATINEE_PUBLIC_URL"]
    card, _ = await linked(public_town, "A boat that is counted")
    await towns.reached(public_town, card.job_id, JobState.DONE)

    # As the monitoring reaches it: by the address of this machine, not by the public one.
    near = base.replace("127.0.0.1", "localhost")
    assert (await got(f"{near}/healthz"))[0] == 200
    assert (await got(f"{near}/readyz"))[0] == 200
    _, kind, told = await got(f"{near}/metrics")
    lines = told.decode().splitlines()
    assert kind == "text/plain"
    for line in (
        'matinee_provider_condition{condition="working",provider="anyint"} 1.0',
        'matinee_open_jobs{state="RUNNING"} 0.0',
        "matinee_discord_connected 1.0",
        "matinee_link_streams 0.0",
    ):
        assert line in lines
    created, checked = (
        counted(lines, f'calls_total{{call="{call}",outcome="ok"') for call in ("create", "check")
    )
    assert created >= 1
    assert checked >= created
    assert counted(lines, 'matinee_job_moves_total{after="DELIVERED",before="DELIVERING"}') == created
    assert counted(lines, "matinee_delivery_seconds_count") == created


def counted(lines: list[str], about: str) -> float:
    return sum(float(line.rpartition(" ")[2]) for line in lines if about in line)


async def test_the_world_learns_nothing_but_videos(public_town: Town) -> None:
    base = public_town.changes["MATINEE_PUBLIC_URL"]

    for path in ("/healthz", "/readyz", "/metrics", "/", "/v/", "/v/../metrics"):
        assert await got(f"{base}{path}") == (404, "text/plain", b"There is nothing here.")


async def test_the_link_to_a_video_is_no_picture_and_orders_nothing(public_town: Town) -> None:
    _, link = await linked(public_town, "A boat that is taken for a picture")
    before = len(await towns.jobs(public_town))

    member = public_town.discord.member("member")
    call = await member.command(CHANNEL, "video", prompt="A boat of a boat", image_url=link)
    told = await private_answer(public_town, call)

    assert "leads to a video of mine" in told
    assert len(await towns.jobs(public_town)) == before


async def test_a_bot_whose_provider_has_no_credit_is_well_but_not_ready(public_town: Town) -> None:
    """The last test in this town: nothing can be ordered after it."""
    base = public_town.changes["MATINEE_PUBLIC_URL"].replace("127.0.0.1", "localhost")
    public_town.goes_wrong(create_out_of_credit(), "A boat on credit")

    card = await order(public_town, "A boat on credit")
    await card.says("No video")

    assert (await got(f"{base}/healthz"))[0] == 200
    status, _, told = await got(f"{base}/readyz")
    assert status == 503
    assert b'"providers": "anyint is out of credit"' in told
