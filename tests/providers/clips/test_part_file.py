from __future__ import annotations

from pathlib import Path

from providers.clips.part_file import PartFile
from tests.providers.world import CLIP


def test_a_clip_and_its_name_are_on_the_disk_when_it_is_finished(
    tmp_path: Path, on_disk: dict[int, int]
) -> None:
    path = tmp_path / "video-1.mp4"

    with PartFile(path) as part:
        part.write(CLIP)
        part.finish()

    assert on_disk[path.stat().st_ino] == len(CLIP)
    assert tmp_path.stat().st_ino in on_disk
