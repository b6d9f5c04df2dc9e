from __future__ import annotations

from datetime import UTC, datetime, timedelta

from core.model.order_ids import OWN, ordered_ms, reaction_ids

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
DISCORD_BEGAN = datetime(2015, 1, 1, tzinfo=UTC)


def moment_of(number: int) -> datetime:
    """When something with this number was ordered."""
    return DISCORD_BEGAN + timedelta(milliseconds=ordered_ms(number))


def test_the_same_reaction_within_a_minute_has_the_same_number() -> None:
    assert reaction_ids(1, 2, "🔁", NOON) == reaction_ids(1, 2, "🔁", NOON + timedelta(seconds=59))


def test_it_is_recognised_when_the_minute_turns() -> None:
    (before, _), (_, after) = (
        reaction_ids(1, 2, "🔁", NOON - timedelta(seconds=1)),
        reaction_ids(1, 2, "🔁", NOON + timedelta(seconds=1)),
    )

    assert before == after


def test_everything_else_has_another_number() -> None:
    others = [
        reaction_ids(9, 2, "🔁", NOON),
        reaction_ids(1, 9, "🔁", NOON),
        reaction_ids(1, 2, "✉", NOON),
        reaction_ids(1, 2, "🔁", NOON + timedelta(minutes=2)),
    ]

    assert len({number for numbers in [reaction_ids(1, 2, "🔁", NOON), *others] for number in numbers}) == 10


def test_numbers_are_of_the_recent_past_and_fit_the_database() -> None:
    for minute in range(200):
        now = NOON + timedelta(minutes=minute, seconds=minute % 60)
        number, _ = reaction_ids(minute, 2, "🔁", now)

        assert timedelta() <= now - moment_of(number) <= timedelta(minutes=2)
        assert OWN <= number < 2**63
