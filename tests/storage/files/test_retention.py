from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from core.delivery.signed_links import SharedLink
from core.model.job import ENDED, Job, JobState
from core.model.video import StoredVideo
from core.requests.stored_pictures import name_of
from storage.files.clips import FolderClips
from storage.files.pictures import FolderPictures
from storage.memory.stores import MemoryJobStore
from storage.retention import Retention, Room
from storage.sqlite.database import Database
from storage.sqlite.jobs import SqliteJobStore
from storage.sqlite.shared_links import SqliteSharedLinks
from tests.contracts.examples import in_state
from tests.fakes.clock import VirtualClock

DAY = timedelta(days=1)
TODAY = datetime.now(UTC)
CLIP = b"a clip of sixteen"


class Folder:
    """A folder of clips, with jobs that say that they have them."""

    def __init__(self, path: Path) -> None:
        self.clips = FolderClips(path)
        self.pictures = FolderPictures(path.with_name("pictures"))
        self.store = MemoryJobStore()
        self.shared: SqliteSharedLinks | None = None
        self.was_used_today()

    def was_used_today(self) -> None:
        """Let people use the bot, an hour ago."""
        picture = self.pictures.path(name_of("ab" * 32, ".png"))
        picture.touch()
        at = (TODAY - DAY / 24).timestamp()
        os.utime(picture, (at, at))

    async def keeps(self, job_id: int, state: JobState = JobState.DONE, *, days: float = 0) -> Path:
        """Let a job in this state have a clip that was used last so many days ago."""
        video = StoredVideo(file=f"video-{job_id}.mp4", size=len(CLIP), sha256="ab")
        next_at = None if state in ENDED else TODAY
        await self.store.admit(replace(in_state(job_id, state), video=video, next_at=next_at))
        return self.leaves(f"video-{job_id}.mp4", days=days)

    def leaves(self, name: str, *, days: float = 0) -> Path:
        """Leave a file that no job knows of."""
        path = self.clips.folder / name
        path.write_bytes(CLIP)
        at = (TODAY - days * DAY).timestamp()
        os.utime(path, (at, at))
        return path

    async def sweep(
        self, *, keep: timedelta = 30 * DAY, clips: float = 1_000, least_free: int = 0
    ) -> Sequence[int]:
        """Tidy up, with room for so many clips, on a disk of which so many bytes are to stay free."""
        return await self.retention(VirtualClock(TODAY), keep, clips, least_free).sweep()

    def retention(
        self, clock: VirtualClock, keep: timedelta = 30 * DAY, clips: float = 1_000, least_free: int = 0
    ) -> Retention:
        return Retention(
            store=self.store,
            clips=self.clips,
            folder=self.clips.folder,
            pictures=self.pictures,
            clock=clock,
            keep=keep,
            room=Room(int(clips * len(CLIP)), least_free),
            shared=self.shared,
        )


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path / "videos")


async def test_a_file_with_a_number_that_no_job_can_have_is_nobodys_clip(folder: Folder) -> None:
    stray = folder.leaves(f"video-{'9' * 40}.mp4", days=400)
    old = await folder.keeps(1, days=40)

    assert await folder.sweep() == [1]
    assert (stray.exists(), old.exists()) == (True, False)


async def test_what_was_not_used_for_so_long_goes_and_its_job_says_so(folder: Folder) -> None:
    old, new = await folder.keeps(1, days=31), await folder.keeps(2, days=29)

    gone = await folder.sweep()

    job = await folder.store.get(1)
    assert gone == [1]
    assert job is not None
    assert (job.state, job.video, job.detail) == (JobState.DONE, None, "video removed")
    assert (old.exists(), new.exists()) == (False, True)


async def test_a_job_that_is_changed_at_that_very_moment_keeps_no_other_clip(
    folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its member has it erased, for instance, just after it was looked at."""
    for job_id in (1, 2):
        await folder.keeps(job_id, days=31)
    look = folder.store.get

    async def outpaced(job_id: int) -> Job | None:
        job = await look(job_id)
        if job_id == 1 and job is not None:
            await folder.store.move(job, job.without_video(TODAY))
        return job

    monkeypatch.setattr(folder.store, "get", outpaced)

    assert await folder.sweep() == [2]


async def test_the_least_recently_used_goes_first_until_there_is_room(folder: Folder) -> None:
    for job_id, days in ((1, 2), (2, 5), (3, 1), (4, 4)):
        await folder.keeps(job_id, days=days)

    gone = await folder.sweep(clips=2)

    assert gone == [2, 4]


async def test_a_disk_that_fills_up_lets_go_of_what_was_delivered_and_of_nothing_else(folder: Folder) -> None:
    await folder.keeps(1, days=1)
    await folder.keeps(2, JobState.UNDELIVERABLE, days=2)
    await folder.keeps(3, JobState.READY, days=3)

    gone = await folder.sweep(least_free=2**62)

    assert gone == [1]


async def test_what_a_link_still_shows_stays_until_the_link_has_expired(
    folder: Folder, database: Database
) -> None:
    shown, over = await folder.keeps(1, days=31), await folder.keeps(2, days=31)
    folder.shared = SqliteSharedLinks(database)
    for job_id, expires_at in ((1, TODAY + DAY), (2, TODAY)):
        await SqliteJobStore(database).admit(in_state(job_id, JobState.QUEUED))
        await folder.shared.add(SharedLink(bytes([job_id]) * 16, job_id, expires_at), TODAY - DAY)

    gone = await folder.sweep(clips=0)

    assert gone == [2]
    assert (shown.exists(), over.exists()) == (True, False)


async def test_what_is_watched_counts_as_used(folder: Folder) -> None:
    path = await folder.keeps(1, days=31)
    os.utime(path, (TODAY.timestamp(), (TODAY - 31 * DAY).timestamp()))

    assert await folder.sweep() == []


@pytest.mark.parametrize(
    "state",
    [JobState.STORED, JobState.DELIVERING, JobState.DELIVERED, JobState.UNDELIVERABLE, JobState.READY],
)
async def test_what_was_not_delivered_stays_whatever_room_it_takes(folder: Folder, state: JobState) -> None:
    path = await folder.keeps(1, state, days=400)

    gone = await folder.sweep(clips=0)

    assert gone == []
    assert path.exists()


async def test_a_clip_that_no_job_knows_of_goes_when_it_is_old(folder: Folder) -> None:
    path = folder.leaves("video-9.mp4", days=31)

    gone = await folder.sweep()

    assert gone == [9]
    assert not path.exists()


@pytest.mark.parametrize(("days", "is_kept"), [(0.5, True), (1.5, False)])
async def test_what_was_left_unfinished_goes_after_a_day(
    folder: Folder, days: float, *, is_kept: bool
) -> None:
    await folder.keeps(1)
    names = ["video-1.mp4.part", "video-1.mp4.fitted", "video-1.mp4.fitted.ab12.part"]
    left = [folder.leaves(name, days=days) for name in names]

    await folder.sweep()

    assert [path.exists() for path in left] == [is_kept] * 3
    assert folder.clips.path(1).exists()


async def test_a_clip_that_its_job_has_let_go_goes_at_once(folder: Folder) -> None:
    path = await folder.keeps(1)
    job = await folder.store.get(1)
    assert job is not None
    await folder.store.move(job, job.without_video(TODAY))

    await folder.sweep()

    assert not path.exists()


async def test_other_peoples_files_are_left_alone(folder: Folder) -> None:
    path = folder.leaves("holiday.mp4", days=400)

    await folder.sweep(clips=0)

    assert path.exists()


async def test_all_that_was_made_of_a_clip_goes_with_it(folder: Folder) -> None:
    await folder.keeps(1, days=31)
    folder.leaves("video-1.mp4.fitted")
    other = folder.leaves("video-12.mp4")

    await folder.sweep()

    assert list(folder.clips.folder.iterdir()) == [other]


async def test_a_clock_that_is_set_a_year_ahead_removes_nothing(folder: Folder) -> None:
    clip, part = await folder.keeps(1), folder.leaves("video-2.mp4.part")
    picture = next(folder.pictures.folder.iterdir())
    clock = VirtualClock(TODAY)
    retention = folder.retention(clock)
    before = await retention.sweep()

    clock.jump(365 * DAY)
    gone = await retention.sweep()

    assert (before, gone) == ([], [])
    assert [path.exists() for path in (clip, part, picture)] == [True] * 3


async def test_a_full_disk_is_tidied_whatever_the_clock_says(folder: Folder) -> None:
    await folder.keeps(1)

    gone = await folder.retention(VirtualClock(TODAY + 365 * DAY), clips=0).sweep()

    assert gone == [1]
