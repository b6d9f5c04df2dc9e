"""Looks at this machine: disk, database, ffmpeg. Nothing is changed."""

from __future__ import annotations

import asyncio
import os
import shutil
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from bot.cli.checks.finding import Finding, failed, noted, passed
from bot.settings.settings import Settings
from core.model.errors import StoreError
from storage.maintenance.inspection import Inspection, inspect

LEAST_FREE: Final = 1_000_000_000
"""Bytes. A clip has up to 50 MB, and several are on their way at a time."""

_FFMPEG_SECONDS: Final = 10.0


async def check(settings: Settings) -> list[Finding]:
    return [
        await asyncio.to_thread(check_folder, settings.matinee_data_dir),
        await check_database(settings.database_path),
        await check_ffmpeg(),
    ]


def check_folder(folder: Path) -> Finding:
    """Say whether the data folder, or the place where the first start makes it, can be written."""
    place = folder.absolute()
    while not place.exists():
        place = place.parent
    if not place.is_dir() or not os.access(place, os.W_OK | os.X_OK):
        hint = "Give it to the user that runs Matinee, or name another in MATINEE_DATA_DIR."
        return failed("disk", f"the folder {place} cannot be written. {hint}")
    free = shutil.disk_usage(place).free
    if free < LEAST_FREE:
        return failed("disk", f"only {free / 1e9:.1f} GB free in {place}. Make room: videos are kept there.")
    return passed("disk", f"{place} can be written, {free / 1e9:.0f} GB free")


async def check_database(path: Path) -> Finding:
    if not await asyncio.to_thread(path.exists):
        return noted("database", f"none yet; the first start makes {path}")
    try:
        found = await inspect(path)
    except StoreError as error:
        return failed("database", str(error))
    return _judge(path, found)


def _judge(path: Path, found: Inspection) -> Finding:
    if found.findings:
        hint = f"Stop Matinee and put the newest file of {path.parent / 'backups'} in its place."
        return failed("database", f"{path} is damaged ({found.findings[0]}). {hint}")
    if found.version > found.latest:
        hint = "Install the newer Matinee again."
        return failed(
            "database",
            f"{path} has version {found.version}; this Matinee knows up to {found.latest}. {hint}",
        )
    if found.version < found.latest:
        steps = f"from version {found.version} to {found.latest}"
        return noted("database", f"sound; the next start brings it {steps}, after a backup")
    return passed("database", f"sound, version {found.version}")


async def check_ffmpeg() -> Finding:
    """Run ffmpeg, the system's or the one that comes with a Python package."""
    program = shutil.which("ffmpeg") or await asyncio.to_thread(_packaged_ffmpeg)
    if program is None:
        hint = "Install it from your system's packages; without it a video that is too large stays so."
        return noted("ffmpeg", f"not found. {hint}")
    version = await _version(program)
    if version is None:
        return failed("ffmpeg", f"{program} does not run. Install it anew from your system's packages.")
    return passed("ffmpeg", f"{version} at {program}")


def _packaged_ffmpeg() -> str | None:
    if find_spec("imageio_ffmpeg") is None:
        return None
    try:
        return str(import_module("imageio_ffmpeg").get_ffmpeg_exe())
    except RuntimeError:
        return None


async def _version(program: str) -> str | None:
    """Return the third word of `ffmpeg version 6.1 …`, None where the program does not run."""
    try:
        child = await asyncio.create_subprocess_exec(
            program, "-version", stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL
        )
    except OSError:
        return None
    try:
        async with asyncio.timeout(_FFMPEG_SECONDS):
            out, _ = await child.communicate()
    except TimeoutError:
        child.kill()
        await child.wait()
        return None
    words = out.decode(errors="replace").split()
    return words[2] if child.returncode == 0 and words[:2] == ["ffmpeg", "version"] else None
