from __future__ import annotations

import asyncio
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from core.delivery.plan import UploadLimits
from core.model.errors import StoreFull
from core.model.job import Job
from core.model.ledger import Account, Measure, Scope, Usage, Window
from core.model.limits import Limit
from core.ports import Erasure, PictureFile
from core.privacy.erasure import SCOUR_SECONDS
from core.requests.preferences import NONE, Preferences, PreferenceScope, PreferenceStore
from storage.memory.erasures import MemoryErasures
from storage.memory.stores import MemoryReplyLog
from tests.contracts.examples import ALICE, BOB, in_doubt, life, queued
from tests.fakes.clock import START, settle
from tests.fakes.delivery_tools import ScriptedLinks
from tests.fakes.erasure import PRICE, REPLY, World, drawn, kept, of

DAILY = Limit(scope=Scope.MEMBER, measure=Measure.VIDEOS, window=Window.DAY, most=3)


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


async def test_what_has_ended_is_erased_with_all_that_belongs_to_it(world: World) -> None:
    picture = await world.pictures.keep(PictureFile(b"a drawing", ".png", is_changed=False))
    await world.has(drawn(life(1), picture))
    await world.has(kept(2))
    await world.has(of(life(3), BOB))
    await PreferenceStore(world.notes).change(PreferenceScope.MEMBER, ALICE, Preferences(mode="pro"))

    progress = await world.erasure_service().ask(ALICE)

    assert progress is not None
    assert (progress.erased, progress.waiting, progress.counts_until, progress.is_done) == (2, 0, None, True)
    assert await world.of_alice() == []
    assert world.files() == ["video-3.mp4"]
    assert await world.replies.last(1) == replace(REPLY, body=b"")
    assert await world.replies.last(3) == REPLY
    assert await PreferenceStore(world.notes).of(PreferenceScope.MEMBER, ALICE) == NONE
    assert await world.notes.keys("preferences/") == []
    assert await world.erasures.under_way() == []


async def test_the_sums_of_the_books_stay(world: World) -> None:
    await world.has(life(1))
    await world.has(of(life(2), BOB))
    everybody = Account(Scope.BOT, 0, "")
    before = await world.store.usage(everybody)

    await world.erasure_service().ask(ALICE)

    assert await world.store.usage(everybody) == before
    assert await world.used(ALICE) == Usage()
    assert await world.used(-1) == await world.used(BOB) == Usage(0, 1, 0, PRICE)


@pytest.mark.parametrize(
    "moments", [*(life(1)[:n] for n in range(1, 10)), *(in_doubt(1)[:n] for n in (2, 3))]
)
async def test_what_has_something_left_to_do_is_not_touched(world: World, moments: Sequence[Job]) -> None:
    job = await world.has(moments)

    progress = await world.erasure_service().ask(ALICE)

    assert progress is not None
    assert (progress.erased, progress.waiting, progress.is_done) == (0, 1, False)
    assert await world.store.get(1) == job
    assert await world.replies.last(1) == REPLY
    assert world.clips.path(1).exists() is (job.video is not None)


async def test_what_was_left_is_erased_when_it_has_ended_also_after_a_restart(world: World) -> None:
    moments = life(1)
    await world.has(moments[:3])
    await world.erasure_service().ask(ALICE)
    for before, after in pairwise(moments[2:]):
        await world.store.move(before, after)

    await world.erasure_service().go_on()

    assert await world.of_alice() == []
    assert await world.erasures.under_way() == []


async def test_a_program_that_runs_goes_on_by_itself(world: World) -> None:
    moments, erasure_service = life(1), world.erasure_service()
    await world.has(moments[:3])
    running = asyncio.create_task(erasure_service.run())
    await erasure_service.ask(ALICE)
    for before, after in pairwise(moments[2:]):
        await world.store.move(before, after)

    await world.clock.until(lambda: world.store.jobs[0].destination.requester_id != ALICE, at_most=120)
    running.cancel()

    assert await world.of_alice() == []


async def test_what_is_ordered_and_set_after_the_request_stays(world: World) -> None:
    await world.has(life(1)[:3])
    await world.erasure_service().ask(ALICE)
    await PreferenceStore(world.notes).change(PreferenceScope.MEMBER, ALICE, Preferences(mode="pro"))
    late = [replace(job, ordered_at=START + timedelta(minutes=1)) for job in life(2)]
    await world.has(late)

    await world.erasure_service().go_on()

    assert await world.of_alice() == [2, 1]
    assert (await PreferenceStore(world.notes).of(PreferenceScope.MEMBER, ALICE)).mode == "pro"


async def test_a_picture_that_another_member_uses_stays(world: World) -> None:
    picture = await world.pictures.keep(PictureFile(b"a drawing", ".png", is_changed=False))
    await world.has(drawn(life(1), picture))
    await world.has(of(drawn([queued(2)], picture), BOB))

    await world.erasure_service().ask(ALICE)

    assert await world.pictures.read(picture) == b"a drawing"


async def test_erasing_frees_no_allowance_and_the_number_goes_when_the_day_is_over(tmp_path: Path) -> None:
    world = World(tmp_path, limits=[DAILY])
    await world.has(life(1))
    midnight = START.replace(hour=0) + timedelta(days=1)

    progress = await world.erasure_service().ask(ALICE)
    used_today = (await world.used(ALICE, "2026-03-01")).videos
    await world.erasure_service().go_on()
    waiting = await world.erasures.under_way()
    await world.clock.advance((midnight - START).total_seconds())
    await world.erasure_service().go_on()

    assert progress is not None
    assert (progress.erased, progress.counts_until, progress.is_done) == (1, midnight, False)
    assert (used_today, len(waiting)) == (1, 1)
    assert await world.used(ALICE, "2026-03-01") == Usage()
    assert await world.used(-1, "2026-03-01") == Usage(0, 1, 0, PRICE)
    assert await world.erasures.under_way() == []


async def test_a_clock_that_is_set_back_after_the_request_frees_no_allowance(tmp_path: Path) -> None:
    world = World(tmp_path, limits=[DAILY])
    await world.has(life(1))
    await world.erasure_service().ask(ALICE)

    world.clock.jump(-timedelta(days=1))
    await world.erasure_service().go_on()
    world.clock.jump(timedelta(days=1))
    await world.erasure_service().go_on()

    assert (await world.used(ALICE, "2026-03-01")).videos == 1


async def test_without_a_limit_nothing_is_held_back(world: World) -> None:
    await world.has(life(1))

    await world.erasure_service().ask(ALICE)

    assert await world.used(ALICE, "2026-03-01") == Usage()


async def test_who_asks_twice_at_once_is_erased_once(world: World) -> None:
    await world.has(life(1))
    erasure_service = world.erasure_service()

    one, other = await asyncio.gather(erasure_service.ask(ALICE), erasure_service.ask(ALICE))

    assert one is not None
    assert other is not None
    assert [one.erased, other.erased] == [1, 0]
    assert other.is_done


async def test_of_a_stranger_nothing_is_noted_for_long(world: World) -> None:
    progress = await world.erasure_service().ask(999)

    assert progress is not None
    assert (progress.erased, progress.is_done) == (0, True)
    assert await world.erasures.under_way() == []


async def test_a_link_that_cannot_be_withdrawn_yet_is_tried_again(world: World) -> None:
    class OutOfReach(ScriptedLinks):
        async def withdraw(self, job_id: int) -> bool:
            return job_id != 1

    await world.has(life(1))
    await world.has(life(2))
    world.links = OutOfReach()

    progress = await world.erasure_service().ask(ALICE)
    left = await world.of_alice()
    world.links = ScriptedLinks()
    await world.erasure_service().go_on()

    assert progress is not None
    assert (progress.erased, progress.waiting, left) == (1, 1, [1])
    assert await world.of_alice() == []


async def test_what_cannot_be_written_now_is_noted_and_done_later(world: World) -> None:
    class Stuck(MemoryReplyLog):
        async def redact(self, job_ids: object) -> None:
            raise StoreFull(f"no room for {job_ids}")

    await world.has(life(1))
    world.replies = Stuck()

    progress = await world.erasure_service().ask(ALICE)
    world.replies = MemoryReplyLog()
    await world.erasure_service().go_on()

    assert progress is None
    assert await world.of_alice() == []


async def test_an_erasure_is_noted_while_another_takes_long_and_a_restart_does_not_lose_it(
    world: World,
) -> None:
    class Slow(ScriptedLinks):
        async def withdraw(self, job_id: int) -> bool:
            return await asyncio.Future[bool]() if job_id == 1 else True

    await world.has(life(1))
    await world.has(of(life(2), BOB))
    world.links = Slow()
    erasure_service = world.erasure_service()
    asking = [asyncio.create_task(erasure_service.ask(member)) for member in (ALICE, BOB)]
    await settle()
    for task in asking:
        task.cancel()
    world.links = ScriptedLinks()

    await world.erasure_service().go_on()

    assert all(job.is_erased for job in world.store.jobs)


async def test_what_blocks_one_erasure_blocks_no_other(world: World) -> None:
    class Stuck(MemoryReplyLog):
        async def redact(self, job_ids: Collection[int]) -> None:
            if 1 in job_ids:
                raise OSError("the disk cannot be read here")

    await world.has(life(1))
    await world.has(of(life(2)[:3], BOB))
    world.replies = Stuck()
    erasure_service = world.erasure_service()
    for member in (ALICE, BOB):
        await erasure_service.ask(member)
    for before, after in pairwise(of(life(2)[2:], BOB)):
        await world.store.move(before, after)

    await erasure_service.go_on()

    assert [wish.member_id for wish in await world.erasures.under_way()] == [ALICE]


async def test_a_clip_that_cannot_be_removed_keeps_its_own_job_and_no_other(world: World) -> None:
    for number in (1, 2):
        await world.has(life(number))
    clip = world.clips.path(1)
    clip.unlink()
    clip.mkdir()

    progress = await world.erasure_service().ask(ALICE)
    left = await world.of_alice()
    clip.rmdir()
    await world.erasure_service().go_on()

    assert progress is not None
    assert (progress.erased, progress.waiting, left) == (1, 1, [1])
    assert await world.of_alice() == []


async def test_what_is_learned_of_direct_messages_while_the_last_video_is_brought_goes_with_it(
    world: World,
) -> None:
    moments = life(1)
    await world.has(moments[:3])
    await world.erasure_service().ask(ALICE)
    await UploadLimits(world.notes, world.clock).note_refused_size(
        moments[0].destination, 9_000_000, is_direct=True
    )
    for before, after in pairwise(moments[2:]):
        await world.store.move(before, after)

    await world.erasure_service().go_on()

    assert await world.notes.keys("upload_limit/member") == []


async def test_the_disk_is_scoured_once_an_hour_at_most_and_only_where_it_needs_it(world: World) -> None:
    class Scoured(MemoryErasures):
        times = 0

        async def vacuum(self) -> bool:
            self.times += 1
            return True

    world.erasures = erasures = Scoured(world.store)
    erasure_service = world.erasure_service()
    await erasure_service.go_on()
    assert erasures.times == 0

    for _ in range(3):
        await erasure_service.ask(ALICE)
        await erasure_service.go_on()
    assert erasures.times == 1
    await world.clock.advance(SCOUR_SECONDS)
    await erasure_service.go_on()
    await erasure_service.go_on()

    assert erasures.times == 2


async def test_a_disk_that_could_not_be_scoured_is_scoured_later(world: World) -> None:
    class ReadByOthers(MemoryErasures):
        is_clean = False

        async def vacuum(self) -> bool:
            return self.is_clean

    world.erasures = erasures = ReadByOthers(world.store)
    erasure_service = world.erasure_service()
    await erasure_service.ask(ALICE)
    await erasure_service.go_on()
    before = await world.notes.keys("scouring")

    erasures.is_clean = True
    await world.erasure_service().go_on()

    assert before == ["scouring"]
    assert await world.notes.keys("scouring") == []


async def test_an_erasure_that_is_noted_is_kept_when_the_member_asks_again(world: World) -> None:
    await world.has(life(1)[:3])
    await world.erasure_service().ask(ALICE)
    await world.clock.advance(60)
    await settle()

    await world.erasure_service().ask(ALICE)

    assert await world.erasures.under_way() == [Erasure(-1, ALICE, START + timedelta(seconds=60))]
