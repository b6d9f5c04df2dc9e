from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from itertools import count, pairwise
from pathlib import Path

import pytest

from core.belongings import Belongings
from core.eraser import SCOUR_SECONDS, Eraser
from core.errors import StoreFull
from core.jobs import Delivery, Job, JobState, Reason
from core.ledger import Account, Measure, Scope, Usage, Window
from core.limits import Limit
from core.ports import Erasure, PictureFile, Reply
from core.preferences import NONE, PreferenceBook, Preferences, Whose
from storage.memory import MemoryJobStore, MemoryNotes, MemoryReplyLog
from storage.memory_erasures import MemoryErasures, MemoryPersonalData
from storage.pictures import FolderPictures
from tests.contracts.examples import ALICE, BOB, NOON, in_doubt, life, queued
from tests.fakes.archive import FolderArchive
from tests.fakes.clock import START, VirtualClock, settle
from tests.fakes.fuse import Fuse
from tests.fakes.means import ScriptedLinks
from tests.fakes.store import PowerCut

PRICE = 350_000
REPLY = Reply("anyint", "videos", "https://gateway.example", 200, b'{"prompt": "a paper boat"}')
DAILY = Limit(scope=Scope.MEMBER, measure=Measure.VIDEOS, window=Window.DAY, most=3)


@dataclass(slots=True)
class World:
    """What outlives the program."""

    folder: Path
    limits: Sequence[Limit] = ()
    store: MemoryJobStore = field(default_factory=MemoryJobStore)
    notes: MemoryNotes = field(default_factory=MemoryNotes)
    replies: MemoryReplyLog = field(default_factory=MemoryReplyLog)
    links: ScriptedLinks = field(default_factory=ScriptedLinks)
    clock: VirtualClock = field(default_factory=VirtualClock)
    archive: FolderArchive = field(init=False)
    pictures: FolderPictures = field(init=False)
    erasures: MemoryErasures = field(init=False)
    pseudonyms: count[int] = field(default_factory=lambda: count(-1, -1))

    def __post_init__(self) -> None:
        self.folder.mkdir(exist_ok=True)
        self.archive = FolderArchive(self.folder)
        self.pictures = FolderPictures(self.folder / "pictures")
        self.erasures = MemoryErasures(self.store)

    def eraser(self, fuse: Fuse | None = None) -> Eraser:
        """Start the program, with the power to go where the fuse says."""
        fuse = fuse or Fuse()
        notes = fuse.around(self.notes)
        return Eraser(
            personal=MemoryPersonalData(self.store),
            erasures=fuse.around(self.erasures),
            belongings=Belongings(
                *(fuse.around(self.archive), fuse.around(self.links)),
                *(fuse.around(self.pictures), fuse.around(self.replies)),
            ),
            notes=notes,
            preferences=PreferenceBook(notes),
            limits=self.limits,
            clock=self.clock,
            chance=lambda: next(self.pseudonyms),
        )

    async def has(self, moments: Sequence[Job]) -> Job:
        """Let a job live through these moments, with a reply and, where it has a video, a file."""
        await self.store.admit(moments[0])
        for before, after in pairwise(moments):
            await self.store.move(before, after)
        await self.replies.append(moments[0].id, REPLY)
        if moments[-1].video is not None:
            self.archive.path(moments[-1].id).write_bytes(b"a clip of a paper boat")
        return moments[-1]

    def files(self) -> list[str]:
        """Name the clips and pictures."""
        return sorted(path.name for path in self.folder.rglob("*") if path.is_file())

    async def of_alice(self) -> list[int]:
        return [job.id for job in await self.store.of_requester(ALICE)]

    async def used(self, member: int, period: str = "") -> Usage:
        return await self.store.usage(Account(Scope.MEMBER, member, period))


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def drawn(moments: Sequence[Job], picture: str) -> list[Job]:
    return [replace(job, request=replace(job.request, first_frame=picture)) for job in moments]


def of(moments: Sequence[Job], member: int) -> list[Job]:
    return [replace(job, destination=replace(job.destination, requester_id=member)) for job in moments]


def kept(job_id: int) -> list[Job]:
    """A job whose video could be brought nowhere, of which its member was told."""
    moments = life(job_id)[:7]
    trying = moments[-1].delivering(Delivery(plan="attach"), NOON)
    ended = trying.ended(JobState.UNDELIVERABLE, Reason(code="closed", said="Nobody was there."), NOON)
    return [*moments, trying, ended, ended.told(NOON)]


async def test_what_has_ended_is_erased_with_all_that_belongs_to_it(world: World) -> None:
    picture = await world.pictures.keep(PictureFile(b"a drawing", ".png", is_changed=False))
    await world.has(drawn(life(1), picture))
    await world.has(kept(2))
    await world.has(of(life(3), BOB))
    await PreferenceBook(world.notes).change(Whose.MEMBER, ALICE, Preferences(mode="pro"))

    progress = await world.eraser().ask(ALICE)

    assert progress is not None
    assert (progress.erased, progress.waiting, progress.counts_until, progress.is_done) == (2, 0, None, True)
    assert await world.of_alice() == []
    assert world.files() == ["video-3.mp4"]
    assert await world.replies.last(1) == replace(REPLY, body=b"")
    assert await world.replies.last(3) == REPLY
    assert await PreferenceBook(world.notes).of(Whose.MEMBER, ALICE) == NONE
    assert await world.notes.keys("preferences/") == []
    assert await world.erasures.under_way() == []


async def test_the_sums_of_the_books_stay(world: World) -> None:
    await world.has(life(1))
    await world.has(of(life(2), BOB))
    everybody = Account(Scope.BOT, 0, "")
    before = await world.store.usage(everybody)

    await world.eraser().ask(ALICE)

    assert await world.store.usage(everybody) == before
    assert await world.used(ALICE) == Usage()
    assert await world.used(-1) == await world.used(BOB) == Usage(0, 1, 0, PRICE)


@pytest.mark.parametrize(
    "moments", [*(life(1)[:n] for n in range(1, 10)), *(in_doubt(1)[:n] for n in (2, 3))]
)
async def test_what_has_something_left_to_do_is_not_touched(world: World, moments: Sequence[Job]) -> None:
    job = await world.has(moments)

    progress = await world.eraser().ask(ALICE)

    assert progress is not None
    assert (progress.erased, progress.waiting, progress.is_done) == (0, 1, False)
    assert await world.store.get(1) == job
    assert await world.replies.last(1) == REPLY
    assert world.archive.path(1).exists() is (job.video is not None)


async def test_what_was_left_is_erased_when_it_has_ended_also_after_a_restart(world: World) -> None:
    moments = life(1)
    await world.has(moments[:3])
    await world.eraser().ask(ALICE)
    for before, after in pairwise(moments[2:]):
        await world.store.move(before, after)

    await world.eraser().go_on()

    assert await world.of_alice() == []
    assert await world.erasures.under_way() == []


async def test_a_program_that_runs_goes_on_by_itself(world: World) -> None:
    moments, eraser = life(1), world.eraser()
    await world.has(moments[:3])
    running = asyncio.create_task(eraser.run())
    await eraser.ask(ALICE)
    for before, after in pairwise(moments[2:]):
        await world.store.move(before, after)

    await world.clock.until(lambda: world.store.jobs[0].destination.requester_id != ALICE, at_most=120)
    running.cancel()

    assert await world.of_alice() == []


async def test_what_is_ordered_and_wanted_after_the_wish_stays(world: World) -> None:
    await world.has(life(1)[:3])
    await world.eraser().ask(ALICE)
    await PreferenceBook(world.notes).change(Whose.MEMBER, ALICE, Preferences(mode="pro"))
    late = [replace(job, ordered_at=START + timedelta(minutes=1)) for job in life(2)]
    await world.has(late)

    await world.eraser().go_on()

    assert await world.of_alice() == [2, 1]
    assert (await PreferenceBook(world.notes).of(Whose.MEMBER, ALICE)).mode == "pro"


async def test_a_picture_that_somebody_else_uses_stays(world: World) -> None:
    picture = await world.pictures.keep(PictureFile(b"a drawing", ".png", is_changed=False))
    await world.has(drawn(life(1), picture))
    await world.has(of(drawn([queued(2)], picture), BOB))

    await world.eraser().ask(ALICE)

    assert await world.pictures.read(picture) == b"a drawing"


async def test_erasing_frees_no_allowance_and_the_number_goes_when_the_day_is_over(tmp_path: Path) -> None:
    world = World(tmp_path, limits=[DAILY])
    await world.has(life(1))
    midnight = START.replace(hour=0) + timedelta(days=1)

    progress = await world.eraser().ask(ALICE)
    used_today = (await world.used(ALICE, "2026-03-01")).videos
    await world.eraser().go_on()
    waiting = await world.erasures.under_way()
    await world.clock.advance((midnight - START).total_seconds())
    await world.eraser().go_on()

    assert progress is not None
    assert (progress.erased, progress.counts_until, progress.is_done) == (1, midnight, False)
    assert (used_today, len(waiting)) == (1, 1)
    assert await world.used(ALICE, "2026-03-01") == Usage()
    assert await world.used(-1, "2026-03-01") == Usage(0, 1, 0, PRICE)
    assert await world.erasures.under_way() == []


async def test_without_a_limit_nothing_is_held_back(world: World) -> None:
    await world.has(life(1))

    await world.eraser().ask(ALICE)

    assert await world.used(ALICE, "2026-03-01") == Usage()


async def test_who_asks_twice_at_once_is_erased_once(world: World) -> None:
    await world.has(life(1))
    eraser = world.eraser()

    one, other = await asyncio.gather(eraser.ask(ALICE), eraser.ask(ALICE))

    assert one is not None
    assert other is not None
    assert [one.erased, other.erased] == [1, 0]
    assert other.is_done


async def test_of_a_stranger_nothing_is_noted_for_long(world: World) -> None:
    progress = await world.eraser().ask(999)

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

    progress = await world.eraser().ask(ALICE)
    left = await world.of_alice()
    world.links = ScriptedLinks()
    await world.eraser().go_on()

    assert progress is not None
    assert (progress.erased, progress.waiting, left) == (1, 1, [1])
    assert await world.of_alice() == []


async def test_what_cannot_be_written_now_is_noted_and_done_later(world: World) -> None:
    class Stuck(MemoryReplyLog):
        async def hush(self, job_ids: object) -> None:
            raise StoreFull(f"no room for {job_ids}")

    await world.has(life(1))
    world.replies = Stuck()

    progress = await world.eraser().ask(ALICE)
    world.replies = MemoryReplyLog()
    await world.eraser().go_on()

    assert progress is None
    assert await world.of_alice() == []


async def test_the_disk_is_scoured_once_an_hour_at_most_and_only_where_it_needs_it(world: World) -> None:
    class Scoured(MemoryErasures):
        times = 0

        async def scour(self) -> bool:
            self.times += 1
            return True

    world.erasures = erasures = Scoured(world.store)
    eraser = world.eraser()
    await eraser.go_on()
    assert erasures.times == 0

    for _ in range(3):
        await eraser.ask(ALICE)
        await eraser.go_on()
    assert erasures.times == 1
    await world.clock.advance(SCOUR_SECONDS)
    await eraser.go_on()
    await eraser.go_on()

    assert erasures.times == 2


async def test_a_disk_that_could_not_be_scoured_is_scoured_later(world: World) -> None:
    class ReadByOthers(MemoryErasures):
        is_clean = False

        async def scour(self) -> bool:
            return self.is_clean

    world.erasures = erasures = ReadByOthers(world.store)
    eraser = world.eraser()
    await eraser.ask(ALICE)
    await eraser.go_on()
    before = await world.notes.keys("scouring")

    erasures.is_clean = True
    await world.eraser().go_on()

    assert before == ["scouring"]
    assert await world.notes.keys("scouring") == []


async def test_the_power_may_go_at_any_moment(tmp_path: Path) -> None:
    """Whatever was done by then, the next start does the rest; what was never noted is asked for again."""
    cuts = 0
    for number in count(1):
        outcomes = [
            await _cut(tmp_path / f"{number}-{is_before}", number, is_before=is_before)
            for is_before in (True, False)
        ]
        cuts += sum(outcomes)
        if not any(outcomes):
            break

    assert cuts > 30


async def _cut(folder: Path, number: int, *, is_before: bool) -> bool:
    """Whether the power went; if so, see that the next start leaves nothing."""
    world = await _furnished(folder)
    everybody = await world.store.usage(Account(Scope.BOT, 0, ""))
    try:
        await world.eraser(Fuse(number, is_before=is_before)).ask(ALICE)
        return False
    except PowerCut:
        eraser = world.eraser()
        if not await world.erasures.under_way() and await world.of_alice():
            await eraser.ask(ALICE)
        await eraser.go_on()

    assert await world.of_alice() == []
    assert world.files() == []
    assert [(await world.replies.last(job_id) or REPLY).body for job_id in (1, 2, 3)] == [b""] * 3
    assert await world.notes.keys("") == []
    assert await world.erasures.under_way() == []
    assert await world.used(ALICE) == Usage()
    assert await world.store.usage(Account(Scope.BOT, 0, "")) == everybody
    return True


async def _furnished(folder: Path) -> World:
    world = World(folder)
    picture = await world.pictures.keep(PictureFile(b"a drawing", ".png", is_changed=False))
    await world.has(drawn(life(1), picture))
    await world.has(life(2))
    await world.has(kept(3))
    await PreferenceBook(world.notes).change(Whose.MEMBER, ALICE, Preferences(mode="pro"))
    return world


async def test_a_wish_that_is_noted_is_kept_when_the_member_asks_again(world: World) -> None:
    await world.has(life(1)[:3])
    await world.eraser().ask(ALICE)
    await world.clock.advance(60)
    await settle()

    await world.eraser().ask(ALICE)

    assert await world.erasures.under_way() == [Erasure(-1, ALICE, START + timedelta(seconds=60))]
