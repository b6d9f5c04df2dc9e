"""What a delivery needs in these tests: films of a size, places that lie, a look at what was sent."""

from __future__ import annotations

import socket
import sqlite3
import subprocess
from functools import cache
from pathlib import Path
from typing import Any

import imageio_ffmpeg

from sandbox.discord import Exchange
from sandbox.discord.json_parts import is_object, objects
from tests.e2e.harness.scenes import Card, Message, clips, order, playing
from tests.e2e.harness.town import Town

UPLOAD = r"^/channels/\d+/messages"


@cache
def noisy_film(seconds: float = 0.5, size: str = "640x360") -> bytes:
    """A film that no encoder likes, so that it is as large as films are."""
    noise = f"testsrc2=s={size}:r=24,noise=alls=30:allf=t"
    picture = ["-c:v", "libx264", "-preset", "ultrafast", "-crf", "24", "-pix_fmt", "yuv420p"]
    sound = ["-f", "lavfi", "-i", "sine", "-c:a", "aac", "-shortest"]
    into = ["-t", str(seconds), "-f", "mp4", "-movflags", "frag_keyframe+empty_moov", "-"]
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-f", "lavfi", "-i", noise, *sound, *picture]
    return subprocess.run([*command, *into], capture_output=True, check=True).stdout  # noqa: S603 - our own film


def padded(film: bytes, size: int) -> bytes:
    """The same film in a file of this size: what is added is a box that players pass over."""
    space = size - len(film)
    return film + space.to_bytes(4) + b"free" + bytes(space - 8)


def show_to_the_world(town: Town) -> None:
    """Give the bots of this town a web server, so that they can link videos."""
    with socket.socket() as tried:
        tried.bind(("127.0.0.1", 0))
        place = f"127.0.0.1:{tried.getsockname()[1]}"
    town.changes.update(
        MATINEE_HTTP_LISTEN=place,
        MATINEE_PUBLIC_URL=f"http://{place}",
        MATINEE_ALLOW_PRIVATE_HOSTS=f"{town.environment['MATINEE_ALLOW_PRIVATE_HOSTS']},{place}",
    )


def forget_limits(town: Town) -> None:
    """Let the bot forget what it learned about places, as it does after a day."""
    with sqlite3.connect(town.folder / "matinee.db") as database:
        database.execute("DELETE FROM notes WHERE key LIKE 'upload_limit/%'")
    database.close()


def uploads(town: Town, job_id: int) -> list[Exchange]:
    """The requests with the file of this job in them, whatever was answered."""
    name = f"video-{job_id}.mp4"
    return [one for one in town.discord.requests if name in _files(one.payload)]


def _files(payload: object) -> list[str]:
    """The names of files in a request, those among them that were too large to be looked at."""
    if not is_object(payload):
        return []
    return [str(file.get("filename")) for file in objects(payload, "attachments")]


def ways(town: Town, job_id: int) -> list[str]:
    """The ways in which a video was tried to be brought, as its history tells them."""
    query = "SELECT detail FROM job_events WHERE job_id = ? AND after = 'DELIVERING' ORDER BY version"
    with sqlite3.connect(town.folder / "matinee.db") as database:
        found = [str(row[0]) for row in database.execute(query, (job_id,))]
    database.close()
    return found


def weight(message: Message) -> int:
    """What the attached video weighs."""
    (clip,) = clips(message)
    size: int = clip["size"]
    return size


async def finished_late(town: Town, prompt: str, **options: Any) -> tuple[Card, Any]:  # noqa: ANN401 - options of `/video`
    """Order what is held up at the gateway; it goes on when the fault's `times` are 0."""
    held = town.keeps_working(prompt)
    card = await order(town, prompt, **options)
    await card.says("making it")
    return card, held


def everywhere(town: Town, job_id: int) -> list[Message]:
    """Every message with the video of this job, in channels and in direct messages."""
    places = [(name, "moderator") for name in ("general", "ideas", "announcements")]
    return [
        message
        for channel, viewer in [*places, ("dm", "member")]
        for message in playing(town, job_id, channel, viewer)
    ]


def kept(folder: Path) -> list[str]:
    return sorted(path.name for path in (folder / "videos").iterdir())
