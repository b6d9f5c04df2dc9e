"""Large videos on their way to a slow place: no other video waits for them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from core.model.job import JobState
from sandbox.discord import LocalDiscord
from sandbox.discord.calls import Request
from tests.e2e.harness import town as towns
from tests.e2e.harness.bots import bot_inside
from tests.e2e.harness.deliveries import UPLOAD, everywhere, padded, uploads
from tests.e2e.harness.scenes import ids, order, playing
from tests.e2e.harness.town import Town

HEAVY = 25 * 2**20
CREW = ("member", "member", "member", "second", "second", "second", "moderator")
"""Who has a video come to one channel at once: more than are brought at a time."""


@pytest.fixture
async def harbour(tmp_path: Path, clip: bytes) -> AsyncIterator[Town]:
    """A town that takes large files, and whose films are large."""
    discord, film = LocalDiscord(upload_limit=100 * 2**20), padded(clip, HEAVY)
    async with towns.opened(tmp_path / "data", clip=film, discord=discord) as town, bot_inside(town):
        yield town


async def test_a_heavy_relay_that_is_told_to_wait_delays_no_other(harbour: Town) -> None:
    told_to_wait = harbour.discord.faults.rate_limit(
        "PATCH", UPLOAD, 1.2, times=3, when=lambda request: goes_to(harbour, "general", request)
    )
    heavy = await order(harbour, "A ship in the roads")
    await harbour.discord.until(lambda: told_to_wait.hits)

    others = [
        await order(harbour, f"A ship at quay {channel}", by="second", channel=channel)
        for channel in ("ideas", "dm")
    ]
    for other in others:
        await other.plays()
    is_heavy_there = bool(playing(harbour, heavy.job_id))
    await heavy.plays()
    await towns.reached(harbour, heavy.job_id, JobState.DONE)

    assert not is_heavy_there
    assert [one.status for one in uploads(harbour, heavy.job_id)] == [429, 429, 429, 200]
    assert ids(everywhere(harbour, heavy.job_id)) == [heavy.message_id]


async def test_a_channel_full_of_them_leaves_room_for_another(harbour: Town) -> None:
    told_to_wait = harbour.discord.faults.rate_limit(
        "PATCH", UPLOAD, 3.0, times=None, when=lambda request: goes_to(harbour, "general", request)
    )
    fleet = [await order(harbour, f"Ship {number} of the fleet", by=by) for number, by in enumerate(CREW)]
    await harbour.discord.until(lambda: told_to_wait.hits >= 2)

    lone = await order(harbour, "A ship alone", by="moderator", channel="ideas")
    async with asyncio.timeout(12):  # by then none of the others has given up yet
        await lone.plays()
    there = [card.job_id for card in fleet if playing(harbour, card.job_id)]
    told_to_wait.times = 0
    for card in fleet:
        await card.plays()

    assert there == []
    assert [len(everywhere(harbour, card.job_id)) for card in fleet] == [1] * len(CREW)


def goes_to(town: Town, channel: str, request: Request) -> bool:
    """Whether a request carries a file to this channel."""
    return bool(request.files) and request.path.startswith(f"/channels/{town.discord.channel(channel)}/")
