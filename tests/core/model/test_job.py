from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import TypeAlias

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.model.delivery import Delivery, Destination, Way
from core.model.job import (
    AT_PROVIDER,
    ENDED,
    ENDED_WITHOUT_VIDEO,
    LEGAL_MOVES,
    NOTIFIED,
    PINGING,
    Charge,
    IllegalMove,
    Job,
    JobState,
    Notice,
    Reason,
    Ticket,
    file_name,
)
from core.model.video import Result, StoredVideo
from tests.fakes.clock import START
from tests.fakes.running_core import ALICE, BOAT

LATER = START + timedelta(minutes=1)
TICKET = Ticket(
    provider="anyint", task_id="t1", family="videos", base_url="https://g.example", key_fingerprint="k"
)
RESULT = Result(url="https://clips.example/1.mp4", seen_at=START)
VIDEO = StoredVideo(file="video-1.mp4", size=3, sha256="ab")
DELIVERY = Delivery(plan=Way.ATTACH, channel_id=7, message_id=9)
WHY = Reason(code="why", said="Something happened.", charge=Charge.PERHAPS)

Verb: TypeAlias = Callable[[Job], Job]

VERBS: dict[str, tuple[Verb, JobState]] = {
    "submitting": (lambda job: job.submitting("anyint", LATER), JobState.SUBMITTING),
    "requeued": (lambda job: job.requeued("busy", LATER, next_at=LATER), JobState.QUEUED),
    "running": (lambda job: job.running(TICKET, LATER, next_at=LATER), JobState.RUNNING),
    "asked_again": (lambda job: job.relink("expired", LATER), JobState.RUNNING),
    "in_doubt": (lambda job: job.unknown(WHY, LATER), JobState.UNKNOWN),
    "ready": (lambda job: job.ready(RESULT, LATER), JobState.READY),
    "stored": (lambda job: job.stored(VIDEO, LATER), JobState.STORED),
    "delivering": (lambda job: job.delivering(DELIVERY, LATER), JobState.DELIVERING),
    "delivered": (lambda job: job.delivered(DELIVERY, LATER), JobState.DELIVERED),
    "pinging": (lambda job: job.pinging(LATER), JobState.DELIVERED),
    "done": (lambda job: job.done(LATER), JobState.DONE),
    "cancelled": (lambda job: job.cancelled(ALICE, LATER), JobState.CANCELLED),
    "dismissed": (lambda job: job.dismissed(ALICE, LATER), JobState.DISMISSED),
    "superseded": (lambda job: job.superseded(ALICE, LATER), JobState.SUPERSEDED),
    "rejected": (lambda job: job.ended(JobState.REJECTED, WHY, LATER), JobState.REJECTED),
    "failed": (lambda job: job.ended(JobState.FAILED, WHY, LATER), JobState.FAILED),
    "lost": (lambda job: job.ended(JobState.LOST, WHY, LATER), JobState.LOST),
    "result_gone": (lambda job: job.ended(JobState.RESULT_GONE, WHY, LATER), JobState.RESULT_GONE),
    "undeliverable": (lambda job: job.ended(JobState.UNDELIVERABLE, WHY, LATER), JobState.UNDELIVERABLE),
}


def job_in(state: JobState) -> Job:
    return Job(
        id=1,
        request=BOAT,
        destination=Destination(requester_id=ALICE, channel_id=7),
        ordered_at=START,
        updated_at=START,
        next_at=START,
        state=state,
        version=4,
    )


PAIRS = [(verb, state) for verb in VERBS for state in JobState]
LEGAL = [(verb, state) for verb, state in PAIRS if VERBS[verb][1] in LEGAL_MOVES[state]]
ILLEGAL = [pair for pair in PAIRS if pair not in LEGAL]


@pytest.mark.parametrize(("verb", "state"), LEGAL)
def test_a_legal_move_takes_one_version_and_the_time(verb: str, state: JobState) -> None:
    move, to = VERBS[verb]

    moved = move(job_in(state))

    assert (moved.state, moved.version, moved.updated_at) == (to, 5, LATER)
    assert (moved.next_at is None) == (to in {JobState.DONE, JobState.DISMISSED, JobState.SUPERSEDED})


@pytest.mark.parametrize(("verb", "state"), ILLEGAL)
def test_an_illegal_move_raises(verb: str, state: JobState) -> None:
    move, _ = VERBS[verb]

    with pytest.raises(IllegalMove, match=f"job 1 cannot go from {state}"):
        move(job_in(state))


def test_every_state_can_be_reached_by_a_verb_and_every_move_of_the_table_is_made_by_one() -> None:
    made = {(state, VERBS[verb][1]) for verb, state in LEGAL}
    told = {(state, state) for state in ENDED_WITHOUT_VIDEO | {JobState.UNKNOWN}}

    assert made | told == {(before, after) for before, afters in LEGAL_MOVES.items() for after in afters}


@pytest.mark.parametrize("state", [state for state in JobState if state not in ENDED])
def test_a_job_that_has_not_ended_can_still_move(state: JobState) -> None:
    assert LEGAL_MOVES[state]


@pytest.mark.parametrize("state", sorted(ENDED - {JobState.UNDELIVERABLE, JobState.LOST}))
def test_an_ended_job_never_goes_anywhere_else(state: JobState) -> None:
    assert LEGAL_MOVES[state] <= {state}


def test_a_video_that_was_kept_is_delivered_once_more_on_request() -> None:
    kept = replace(job_in(JobState.UNDELIVERABLE), delivery=DELIVERY, reason=WHY, next_at=None)

    again = kept.retry_delivery(ALICE, LATER)

    assert (again.state, again.next_at, again.actor) == (JobState.DELIVERING, LATER, str(ALICE))
    assert (again.delivery, again.reason) == (replace(DELIVERY, plan=Way.UNDECIDED, attempt=2), None)


def test_a_clip_that_was_offered_to_a_lost_job_is_taken_when_the_operator_says_that_it_is_its_own() -> None:
    offered = Result(url="https://clips.example/a.mp4?sig=1", seen_at=START, is_proved=False)
    lost = replace(job_in(JobState.LOST), result=offered, reason=WHY, next_at=None)

    taken = lost.accepted(ALICE, LATER)

    assert (taken.state, taken.next_at, taken.actor) == (JobState.READY, LATER, str(ALICE))
    assert taken.result == replace(offered, is_proved=True, seen_at=LATER)


def test_a_lost_job_to_which_nothing_was_offered_stays_lost() -> None:
    lost = replace(job_in(JobState.LOST), result=None, reason=WHY, next_at=None)

    with pytest.raises(IllegalMove):
        lost.accepted(ALICE, LATER)


def test_a_job_that_has_ended_says_that_its_clip_is_removed() -> None:
    done = replace(job_in(JobState.DONE), video=VIDEO, next_at=None)

    bare = done.without_video(LATER)

    assert (bare.state, bare.video, bare.detail, bare.next_at) == (JobState.DONE, None, "video removed", None)


def test_a_clip_that_is_removed_too_soon_changes_nothing_about_the_notice() -> None:
    pinging = replace(job_in(JobState.DELIVERED), video=VIDEO).pinging(LATER)

    bare = pinging.without_video(LATER)

    assert (bare.state, bare.video, bare.detail) == (JobState.DELIVERED, None, pinging.detail)
    assert bare.notice is Notice.ANNOUNCED


@pytest.mark.parametrize("state", sorted(set(JobState) - ENDED - {JobState.DELIVERED}))
def test_a_job_under_way_keeps_its_clip(state: JobState) -> None:
    with pytest.raises(IllegalMove):
        job_in(state).without_video(LATER)


@pytest.mark.parametrize("state", sorted(set(JobState) - {JobState.UNDELIVERABLE}))
def test_nothing_else_is_delivered_once_more(state: JobState) -> None:
    with pytest.raises(IllegalMove):
        job_in(state).retry_delivery(ALICE, LATER)


@pytest.mark.parametrize("state", [*sorted(ENDED_WITHOUT_VIDEO), JobState.UNKNOWN])
def test_members_are_told_of_ends_without_a_video_and_of_doubt(state: JobState) -> None:
    told = job_in(state).notified(LATER)

    assert (told.state, told.detail, told.next_at) == (state, NOTIFIED, None)
    assert told.notice is Notice.GIVEN


@pytest.mark.parametrize(
    "state", [state for state in JobState if state not in {*ENDED_WITHOUT_VIDEO, JobState.UNKNOWN}]
)
def test_there_is_nothing_to_be_told_of_other_states(state: JobState) -> None:
    with pytest.raises(IllegalMove):
        job_in(state).notified(LATER)


@pytest.mark.parametrize("state", [state for state in JobState if state not in ENDED_WITHOUT_VIDEO])
def test_a_job_ends_without_a_video_only_where_its_member_is_told(state: JobState) -> None:
    for before in JobState:
        with pytest.raises(IllegalMove):
            job_in(before).ended(state, WHY, LATER)


def test_a_paid_request_is_announced_with_its_provider_and_counted() -> None:
    announced = job_in(JobState.QUEUED).submitting("anyint", LATER)

    assert (announced.provider, announced.submitted_at, announced.attempts) == ("anyint", LATER, 1)


def test_a_job_that_waits_again_belongs_to_no_provider() -> None:
    announced = job_in(JobState.QUEUED).submitting("anyint", START)

    waiting = announced.requeued("busy", START, next_at=LATER)

    assert (waiting.provider, waiting.submitted_at, waiting.next_at) == (None, None, LATER)
    assert (waiting.detail, waiting.attempts) == ("busy", 1)


def test_a_job_found_again_leaves_its_doubt_behind() -> None:
    doubtful = job_in(JobState.SUBMITTING).unknown(WHY, START)

    found = doubtful.running(TICKET, LATER, next_at=LATER)

    assert (found.ticket, found.provider, found.reason) == (TICKET, "anyint", None)


def test_asking_for_a_fresh_link_forgets_the_old_one_and_keeps_the_task() -> None:
    running = job_in(JobState.SUBMITTING).running(TICKET, START, next_at=START)

    again = running.ready(RESULT, START).relink("expired", LATER)

    assert (again.result, again.ticket) == (None, TICKET)


def test_a_ping_is_announced_in_the_history() -> None:
    pinging = job_in(JobState.DELIVERED).pinging(LATER)

    assert (pinging.detail, pinging.notice) == (PINGING, Notice.ANNOUNCED)


def test_a_notice_is_that_of_one_state() -> None:
    doubtful = job_in(JobState.SUBMITTING).unknown(WHY, START).notified(START, next_at=LATER)

    assert doubtful.running(TICKET, LATER, next_at=LATER).notice is None


def test_a_cancelled_job_says_who_and_that_it_was_free() -> None:
    cancelled = job_in(JobState.QUEUED).cancelled(ALICE, LATER)

    assert cancelled.actor == str(ALICE)
    assert cancelled.reason is not None
    assert cancelled.reason.charge is Charge.NOTHING


def test_a_video_has_arrived_before_its_requester_is_notified_and_what_arrived_or_ended_is_over() -> None:
    jobs = {state: replace(job_in(JobState.QUEUED), state=state) for state in JobState}

    assert {state for state, job in jobs.items() if job.has_arrived} == {JobState.DELIVERED, JobState.DONE}
    assert {state for state, job in jobs.items() if job.is_over} == ENDED | {JobState.DELIVERED}


def test_the_file_of_a_job_is_named_after_it() -> None:
    assert file_name(12) == "video-12.mp4"


@given(st.lists(st.sampled_from(sorted(VERBS)), max_size=40))
def test_no_row_of_verbs_leaves_the_table_or_a_job_without_a_next_step(verbs: list[str]) -> None:
    job = job_in(JobState.QUEUED)

    for verb in verbs:
        before = job
        try:
            job = VERBS[verb][0](job)
        except IllegalMove:
            continue
        assert job.state in LEGAL_MOVES[before.state]
        assert job.version == before.version + 1
        assert job.has_ended or job.next_at is not None
        assert job.state not in AT_PROVIDER or job.provider is not None
