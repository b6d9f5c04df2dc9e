from __future__ import annotations

import pytest

from core.model.errors import DurationNotOffered
from core.model.video import Draft, Mode
from core.requests.preferences import Preferences, PreferenceScope, PreferenceStore
from core.requests.validation import validate
from storage.memory.stores import MemoryKeyValues
from tests.fakes.models import CATALOG

ALICE, IDEAS, CLUB = 1, 2, 3


class CountingNotes(MemoryKeyValues):
    """Notes what was read."""

    def __init__(self) -> None:
        super().__init__()
        self.recalled: list[str] = []

    async def recall(self, key: str) -> str | None:
        self.recalled.append(key)
        return await super().recall(key)


def test_what_is_preferred_fills_in_what_was_left_open() -> None:
    preferred = Preferences(duration_seconds=10, aspect_ratio="9:16", mode="pro", audio=True)

    request = validate(Draft(prompt="a boat"), CATALOG, preferred)

    assert (request.duration_seconds, request.aspect_ratio) == (10, "9:16")
    assert (request.mode, request.audio) == (Mode.PRO, True)


def test_what_is_asked_for_wins_over_what_is_preferred() -> None:
    preferred = Preferences(duration_seconds=10, audio=True)

    request = validate(Draft(prompt="a boat", duration_seconds=5, audio=False), CATALOG, preferred)

    assert (request.duration_seconds, request.audio) == (5, False)


def test_a_preference_gives_way_where_the_model_does_not_offer_it() -> None:
    preferred = Preferences(model="kling-v3", duration_seconds=10, mode="pro")

    request = validate(Draft(prompt="a boat", model="kling-v3-omni"), CATALOG, preferred)

    assert (request.model, request.duration_seconds, request.mode) == ("kling-v3-omni", 3, None)


def test_a_preferred_model_is_taken_only_for_what_it_takes() -> None:
    preferred = Preferences(model="kling-v3")

    assert validate(Draft(prompt="a boat"), CATALOG, preferred).model == "kling-v3"
    reference = Draft(prompt="a boat", reference="https://pictures.example/a.png")
    assert validate(reference, CATALOG, preferred).model == "kling-v3-omni"


def test_an_option_that_no_model_offers_is_refused_all_the_same() -> None:
    with pytest.raises(DurationNotOffered):
        validate(Draft(prompt="a boat", duration_seconds=99), CATALOG, Preferences(duration_seconds=10))


async def test_the_members_preferences_stand_over_the_channels_and_those_over_the_servers() -> None:
    book = PreferenceStore(MemoryKeyValues())
    await book.change(PreferenceScope.SERVER, CLUB, Preferences(mode="std", aspect_ratio="16:9", audio=True))
    await book.change(PreferenceScope.CHANNEL, IDEAS, Preferences(aspect_ratio="9:16", audio=False))
    await book.change(PreferenceScope.MEMBER, ALICE, Preferences(audio=True))

    assert await book.here(ALICE, IDEAS, CLUB) == Preferences(mode="std", aspect_ratio="9:16", audio=True)
    assert await book.here(ALICE, IDEAS, None) == Preferences(aspect_ratio="9:16", audio=True)


async def test_preferences_survive_a_restart_and_names_that_are_gone() -> None:
    notes = MemoryKeyValues()
    await PreferenceStore(notes).change(
        PreferenceScope.MEMBER, ALICE, Preferences(mode="pro", wants_ping=False)
    )
    await notes.remember("preferences/member/9", '{"mode": "pro", "forgotten": 1}')

    book = PreferenceStore(notes)

    assert await book.of(PreferenceScope.MEMBER, ALICE) == Preferences(mode="pro", wants_ping=False)
    assert await book.of(PreferenceScope.MEMBER, 9) == Preferences(mode="pro")


async def test_who_wants_nothing_is_not_looked_up() -> None:
    notes = CountingNotes()
    await PreferenceStore(notes).change(PreferenceScope.MEMBER, ALICE, Preferences(mode="pro"))
    book = PreferenceStore(notes)
    await book.look_through()

    found = [await book.here(member, IDEAS, CLUB) for member in (ALICE, 9)]

    assert found == [Preferences(mode="pro"), Preferences()]
    assert notes.recalled == ["preferences/member/1"]


async def test_who_begins_to_want_something_is_looked_up_from_then_on() -> None:
    book = PreferenceStore(MemoryKeyValues())
    await book.look_through()

    await book.change(PreferenceScope.MEMBER, ALICE, Preferences(mode="pro"))

    assert await book.of(PreferenceScope.MEMBER, ALICE) == Preferences(mode="pro")
