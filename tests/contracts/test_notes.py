from __future__ import annotations

from core.ports import Notes


async def test_what_was_never_noted_is_none(notes: Notes) -> None:
    assert await notes.recall("commands") is None


async def test_a_note_is_recalled(notes: Notes) -> None:
    await notes.remember("commands", "“hash” \0 ☃")
    await notes.remember("other", "")

    assert await notes.recall("commands") == "“hash” \0 ☃"
    assert await notes.recall("other") == ""


async def test_the_latest_note_counts(notes: Notes) -> None:
    await notes.remember("commands", "old")
    await notes.remember("commands", "new")

    assert await notes.recall("commands") == "new"
