from __future__ import annotations

from core.ports import KeyValueStore


async def test_what_was_never_noted_is_none(notes: KeyValueStore) -> None:
    assert await notes.recall("commands") is None


async def test_a_note_is_recalled(notes: KeyValueStore) -> None:
    await notes.remember("commands", "“hash” \0 ☃")
    await notes.remember("other", "")

    assert await notes.recall("commands") == "“hash” \0 ☃"
    assert await notes.recall("other") == ""


async def test_the_latest_note_counts(notes: KeyValueStore) -> None:
    await notes.remember("commands", "old")
    await notes.remember("commands", "new")

    assert await notes.recall("commands") == "new"


async def test_keys_are_found_by_how_they_begin(notes: KeyValueStore) -> None:
    for key in ("a", "a/", "a/1", "a/ü", "a/\U0010fffe", "a0", "b/1", "A/1"):
        await notes.remember(key, "")

    assert sorted(await notes.keys("a/")) == ["a/", "a/1", "a/ü", "a/\U0010fffe"]
    assert await notes.keys("c") == []
