"""How a member has everything erased, and what a disk still knows then."""

from __future__ import annotations

import json
from pathlib import Path

from sandbox.discord import Call
from tests.e2e.harness.scenes import CHANNEL, private_answer, words
from tests.e2e.harness.town import Town


async def asked_to_erase(town: Town, by: str = "member") -> Call:
    """Send /privacy, press Erase, and press it once more under the question that follows."""
    member = town.discord.member(by)
    call = await member.command(CHANNEL, "privacy")
    shown = await town.discord.until(lambda: call.response() if words(call.response()) else None)
    first = await member.press(shown, "🧹")
    question = await town.discord.until(first.response)
    assert "cannot be undone" in words(question)
    return await member.press(question, "🧹")


async def erase(town: Town, by: str = "member") -> str:
    """Have everything of a member erased; return the answer that they get."""
    return await private_answer(town, await asked_to_erase(town, by))


def traces(town: Town, *prompts: str, by: str = "member") -> list[str]:
    """Where, in all files of the data folder, a prompt or the member's number is to be found."""
    wanted = [spelling for prompt in prompts for spelling in _spellings(prompt)]
    wanted += _numbers(town.discord.member(by).id)
    files = [file for file in town.folder.rglob("*") if file.is_file()]
    return [
        f"{needle!r} in {file.name}"
        for file in files
        for content in [_content(file)]
        for needle in wanted
        if needle in content
    ]


def _content(file: Path) -> bytes:
    """Read a file. One that was written beside another is gone as soon as it has taken its place."""
    try:
        return file.read_bytes()
    except FileNotFoundError:
        return b""


def _spellings(prompt: str) -> list[bytes]:
    return [prompt.encode(), json.dumps(prompt)[1:-1].encode()]


def _numbers(member_id: int) -> list[bytes]:
    """Spell a number as text and as SQLite writes it."""
    return [str(member_id).encode(), member_id.to_bytes((member_id.bit_length() + 8) // 8, "big")]
