from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest

from core.delivery.attempt import Blocked, DeliveryTarget, DeliveryTools, deliver
from core.delivery.plan import AIM, HEADROOM, MOST_REFUSED, UploadLimits, guess_limit
from core.model.delivery import Destination, Obstacle
from core.model.errors import DeliveryDelayed, NobodyThere, TooLarge
from core.model.job import Job
from core.ports import Link
from storage.memory.stores import MemoryKeyValues
from tests.fakes.clip_store import FolderArchive
from tests.fakes.clock import VirtualClock, settle
from tests.fakes.courier import RecordingCourier
from tests.fakes.delivery_tools import CuttingEncoder, ScriptedLinks
from tests.fakes.running_core import BOAT

SIZE = 1000
OWN = Link("https://clips.example/v/1", None)
NOW = datetime(2026, 3, 1, tzinfo=UTC)


@dataclass(slots=True)
class Place:
    """A place that takes files of so many bytes, and what was tried there; with the tools to do so."""

    tools: DeliveryTools
    encoder: CuttingEncoder
    links: ScriptedLinks
    takes: int = SIZE
    tried: list[Link | int] = field(default_factory=list[Link | int])
    learned: list[int] = field(default_factory=list[int])

    async def put(self, clip: Path | Link) -> str:
        self.tried.append(clip if isinstance(clip, Link) else clip.stat().st_size)
        if isinstance(clip, Path) and clip.stat().st_size > self.takes:
            raise TooLarge
        return "link" if isinstance(clip, Link) else clip.name

    async def learn(self, size: int) -> None:
        self.learned.append(size)

    async def deliver(self, limit: int = 2 * SIZE) -> str:
        return await deliver(self.tools, DeliveryTarget(job(), self.put), SIZE, limit, self.learn)


def job(job_id: int = 1) -> Job:
    here = Destination(requester_id=1, channel_id=7)
    return Job(id=job_id, request=BOAT, destination=here, ordered_at=NOW, updated_at=NOW, next_at=None)


@pytest.fixture
def place(tmp_path: Path) -> Place:
    clips, encoder, links = FolderArchive(tmp_path), CuttingEncoder(), ScriptedLinks()
    for job_id in (1, 2, 3):
        clips.path(job_id).write_bytes(bytes(SIZE))
    limits = UploadLimits(MemoryKeyValues(), VirtualClock())
    return Place(DeliveryTools(RecordingCourier(), clips, encoder, links, limits), encoder, links)


async def test_what_fits_is_put_there_as_it_is(place: Place) -> None:
    assert await place.deliver(limit=int(SIZE / HEADROOM) + 1) == "video-1.mp4"
    assert (place.tried, place.encoder.limits) == ([SIZE], [])


async def test_what_is_over_the_limit_is_made_smaller_before_it_is_tried(place: Place) -> None:
    assert await place.deliver(limit=SIZE) == "video-1.mp4.fitted"
    assert place.tried == [int(SIZE * AIM)]


async def test_each_refusal_is_learned_from_and_believed(place: Place) -> None:
    place.takes = guess_limit(SIZE) - 1

    await place.deliver()

    first = int(guess_limit(SIZE) * AIM)
    assert place.tried == [SIZE, first]
    assert place.learned == [SIZE]


async def test_a_place_that_refuses_every_size_gets_a_link_in_the_end(place: Place) -> None:
    place.takes, place.links.own = 0, OWN

    assert await place.deliver() == "link"
    assert len(place.tried) == MOST_REFUSED + 1
    assert place.learned == place.tried[:-1] == sorted(place.learned, reverse=True)


@pytest.mark.parametrize("own", [None, OWN])
async def test_what_is_not_worth_watching_smaller_is_linked_where_there_is_a_link(
    place: Place, own: Link | None
) -> None:
    place.encoder.least, place.links.own = SIZE, own

    if own is None:
        with pytest.raises(Blocked) as refused:
            await place.deliver(limit=SIZE)
        assert refused.value.obstacle is Obstacle.NO_LINK
    else:
        assert await place.deliver(limit=SIZE) == "link"
    assert place.tried == ([] if own is None else [OWN])


@pytest.mark.parametrize("error", [NobodyThere("closed"), DeliveryDelayed("later")])
async def test_what_is_not_about_the_size_is_the_callers_to_judge(place: Place, error: Exception) -> None:
    async def refuse(clip: Path | Link) -> None:
        del clip
        raise error

    with pytest.raises(type(error)):
        await deliver(place.tools, DeliveryTarget(job(), refuse), SIZE)


async def test_one_clip_is_made_smaller_at_a_time_in_the_order_of_asking(place: Place) -> None:
    place.encoder.gate.clear()
    async with asyncio.TaskGroup() as everybody:
        for job_id in (1, 2, 3):
            target = DeliveryTarget(job(job_id), place.put)
            everybody.create_task(deliver(place.tools, target, SIZE, limit=SIZE - job_id))
        await settle()
        at_work = len(place.encoder.limits)
        place.encoder.gate.set()

    assert at_work == 1
    assert place.encoder.limits == [int((SIZE - job_id) * AIM) for job_id in (1, 2, 3)]
