"""Which other jobs an answer may be about, in both stores."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from core.model.job import JobState
from core.model.video import Result
from core.ports import JobStore, TaskClaim
from tests.contracts.examples import NOON, in_doubt, life, queued, record, ticket

CLIP = "https://media.example/clip.mp4"


async def finished(store: JobStore, job_id: int, link: str) -> None:
    """Let a job have its clip at this link."""
    order = replace(queued(job_id), version=0)
    paid = order.submitting("anyint", NOON)
    running = paid.running(ticket(f"task-{job_id}"), NOON, next_at=NOON)
    ready = running.ready(Result(url=link, seen_at=NOON).without_signature(), NOON)
    await record(store, [order, paid, running, ready])


async def test_who_has_the_task_or_the_link_is_a_rival(store: JobStore) -> None:
    await finished(store, 1, f"{CLIP}?X-Amz-Signature=1")
    mark = Result(url=f"{CLIP}?X-Amz-Signature=2", seen_at=NOON).without_signature().mark

    assert await store.rivals(TaskClaim(2, "anyint", ("task-1", "task-9"))) == {JobState.READY}
    assert await store.rivals(TaskClaim(2, "anyint", (), mark)) == {JobState.READY}
    assert await store.rivals(TaskClaim(1, "anyint", ("task-1",), mark)) == frozenset(), "its own"
    assert await store.rivals(TaskClaim(2, "worldrouter", ("task-1",))) == frozenset()
    assert await store.rivals(TaskClaim(2, "anyint", ("task-9",), "0" * 16)) == frozenset()


async def test_clips_that_differ_in_more_than_their_signature_are_not_the_same(store: JobStore) -> None:
    await finished(store, 1, f"{CLIP}?file=a&token=1")

    marks = [
        Result(url=f"{CLIP}?{query}", seen_at=NOON).without_signature().mark
        for query in ("token=2&file=a", "file=b&token=1")
    ]

    assert [bool(await store.rivals(TaskClaim(2, "anyint", (), mark))) for mark in marks] == [True, False]


async def test_a_job_in_doubt_may_be_what_any_answer_of_its_provider_is_about(store: JobStore) -> None:
    await record(store, in_doubt(1))
    await record(store, life(2))

    assert await store.rivals(TaskClaim(3, "anyint", ("new",))) == {JobState.UNKNOWN}
    assert await store.rivals(TaskClaim(3, "worldrouter", ("new",))) == frozenset()
    assert await store.rivals(TaskClaim(1, "anyint", ("new",))) == frozenset()


async def test_a_clip_that_was_offered_to_a_lost_job_is_kept_whole_and_taken_on_request(
    store: JobStore,
) -> None:
    order = queued(1)
    paid = order.submitting("anyint", NOON)
    running = paid.running(ticket("task-1"), NOON, next_at=NOON)
    offered = Result(
        url=f"{CLIP}?token=1", seen_at=NOON, is_proved=False, others=(CLIP,), model="k", seconds=4
    )
    lost = replace(replace(running, state=JobState.LOST, version=3, next_at=None), result=offered)
    await record(store, [order, paid, running, lost])

    found = await store.get(1)
    assert found is not None
    assert found.result == offered
    assert found.is_offered
    later = NOON + timedelta(days=1)
    await store.move(found, found.accepted(0, later))

    taken = await store.get(1)
    assert taken is not None
    assert (taken.state, taken.result) == (JobState.READY, replace(offered, is_proved=True, seen_at=later))
