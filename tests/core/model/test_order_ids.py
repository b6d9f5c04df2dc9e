from __future__ import annotations

from itertools import product

from hypothesis import given, strategies

from core.model.order_ids import OWN, copy_id, event_id, fresh_id, ordered_ms

EVENTS = strategies.integers(1 << 22, OWN - 1)
COMMAND = 1_573_257_335_579_607_040


@given(event=EVENTS, ordinal=strategies.integers(0, 3), other=EVENTS)
def test_a15_a_copy_has_no_number_that_an_event_can_have(event: int, ordinal: int, other: int) -> None:
    number = copy_id(event, ordinal)

    assert number == copy_id(event, ordinal) < 2**63
    assert (number == event) == (ordinal == 0)
    assert ordinal == 0 or number != other
    assert ordered_ms(number) == event >> 22
    assert event_id(number) >> 22 == event >> 22


@given(event=EVENTS)
def test_a15_a_number_that_is_taken_leads_to_others_without_end(event: int) -> None:
    numbers = [event, fresh_id(event), fresh_id(fresh_id(event))]

    assert len(set(numbers)) == 3
    assert all(OWN <= number < 2**63 for number in numbers[1:])


def test_a15_copies_of_commands_of_one_moment_are_apart() -> None:
    numbers = {copy_id(COMMAND + nth, ordinal) for nth, ordinal in product(range(200), range(4))}

    assert len(numbers) == 800
