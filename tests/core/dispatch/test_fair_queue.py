from __future__ import annotations

from collections import defaultdict

from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from core.dispatch.fair_queue import Entrant, Rest, Turns
from tests.fakes.running_core import ALICE, BOB

CAROL = 103


def entrant(job_id: int, member_id: int, *providers: str, server_id: int | None = None) -> Entrant:
    return Entrant(job_id, member_id, server_id, providers or ("anyint",))


def taken(turns: Turns) -> list[int]:
    """Take turns until nobody may start."""
    jobs: list[int] = []
    while (job_id := turns.take(0)) is not None:
        jobs.append(job_id)
    return jobs


def test_a_member_with_one_job_is_not_kept_out_by_one_with_fifty() -> None:
    turns = Turns(places=2, places_for_member=2)
    for job_id in range(50):
        turns.enter(entrant(job_id, ALICE))
    turns.enter(entrant(99, BOB))

    assert taken(turns) == [0, 99]


def test_each_members_jobs_keep_their_order() -> None:
    turns = Turns(places=9, places_for_member=9)
    for job_id, member_id in [(1, ALICE), (2, ALICE), (3, BOB), (4, ALICE), (5, BOB)]:
        turns.enter(entrant(job_id, member_id))

    assert taken(turns) == [1, 3, 2, 5, 4]


def test_nobody_gets_more_than_their_places() -> None:
    turns = Turns(places=9, places_for_member=2)
    for job_id in range(5):
        turns.enter(entrant(job_id, ALICE))
    turns.enter(entrant(9, BOB))

    assert taken(turns) == [0, 9, 1]


def test_a_place_given_back_goes_to_the_next() -> None:
    turns = Turns(places=1, places_for_member=1)
    turns.enter(entrant(1, ALICE))
    turns.enter(entrant(2, BOB))
    first = taken(turns)

    turns.leave(1)

    assert (first, taken(turns)) == ([1], [2])


def test_entering_twice_changes_nothing() -> None:
    turns = Turns(places=3, places_for_member=3)
    turns.enter(entrant(1, ALICE))
    turns.enter(entrant(1, ALICE))
    first = taken(turns)

    turns.enter(entrant(1, ALICE))

    assert (first, taken(turns), len(turns)) == ([1], [], 0)


def test_leaving_the_queue_takes_no_place_from_anybody() -> None:
    turns = Turns(places=1, places_for_member=1)
    turns.enter(entrant(1, ALICE))
    turns.enter(entrant(2, BOB))

    turns.leave(1)
    turns.leave(77)

    assert taken(turns) == [2]


def test_jobs_found_running_count() -> None:
    turns = Turns(places=3, places_for_member=1)
    turns.start(1, ALICE, None, "anyint")
    turns.enter(entrant(2, ALICE))
    turns.enter(entrant(3, BOB))

    assert turns.has_started(1)
    assert taken(turns) == [3]


def test_more_jobs_found_running_than_places_start_nobody() -> None:
    turns = Turns(places=1, places_for_member=1)
    turns.start(1, ALICE, None, "anyint")
    turns.start(2, BOB, None, "anyint")
    turns.enter(entrant(3, CAROL))

    turns.leave(1)

    assert taken(turns) == []


def test_ahead_of_nobody_is_none() -> None:
    turns = Turns(places=1, places_for_member=1)
    turns.start(1, ALICE, None, "anyint")

    assert turns.ahead(1) is None
    assert turns.ahead(2) is None


def test_a_job_waits_for_the_first_place_at_any_provider_that_makes_it() -> None:
    turns = Turns(places=1, places_for_member=9)
    for job_id in range(4):
        turns.enter(entrant(job_id, ALICE, "anyint", "worldrouter"))

    started = taken(turns)
    turns.leave(1)

    assert started == [0, 1]
    assert turns.claim(0, "anyint", now=0)
    assert taken(turns) == [2]


def test_a_job_for_a_full_provider_lets_others_pass() -> None:
    turns = Turns(places=1, places_for_member=9)
    turns.start(1, BOB, None, "anyint")
    turns.enter(entrant(2, ALICE, "anyint"))
    turns.enter(entrant(3, ALICE, "worldrouter"))

    assert taken(turns) == [3]


def test_a_place_moves_with_the_job_to_another_provider() -> None:
    turns = Turns(places=1, places_for_member=9)
    turns.start(1, ALICE, None, "anyint")
    turns.enter(entrant(2, BOB, "anyint"))

    moved = turns.claim(1, "worldrouter", now=0)

    assert moved
    assert taken(turns) == [2]
    assert not turns.claim(2, "worldrouter", now=0)


def test_a_job_that_has_not_started_has_no_place_to_move() -> None:
    assert not Turns(places=1, places_for_member=1).claim(1, "anyint", now=0)


def test_a_server_gets_no_more_than_its_places_and_direct_messages_are_nobodys_server() -> None:
    turns = Turns(places=9, places_for_member=9, places_for_server=2)
    for job_id in range(4):
        turns.enter(entrant(job_id, job_id, server_id=7))
    turns.enter(entrant(8, ALICE, server_id=8))
    turns.enter(entrant(9, BOB))

    assert taken(turns) == [0, 1, 8, 9]


def test_nothing_starts_at_a_provider_that_rests() -> None:
    turns = Turns(places=9, places_for_member=9)
    turns.enter(entrant(1, ALICE, "anyint"))
    turns.enter(entrant(2, ALICE, "anyint", "worldrouter"))
    resting = Rest(resting=frozenset({"anyint"}))

    assert [turns.take(0, resting), turns.take(0, resting)] == [2, None]
    assert turns.take(0) == 1


def test_what_nobody_makes_any_more_needs_no_place_to_be_told() -> None:
    turns = Turns(places=0, places_for_member=9)
    turns.enter(Entrant(1, ALICE, None, ()))
    turns.enter(entrant(2, ALICE, "anyint"))
    closed = Rest(resting=frozenset({"anyint"}), closed=frozenset({"anyint"}))

    assert [turns.take(0), turns.take(0)] == [1, None]
    assert turns.take(0, closed) == 2


def test_a_provider_that_refuses_one_more_keeps_as_many_as_it_has() -> None:
    turns = Turns(places=9, places_for_member=9)
    for job_id in range(6):
        turns.enter(entrant(job_id, ALICE))
    started = [turns.take(0) for _ in range(4)]

    turns.refused("anyint", now=0)
    turns.leave(3)

    assert started == [0, 1, 2, 3]
    assert turns.take(0) is None
    turns.leave(0)
    assert taken(turns) == [4]


def test_those_ahead_are_those_who_want_the_same() -> None:
    turns = Turns(places=0, places_for_member=9)
    turns.enter(entrant(1, ALICE, "anyint"))
    turns.enter(entrant(2, ALICE, "worldrouter"))
    turns.enter(entrant(3, BOB, "worldrouter"))

    assert [turns.ahead(job_id) for job_id in (1, 2, 3)] == [0, 0, 1]


def test_the_first_in_the_queue_are_told_in_their_order() -> None:
    turns = Turns(places=0, places_for_member=9)
    for job_id, member_id in [(1, ALICE), (2, ALICE), (3, BOB), (4, ALICE), (5, BOB)]:
        turns.enter(entrant(job_id, member_id))

    assert turns.first(4) == [1, 3, 2, 5]


entries = st.lists(
    st.tuples(st.integers(0, 60), st.integers(1, 5)), unique_by=lambda entry: entry[0], max_size=40
)


@given(entries, st.integers(0, 6))
def test_ahead_says_how_many_start_before(waiting: list[tuple[int, int]], already: int) -> None:
    turns = Turns(places=100, places_for_member=100)
    for job_id, member_id in waiting:
        turns.enter(entrant(job_id, member_id))
    for _ in range(already):
        turns.take(0)
    promised = {job_id: turns.ahead(job_id) for job_id, _ in waiting if not turns.has_started(job_id)}

    order = taken(turns)

    assert promised == {job_id: place for place, job_id in enumerate(order)}


@given(entries)
def test_members_are_served_in_rounds(waiting: list[tuple[int, int]]) -> None:
    turns = Turns(places=100, places_for_member=100)
    members = dict(waiting)
    for job_id, member_id in waiting:
        turns.enter(entrant(job_id, member_id))

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

    PLACES = 3
    EACH = 3
    SERVER = 4
    MAKERS = (("anyint",), ("worldrouter",), ("anyint", "worldrouter"))

    def __init__(self) -> None:
        super().__init__()
        self.turns = Turns(places=self.PLACES, places_for_member=self.EACH, places_for_server=self.SERVER)
        self.waiting: dict[int, Entrant] = {}
        self.started: dict[int, Entrant] = {}
        self.at: dict[int, str] = {}

    @rule(job_id=st.integers(0, 30), member_id=st.integers(1, 4), makers=st.sampled_from(MAKERS))
    def somebody_enters(self, job_id: int, member_id: int, makers: tuple[str, ...]) -> None:
        one = entrant(job_id, member_id, *makers, server_id=member_id % 2)
        self.turns.enter(one)
        if job_id not in self.started:
            self.waiting.setdefault(job_id, one)

    @rule(job_id=st.integers(0, 30))
    def somebody_leaves(self, job_id: int) -> None:
        self.turns.leave(job_id)
        self.waiting.pop(job_id, None)
        self.started.pop(job_id, None)
        self.at.pop(job_id, None)

    @rule()
    def somebody_starts(self) -> None:
        job_id = self.turns.take(0)
        if job_id is None:
            assert not any(self.may_start(one) for one in self.waiting.values()), "a place stays empty"
            return
        one = self.started[job_id] = self.waiting.pop(job_id)
        self.at[job_id] = next(name for name in one.providers if self.count(name) < self.PLACES)

    @rule(job_id=st.integers(0, 30), provider=st.sampled_from(("anyint", "worldrouter")))
    def somebody_moves(self, job_id: int, provider: str) -> None:
        if self.turns.claim(job_id, provider, 0):
            self.at[job_id] = provider

    def may_start(self, one: Entrant) -> bool:
        return (
            any(self.count(name) < self.PLACES for name in one.providers)
            and self.of(one.member_id) < self.EACH
            and self.of_server(one.server_id) < self.SERVER
        )

    def count(self, provider: str) -> int:
        return list(self.at.values()).count(provider)

    def of(self, member_id: int) -> int:
        return sum(one.member_id == member_id for one in self.started.values())

    def of_server(self, server_id: int | None) -> int:
        return sum(one.server_id == server_id for one in self.started.values())

    @invariant()
    def never_more_than_the_places(self) -> None:
        assert all(self.count(name) <= self.PLACES for name in ("anyint", "worldrouter"))
        assert all(self.of(one.member_id) <= self.EACH for one in self.started.values())
        assert all(self.of_server(one.server_id) <= self.SERVER for one in self.started.values())

    @invariant()
    def nobody_is_lost(self) -> None:
        assert len(self.turns) == len(self.waiting)
        assert all(self.turns.ahead(job_id) is not None for job_id in self.waiting)
        assert all(self.turns.has_started(job_id) for job_id in self.started)


TestTurnsKeepTheirPromises = TurnsKeepTheirPromises.TestCase
