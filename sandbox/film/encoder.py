"""Turns frames into an H.264 MP4 with ffmpeg as a child process; runs in a thread of its own."""

import shutil
import subprocess
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import IO

import imageio_ffmpeg

from sandbox.film.storyboard import FRAMES_PER_SECOND, Film, Size

TONE = "sine=frequency=220:sample_rate=48000,volume=0.15"


class RenderingFailed(Exception):
    """The film could not be made; the message says why."""


class Encoder:
    """One run of ffmpeg. `stop` may be called from another thread and ends the run at once."""

    def __init__(self) -> None:
        self._child: subprocess.Popen[bytes] | None = None
        self._is_stopped = False

    def encode(self, film: Film, size: Size, frames: Iterable[bytes]) -> bytes:
        """Block until the MP4 is complete; raise RenderingFailed otherwise."""
        with tempfile.TemporaryDirectory(prefix="film-") as folder, tempfile.TemporaryFile() as complaints:
            target = Path(folder, "film.mp4")
            status = self._run(_command(film, size, target), frames, complaints)
            if status != 0:
                complaints.seek(0)
                words = complaints.read().decode(errors="replace").strip()
                raise RenderingFailed(f"ffmpeg ended with {status}: {words[-300:]}")
            return target.read_bytes()

    def stop(self) -> None:
        """End ffmpeg now; the waiting `encode` raises RenderingFailed."""
        self._is_stopped = True
        if self._child is not None:
            self._child.kill()

    def _run(self, command: list[str], frames: Iterable[bytes], complaints: IO[bytes]) -> int:
        with subprocess.Popen(  # noqa: S603 - the arguments are ours: sizes, a number of seconds and a file of our own
            command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=complaints
        ) as child:
            self._child = child
            if self._is_stopped:
                child.kill()
            _feed(child, frames)
            return child.wait()


def _feed(child: subprocess.Popen[bytes], frames: Iterable[bytes]) -> None:
    """Write every frame; where ffmpeg has ended early, its exit status gives the reason."""
    pipe = child.stdin
    if pipe is None:
        return
    try:
        for frame in frames:
            pipe.write(frame)
        pipe.close()
    except (BrokenPipeError, ConnectionResetError):
        child.kill()


def _command(film: Film, size: Size, target: Path) -> list[str]:
    shape = ["-pix_fmt", "rgb24", "-s", f"{size[0]}x{size[1]}", "-r", str(FRAMES_PER_SECOND)]
    video = ["-f", "rawvideo", *shape, "-i", "-"]
    sound = ["-f", "lavfi", "-i", TONE, "-c:a", "aac", "-b:a", "64k"] if film.audio else ["-an"]
    picture = ["-c:v", "libx264", "-preset", "veryfast", "-crf", "26", "-pix_fmt", "yuv420p", "-threads", "1"]
    finish = ["-t", str(film.seconds), "-movflags", "+faststart", "-f", "mp4", "-y", str(target)]
    return [_program(), "-hide_banner", "-loglevel", "error", *video, *sound, *picture, *finish]


def _program() -> str:
    return shutil.which("ffmpeg") or imageio_ffmpeg.get_ffmpeg_exe()
