"""Reads a history and says which promises it breaks.

I8, that no secret is ever written, is looked for in what the real process wrote: `tests/proof/test_kills.py`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from typing import Final

from core.model.job import LEGAL_MOVES, Charge, Job, JobState, file_name
from core.model.ledger import Measure
from tests.proof.harness.answers import Manner
from tests.proof.harness.channels import FORBIDDEN
from tests.proof.harness.gateway import Task, alias_of, clip_of
from tests.proof.harness.world import World

DAY: Final = timedelta(days=1, hours=6)
"""The longest sleep of a job, on a clock that may jump while it is written down."""

KEPT: Final = frozenset(
    {
        JobState.STORED,
        JobState.DELIVERING,
        JobState.DELIVERED,
        JobState.DONE,
        JobState.UNDELIVERABLE,
    }
)


def broken_promises(world: World) -> list[str]:
    """Name what went wrong in a history that has come to rest."""
    return [
        *broken_meanwhile(world),
        *silent_losses(world),
        *_lost_clips(world),
        *_ends(world),
        *_stops(world),
    ]


def broken_meanwhile(world: World) -> list[str]:
    """Name what must not be so at any moment."""
    return [
        *double_bills(world),
        *double_videos(world),
        *_requests(world),
        *_moves(world),
        *_tickets(world),
        *_budget(world),
        *_counted(world),
        *_free(world),
        *strangers_clips(world),
        *world.gateways.trespasses,
    ]


def double_bills(world: World) -> Iterator[str]:
    """No order is made and paid twice."""
    made = Counter(task.job_id for task in world.gateways.tasks)
    yield from (f"job {job_id} was billed {times} times" for job_id, times in made.items() if times > 1)


def double_videos(world: World) -> Iterator[str]:
    """I2: at most one message with the video."""
    for job_id in _ordered(world):
        found = world.town.videos(job_id)
        if len(found) > 1:
            yield f"the video of job {job_id} stands in {len(found)} messages"


def silent_losses(world: World) -> Iterator[str]:
    """I3: the member who ordered what was paid for has the video, or was told."""
    is_shut_out = _was_shut_out(world)
    for job_id in _ordered(world):
        # Words of an end stand in a message, or would if Discord let them be written.
        was_told = is_shut_out or world.town.says_the_end(job_id)
        if not world.town.videos(job_id) and not was_told:
            yield f"nobody told the member what became of job {job_id}"


def strangers_clips(world: World) -> Iterator[str]:
    """Whatever stands in a message as the video of a job was made by a task of this very job."""
    for job_id in _ordered(world):
        own = [clip_of(task.id) for task in world.gateways.made_for(job_id)]
        shown = (message.files[file_name(job_id)] for message in world.town.videos(job_id))
        if not all(any(clip.startswith(video) for clip in own) for video in shown):
            yield f"what job {job_id} got is not its own video"


def _lost_clips(world: World) -> Iterator[str]:
    """A task that is finished, and of which its gateway says so in a way that proves it, is not given up."""
    lost = {
        job.id: job.state
        for job in world.chronicle.jobs.values()
        if job.state in {JobState.FAILED, JobState.LOST, JobState.RESULT_GONE}
    }
    for task in world.gateways.tasks:
        if task.job_id in lost and not _may_be_lost(world, task):
            yield f"job {task.job_id} is {lost[task.job_id]}, and its clip is there"


def _may_be_lost(world: World, task: Task) -> bool:
    """Whether the program cannot know that a task is finished.

    Another id of a task is known only where it was read, and noted, while the task was still
    running. A gateway that knows no task is compared with nothing where it has one only.
    """
    match task.manner:
        case Manner.FAILED | Manner.FORGOTTEN | Manner.UNPROVABLE:
            return True
        case Manner.RENAMED if world.starts > 0 and not _was_noted(world, alias_of(task.id)):
            return True
        case _:
            return len(world.gateways.blind_to) == 1


def _was_noted(world: World, alias: str) -> bool:
    return any(alias in note for note in world.notes.ever)


def _ordered(world: World) -> list[int]:
    return sorted({*world.chronicle.jobs, *(task.job_id for task in world.gateways.tasks)})


def _is_hidden(world: World, job: Job) -> bool:
    """Whether the video may stand where the program was no longer let in to see that it does."""
    return job.state is JobState.UNDELIVERABLE and _was_shut_out(world)


def _was_shut_out(world: World) -> bool:
    return any(passed.fault is FORBIDDEN for passed in world.points.faults)


def _requests(world: World) -> Iterator[str]:
    """I1: all paid requests of a job but one were answered by proof that nothing was made."""
    sent = Counter(request.job_id for request in world.gateways.requests if not request.was_refused)
    yield from (f"job {job_id} was sent {times} times" for job_id, times in sent.items() if times > 1)


def _moves(world: World) -> Iterator[str]:
    """I6 and I7: only moves of the table, one version at a time, and something that wakes the job up."""
    last: dict[int, Job] = {}
    for before, after in world.chronicle.moves:
        known = last.get(after.id)
        if before != known:
            yield f"job {after.id} was moved from what it was not"
        if before is not None and after.state not in LEGAL_MOVES[before.state]:
            yield f"job {after.id} went from {before.state} to {after.state}"
        if after.version != (0 if before is None else before.version + 1):
            yield f"job {after.id} skipped a version"
        if not after.has_ended and (after.next_at is None or after.next_at - after.updated_at > DAY):
            yield f"job {after.id} is {after.state} and nothing wakes it up"
        last[after.id] = after


def _tickets(world: World) -> Iterator[str]:
    """I5: a task belongs to one job."""
    owners: dict[tuple[str, str], int] = {}
    for _, job in world.chronicle.moves:
        if job.ticket and owners.setdefault((job.ticket.provider, job.ticket.task_id), job.id) != job.id:
            yield f"job {job.id} took the task of another"


def _ends(world: World) -> Iterator[str]:
    """Each job rests; a video in the channel is a job that is done, and is notified of once.

    I9: a member who is to have a clip has it. A clip that no job needs is removed (storage/retention.py).
    """
    for job in world.chronicle.jobs.values():
        if not world.chronicle.is_at_rest(job):
            yield f"job {job.id} is {job.state} and not at rest"
        if (job.state is JobState.DONE) != bool(world.town.videos(job.id)) and not _is_hidden(world, job):
            yield f"job {job.id} is {job.state}, unlike what the channel shows"
        if job.state in KEPT and job.id not in world.clips:
            yield f"job {job.id} is {job.state} and its clip is gone"
        pings = world.town.pings(job.id)
        if pings > 1:
            yield f"the member was notified of the video of job {job.id} {pings} times"


def _budget(world: World) -> Iterator[str]:
    """I4: what is reserved and spent never exceeds a budget."""
    for limit in world.limits:
        if limit.measure is Measure.MONEY and world.chronicle.most_money > limit.most:
            yield f"{world.chronicle.most_money} were used of a budget of {limit.most}"


def _counted(world: World) -> Iterator[str]:
    """I4: what a gateway bills for what it does not deny is counted before it is made, and stays so."""
    billed = sum(task.price for task in world.gateways.tasks if not task.is_denied)
    if world.chronicle.money < billed:
        yield f"{billed} were billed and {world.chronicle.money} are counted"


def _free(world: World) -> Iterator[str]:
    """A member who is told that it cost nothing was not charged; but for what the gateway itself denies."""
    for job_id in sorted({task.job_id for task in world.gateways.tasks if not task.is_denied}):
        job = world.chronicle.jobs.get(job_id)
        is_free = job is not None and job.reason is not None and job.reason.charge is Charge.NOTHING
        if is_free or world.town.says_nothing_charged(job_id):
            yield f"job {job_id} is said to have cost nothing, and was made"


def _stops(world: World) -> Iterator[str]:
    """I10: where nothing else goes wrong, SIGTERM lets paid requests be finished and written down."""
    if len(world.points.faults) == 1:
        yield from (f"SIGTERM left job {job_id} while it was being sent" for job_id in world.cut_off)
