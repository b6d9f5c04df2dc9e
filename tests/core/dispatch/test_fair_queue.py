from __future__ import annotations

from collections import defaultdict

from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from core.dispatch.fair_queue import FairQueue, QueueEntry, Rest
from tests.fakes.running_core import ALICE, BOB

CAROL = 103


def entrant(job_id: int, member_id: int, *providers: str, server_id: int | None = None) -> QueueEntry:
    return QueueEntry(job_id, member_id, server_id, providers or ("anyint",))


def taken(fair_queue: FairQueue) -> list[int]:
    """Take turns until no job may start."""
    jobs: list[int] = []
    while (job_id := fair_queue.take(0)) is not None:
        jobs.append(job_id)
    return jobs


def test_a_member_with_one_job_is_not_kept_out_by_one_with_fifty() -> None:
    fair_queue = FairQueue(places=2, places_for_member=2)
    for job_id in range(50):
        fair_queue.enter(entrant(job_id, ALICE))
    fair_queue.enter(entrant(99, BOB))

    assert taken(fair_queue) == [0, 99]


def test_each_members_jobs_keep_their_order() -> None:
    fair_queue = FairQueue(places=9, places_for_member=9)
    for job_id, member_id in [(1, ALICE), (2, ALICE), (3, BOB), (4, ALICE), (5, BOB)]:
        fair_queue.enter(entrant(job_id, member_id))

    assert taken(fair_queue) == [1, 3, 2, 5, 4]


def test_no_member_gets_more_than_their_places() -> None:
    fair_queue = FairQueue(places=9, places_for_member=2)
    for job_id in range(5):
        fair_queue.enter(entrant(job_id, ALICE))
    fair_queue.enter(entrant(9, BOB))

    assert taken(fair_queue) == [0, 9, 1]


def test_a_place_given_back_goes_to_the_next() -> None:
    fair_queue = FairQueue(places=1, places_for_member=1)
    fair_queue.enter(entrant(1, ALICE))
    fair_queue.enter(entrant(2, BOB))
    first = taken(fair_queue)

    fair_queue.leave(1)

    assert (first, taken(fair_queue)) == ([1], [2])


def test_entering_twice_changes_nothing() -> None:
    fair_queue = FairQueue(places=3, places_for_member=3)
    fair_queue.enter(entrant(1, ALICE))
    fair_queue.enter(entrant(1, ALICE))
    first = taken(fair_queue)

    fair_queue.enter(entrant(1, ALICE))

    assert (first, taken(fair_queue), len(fair_queue)) == ([1], [], 0)


def test_leaving_the_queue_takes_no_place_from_another_member() -> None:
    fair_queue = FairQueue(places=1, places_for_member=1)
    fair_queue.enter(entrant(1, ALICE))
    fair_queue.enter(entrant(2, BOB))

    fair_queue.leave(1)
    fair_queue.leave(77)

    assert taken(fair_queue) == [2]


def test_jobs_found_running_count() -> None:
    fair_queue = FairQueue(places=3, places_for_member=1)
    fair_queue.start(1, ALICE, None, "anyint")
    fair_queue.enter(entrant(2, ALICE))
    fair_queue.enter(entrant(3, BOB))

    assert fair_queue.has_started(1)
    assert taken(fair_queue) == [3]


def test_more_jobs_found_running_than_places_start_no_job() -> None:
    fair_queue = FairQueue(places=1, places_for_member=1)
    fair_queue.start(1, ALICE, None, "anyint")
    fair_queue.start(2, BOB, None, "anyint")
    fair_queue.enter(entrant(3, CAROL))

    fair_queue.leave(1)

    assert taken(fair_queue) == []


def test_a_job_that_does_not_wait_has_none_ahead() -> None:
    fair_queue = FairQueue(places=1, places_for_member=1)
    fair_queue.start(1, ALICE, None, "anyint")

    assert fair_queue.ahead(1) is None
    assert fair_queue.ahead(2) is None


def test_a_job_waits_for_the_first_place_at_any_provider_that_makes_it() -> None:
    fair_queue = FairQueue(places=1, places_for_member=9)
    for job_id in range(4):
        fair_queue.enter(entrant(job_id, ALICE, "anyint", "worldrouter"))

    started = taken(fair_queue)
    fair_queue.leave(1)

    assert started == [0, 1]
    assert fair_queue.claim(0, "anyint", now=0)
    assert taken(fair_queue) == [2]


def test_a_job_for_a_full_provider_lets_others_pass() -> None:
    fair_queue = FairQueue(places=1, places_for_member=9)
    fair_queue.start(1, BOB, None, "anyint")
    fair_queue.enter(entrant(2, ALICE, "anyint"))
    fair_queue.enter(entrant(3, ALICE, "worldrouter"))

    assert taken(fair_queue) == [3]


def test_a_place_moves_with_the_job_to_another_provider() -> None:
    fair_queue = FairQueue(places=1, places_for_member=9)
    fair_queue.start(1, ALICE, None, "anyint")
    fair_queue.enter(entrant(2, BOB, "anyint"))

    moved = fair_queue.claim(1, "worldrouter", now=0)

    assert moved
    assert taken(fair_queue) == [2]
    assert not fair_queue.claim(2, "worldrouter", now=0)


def test_a_job_that_has_not_started_has_no_place_to_move() -> None:
    assert not FairQueue(places=1, places_for_member=1).claim(1, "anyint", now=0)


def test_a_server_gets_no_more_than_its_places_and_direct_messages_are_nobodys_server() -> None:
    fair_queue = FairQueue(places=9, places_for_member=9, places_for_server=2)
    for job_id in range(4):
        fair_queue.enter(entrant(job_id, job_id, server_id=7))
    fair_queue.enter(entrant(8, ALICE, server_id=8))
    fair_queue.enter(entrant(9, BOB))

    assert taken(fair_queue) == [0, 1, 8, 9]


def test_nothing_starts_at_a_provider_that_rests() -> None:
    fair_queue = FairQueue(places=9, places_for_member=9)
    fair_queue.enter(entrant(1, ALICE, "anyint"))
    fair_queue.enter(entrant(2, ALICE, "anyint", "worldrouter"))
    resting = Rest(resting=frozenset({"anyint"}))

    assert [fair_queue.take(0, resting), fair_queue.take(0, resting)] == [2, None]
    assert fair_queue.take(0) == 1


def test_a_job_that_no_provider_makes_any_more_ends_without_a_place() -> None:
    fair_queue = FairQueue(places=0, places_for_member=9)
    fair_queue.enter(QueueEntry(1, ALICE, None, ()))
    fair_queue.enter(entrant(2, ALICE, "anyint"))
    closed = Rest(resting=frozenset({"anyint"}), closed=frozenset({"anyint"}))

    assert [fair_queue.take(0), fair_queue.take(0)] == [1, None]
    assert fair_queue.take(0, closed) == 2


def test_a_provider_that_refuses_one_more_keeps_as_many_as_it_has() -> None:
    fair_queue = FairQueue(places=9, places_for_member=9)
    for job_id in range(6):
        fair_queue.enter(entrant(job_id, ALICE))
    started = [fair_queue.take(0) for _ in range(4)]

    fair_queue.note_refusal("anyint", now=0)
    fair_queue.leave(3)

    assert started == [0, 1, 2, 3]
    assert fair_queue.take(0) is None
    fair_queue.leave(0)
    assert taken(fair_queue) == [4]


def test_those_ahead_are_those_who_want_the_same() -> None:
    fair_queue = FairQueue(places=0, places_for_member=9)
    fair_queue.enter(entrant(1, ALICE, "anyint"))
    fair_queue.enter(entrant(2, ALICE, "worldrouter"))
    fair_queue.enter(entrant(3, BOB, "worldrouter"))

    assert [fair_queue.ahead(job_id) for job_id in (1, 2, 3)] == [0, 0, 1]


def test_the_first_in_the_queue_are_told_in_their_order() -> None:
    fair_queue = FairQueue(places=0, places_for_member=9)
    for job_id, member_id in [(1, ALICE), (2, ALICE), (3, BOB), (4, ALICE), (5, BOB)]:
        fair_queue.enter(entrant(job_id, member_id))

    assert fair_queue.first(4) == [1, 3, 2, 5]


entries = st.lists(
    st.tuples(st.integers(0, 60), st.integers(1, 5)), unique_by=lambda entry: entry[0], max_size=40
)


@given(entries, st.integers(0, 6))
def test_ahead_says_how_many_start_before(waiting: list[tuple[int, int]], already: int) -> None:
    fair_queue = FairQueue(places=100, places_for_member=100)
    for job_id, member_id in waiting:
        fair_queue.enter(entrant(job_id, member_id))
    for _ in range(already):
        fair_queue.take(0)
    promised = {
        job_id: fair_queue.ahead(job_id) for job_id, _ in waiting if not fair_queue.has_started(job_id)
    }

    order = taken(fair_queue)

    assert promised == {job_id: place for place, job_id in enumerate(order)}


@given(entries)
def test_members_are_served_in_rounds(waiting: list[tuple[int, int]]) -> None:
    fair_queue = FairQueue(places=100, places_for_member=100)
    members = dict(waiting)
    for job_id, member_id in waiting:
        fair_queue.enter(entrant(job_id, member_id))

    served: dict[int, int] = defaultdict(int)
    for job_id in taken(fair_queue):
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
        self.fair_queue = FairQueue(
            places=self.PLACES, places_for_member=self.EACH, places_for_server=self.SERVER
        )
        self.waiting: dict[int, QueueEntry] = {}
        self.started: dict[int, QueueEntry] = {}
        self.at: dict[int, str] = {}

    @rule(job_id=st.integers(0, 30), member_id=st.integers(1, 4), makers=st.sampled_from(MAKERS))
    def a_job_enters(self, job_id: int, member_id: int, makers: tuple[str, ...]) -> None:
        one = entrant(job_id, member_id, *makers, server_id=member_id % 2)
        self.fair_queue.enter(one)
        if job_id not in self.started:
            self.waiting.setdefault(job_id, one)

    @rule(job_id=st.integers(0, 30))
    def a_job_leaves(self, job_id: int) -> None:
        self.fair_queue.leave(job_id)
        self.waiting.pop(job_id, None)
        self.started.pop(job_id, None)
        self.at.pop(job_id, None)

    @rule()
    def a_job_starts(self) -> None:
        job_id = self.fair_queue.take(0)
        if job_id is None:
            assert not any(self.may_start(one) for one in self.waiting.values()), "a place stays empty"
            return
        one = self.started[job_id] = self.waiting.pop(job_id)
        self.at[job_id] = next(name for name in one.providers if self.count(name) < self.PLACES)

    @rule(job_id=st.integers(0, 30), provider=st.sampled_from(("anyint", "worldrouter")))
    def a_job_moves(self, job_id: int, provider: str) -> None:
        if self.fair_queue.claim(job_id, provider, 0):
            self.at[job_id] = provider

    def may_start(self, one: QueueEntry) -> bool:
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
    def no_job_is_lost(self) -> None:
        assert len(self.fair_queue) == len(self.waiting)
        assert all(self.fair_queue.ahead(job_id) is not None for job_id in self.waiting)
        assert all(self.fair_queue.has_started(job_id) for job_id in self.started)


TestTurnsKeepTheirPromises = TurnsKeepTheirPromises.TestCase
