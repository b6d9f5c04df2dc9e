from __future__ import annotations

import hashlib
import stat
from dataclasses import replace
from pathlib import Path

import pytest

from core.model.errors import StoreUnusable
from core.model.video import StoredVideo
from core.ports import ClipStore
from storage.files.clips import FolderClips

CLIP = b"a clip, in a way"


@pytest.fixture
def clips(tmp_path: Path) -> ClipStore:
    return FolderClips(tmp_path / "data" / "videos")


def stored(clips: ClipStore, job_id: int, content: bytes = CLIP) -> StoredVideo:
    """Put a clip into the library, as a provider does."""
    path = clips.path(job_id)
    path.write_bytes(content)
    return StoredVideo(file=path.name, size=len(content), sha256=hashlib.sha256(content).hexdigest())


async def test_each_job_has_a_place_of_its_own_named_by_its_id(clips: ClipStore) -> None:
    assert clips.path(12).name == "video-12.mp4"
    assert clips.path(12).parent == clips.path(13).parent


async def test_the_folder_is_its_owners_alone(clips: ClipStore) -> None:
    assert stat.S_IMODE(clips.path(1).parent.stat().st_mode) == 0o700


async def test_a_whole_clip_is_held(clips: ClipStore) -> None:
    video = stored(clips, 1)

    assert await clips.holds(1, video)


async def test_a_clip_that_is_missing_shorter_or_different_is_not_held(clips: ClipStore) -> None:
    video = stored(clips, 1)

    assert not await clips.holds(2, video)
    assert not await clips.holds(1, replace(video, size=video.size + 1))
    assert not await clips.holds(1, replace(video, sha256="00" * 32))


async def test_discarding_removes_the_clip_and_unfinished_attempts_of_that_job_only(
    clips: ClipStore,
) -> None:
    kept = stored(clips, 12)
    stored(clips, 1)
    attempt = clips.path(1).with_name("video-1.mp4.part")
    attempt.write_bytes(b"half")

    await clips.discard(1)

    assert not clips.path(1).exists()
    assert not attempt.exists()
    assert await clips.holds(12, kept)


async def test_discarding_what_is_not_there_is_fine(clips: ClipStore) -> None:
    await clips.discard(1)

    assert not clips.path(1).exists()


def test_a_folder_that_cannot_be_made_is_refused_with_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")

    with pytest.raises(StoreUnusable, match="MATINEE_DATA_DIR"):
        FolderClips(tmp_path / "file" / "videos")
