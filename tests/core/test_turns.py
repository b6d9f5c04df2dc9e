from __future__ import annotations

from collections import defaultdict

from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from core.turns import Turns
from tests.fakes.house import ALICE, BOB

CAROL = 103


def taken(turns: Turns) -> list[int]:
    """Take turns until nobody may start."""
    jobs: list[int] = []
    while (job_id := turns.take()) is not None:
        jobs.append(job_id)
    return jobs


def test_a_member_with_one_job_is_not_kept_out_by_one_with_fifty() -> None:
    turns = Turns(places=2, places_for_member=2)
    for job_id in range(50):
        turns.enter(job_id, ALICE)
    turns.enter(99, BOB)

    assert taken(turns) == [0, 99]


def test_each_members_jobs_keep_their_order() -> None:
    turns = Turns(places=9, places_for_member=9)
    for job_id, member_id in [(1, ALICE), (2, ALICE), (3, BOB), (4, ALICE), (5, BOB)]:
        turns.enter(job_id, member_id)

    assert taken(turns) == [1, 3, 2, 5, 4]


def test_nobody_gets_more_than_their_places() -> None:
    turns = Turns(places=9, places_for_member=2)
    for job_id in range(5):
        turns.enter(job_id, ALICE)
    turns.enter(9, BOB)

    assert taken(turns) == [0, 9, 1]


def test_a_place_given_back_goes_to_the_next() -> None:
    turns = Turns(places=1, places_for_member=1)
    turns.enter(1, ALICE)
    turns.enter(2, BOB)
    first = taken(turns)

    turns.leave(1)

    assert (first, taken(turns)) == ([1], [2])


def test_entering_twice_changes_nothing() -> None:
    turns = Turns(places=3, places_for_member=3)
    turns.enter(1, ALICE)
    turns.enter(1, ALICE)
    first = taken(turns)

    turns.enter(1, ALICE)

    assert (first, taken(turns), len(turns)) == ([1], [], 0)


def test_leaving_the_queue_takes_no_place_from_anybody() -> None:
    turns = Turns(places=1, places_for_member=1)
    turns.enter(1, ALICE)
    turns.enter(2, BOB)

    turns.leave(1)
    turns.leave(77)

    assert taken(turns) == [2]


def test_jobs_found_running_count() -> None:
    turns = Turns(places=3, places_for_member=1)
    turns.start(1, ALICE)
    turns.enter(2, ALICE)
    turns.enter(3, BOB)

    assert turns.has_started(1)
    assert taken(turns) == [3]


def test_more_jobs_found_running_than_places_start_nobody() -> None:
    turns = Turns(places=1, places_for_member=1)
    turns.start(1, ALICE)
    turns.start(2, BOB)
    turns.enter(3, CAROL)

    turns.leave(1)

    assert taken(turns) == []


def test_ahead_of_nobody_is_none() -> None:
    turns = Turns(places=1, places_for_member=1)
    turns.start(1, ALICE)

    assert turns.ahead(1) is None
    assert turns.ahead(2) is None


entries = st.lists(
    st.tuples(st.integers(0, 60), st.integers(1, 5)), unique_by=lambda entry: entry[0], max_size=40
)


@given(entries, st.integers(0, 6))
def test_ahead_says_how_many_start_before(waiting: list[tuple[int, int]], already: int) -> None:
    turns = Turns(places=100, places_for_member=100)
    for job_id, member_id in waiting:
        turns.enter(job_id, member_id)
    for _ in range(already):
        turns.take()
    promised = {job_id: turns.ahead(job_id) for job_id, _ in waiting if not turns.has_started(job_id)}

    order = taken(turns)

    assert promised == {job_id: place for place, job_id in enumerate(order)}


@given(entries)
def test_members_are_served_in_rounds(waiting: list[tuple[int, int]]) -> None:
    turns = Turns(places=100, places_for_member=100)
    members = dict(waiting)
    for job_id, member_id in waiting:
        turns.enter(job_id, member_id)

    served: dict[int, int] = defaultdict(int)
    for job_id in taken(turns):
        served[members[job_id]] += 1
        still_waiting = {
            member for member in members.values() if served[member] < list(members.values()).count(member)
        }
        assert all(served[members[job_id]] <= served[member] + 1 for member in still_waiting)

    assert sum(served.values()) == len(waiting)


class TurnsKeepTheirPromises(RuleBasedStateMachine):
    """Any order of comings and goings."""

    PLACES = 4
    EACH = 2

    def __init__(self) -> None:
        super().__init__()
        self.turns = Turns(places=self.PLACES, places_for_member=self.EACH)
        self.waiting: dict[int, int] = {}
        self.started: dict[int, int] = {}

    @rule(job_id=st.integers(0, 30), member_id=st.integers(1, 4))
    def somebody_enters(self, job_id: int, member_id: int) -> None:
        self.turns.enter(job_id, member_id)
        if job_id not in self.started:
            self.waiting.setdefault(job_id, member_id)

    @rule(job_id=st.integers(0, 30))
    def somebody_leaves(self, job_id: int) -> None:
        self.turns.leave(job_id)
        self.waiting.pop(job_id, None)
        self.started.pop(job_id, None)

    @rule()
    def somebody_starts(self) -> None:
        job_id = self.turns.take()
        if job_id is None:
            assert len(self.started) >= self.PLACES or all(
                self.of(member) >= self.EACH for member in self.waiting.values()
            ), "a place stays empty though somebody may have it"
            return
        self.started[job_id] = self.waiting.pop(job_id)

    def of(self, member_id: int) -> int:
        return list(self.started.values()).count(member_id)

    @invariant()
    def never_more_than_the_places(self) -> None:
        assert len(self.started) <= self.PLACES
        assert all(self.of(member) <= self.EACH for member in self.started.values())

    @invariant()
    def nobody_is_lost(self) -> None:
        assert len(self.turns) == len(self.waiting)
        assert all(self.turns.ahead(job_id) is not None for job_id in self.waiting)
        assert all(self.turns.has_started(job_id) for job_id in self.started)


TestTurnsKeepTheirPromises = TurnsKeepTheirPromises.TestCase
