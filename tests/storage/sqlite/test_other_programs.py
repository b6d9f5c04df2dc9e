"""What other programs on the machine do to us."""

from __future__ import annotations

import asyncio
import sqlite3
from pathlib import Path

from core.model.limits import Admitted
from storage.ffmpeg.encoder import FfmpegEncoder, find_ffmpeg
from storage.ffmpeg.subprocess import ChildLimits, run
from storage.sqlite.database import Database
from storage.sqlite.jobs import SqliteJobStore
from tests.contracts.examples import queued

FFMPEG = find_ffmpeg() or "ffmpeg"
NOISE = (*("-v", "error", "-f", "lavfi", "-i", "testsrc2=s=320x180:r=24,noise=alls=30:allf=t"), "-t", "1")
KILLED = """#!/bin/sh
if [ -e {looked} ]; then
    for last; do :; done
    echo half a clip | tee -a {looked} > "${{last#file:}}"
    kill -9 $$
fi
touch {looked}
exec {ffmpeg} "$@"
"""
"""Looks at a film as ffmpeg does, and is killed each time it encodes."""


async def test_a_file_that_another_program_lets_go_again_is_written_without_a_word(
    database: Database, other: sqlite3.Connection
) -> None:
    await database.rows("PRAGMA busy_timeout = 150")
    other.execute("BEGIN IMMEDIATE")
    other.execute("DELETE FROM notes")
    admission = asyncio.create_task(SqliteJobStore(database).admit(queued(1)))
    await asyncio.sleep(0.25)  # longer than one wait, and shorter than all of them
    is_waiting = not admission.done()

    other.execute("COMMIT")

    assert is_waiting
    assert await admission == Admitted(queued(1))


async def test_an_encoder_that_is_killed_at_its_work_leaves_no_video_and_harms_no_other(
    tmp_path: Path,
) -> None:
    source, looked, program = tmp_path / "clip.mp4", tmp_path / "looked", tmp_path / "ffmpeg"
    await run([FFMPEG, *NOISE, str(source)], ChildLimits(seconds=20, memory=2**31, written=2**24))
    program.write_text(KILLED.format(looked=looked, ffmpeg=FFMPEG))
    program.chmod(0o700)

    video = await FfmpegEncoder(str(program)).fit(source, tmp_path / "small.mp4", limit=100_000)

    assert video is None
    assert set(looked.read_text().splitlines()) == {"half a clip"}
    assert sorted(path.name for path in tmp_path.iterdir()) == ["clip.mp4", "ffmpeg", "looked"]
