"""What must hold for each order, whatever the gateway does."""

from __future__ import annotations

from collections.abc import Iterator

from core.model.job import Charge, Job, JobState
from core.model.operator_alerts import OutcomeUnclear, TaskLost
from tests.stranger.driver import HONEST_ORDER, Played

MOST_OF_ALONE = 1.2
"""How much longer an order at the honest gateway may take beside the stranger than alone."""


def broken(played: Played, alone: float) -> list[str]:
    """Name every promise that was broken, in words."""
    found = [f"a mistake of the program's own: {mistake}" for mistake in played.mistakes]
    for number in played.jobs:
        found += [f"order {number}: {what}" for what in _broken(played, number)]
    took = played.arrived.get(HONEST_ORDER)
    if played.world.has_neighbour and (took is None or took > MOST_OF_ALONE * alone):
        found.append(f"the honest gateway's own order took {took} s, and {alone:.1f} s alone")
    return found


def _broken(played: Played, number: int) -> Iterator[str]:
    job = played.jobs[number]
    made, elsewhere = played.stranger.of(number), played.honest.posts[number]
    if len(made) + elsewhere > 1:
        yield f"bought {len(made)} times here and {elsewhere} times elsewhere"
    if (made or elsewhere) and _says_free(job):
        yield f"its member was told that nothing was charged: {job.reason}"
    yield from _miscounted(played, job)
    tasks = (*made, *played.honest.of(number))
    delivered = played.delivered.get(number, [])
    if not {task.clip for task in tasks}.issuperset(delivered):
        yield "somebody else's clip was delivered"
    is_in_doubt = job.state is JobState.UNKNOWN
    is_due = any(task.finishes and (task.was_given or (task.external_id and is_in_doubt)) for task in tasks)
    if is_due and not delivered:
        yield f"its finished clip was not delivered: {job.state} {job.reason}"
    if not job.has_ended and not _is_known_to_be_unknown(played, job):
        yield f"it has come to no end: {job.state} {job.detail}"


def _miscounted(played: Played, job: Job) -> Iterator[str]:
    tasks = (*played.stranger.of(job.id), *played.honest.of(job.id))
    billed = sum(task.is_billed for task in tasks) * (job.price or 0)
    counted = sum(entry.reserved + entry.spent for entry in played.ledger[job.id])
    if counted < billed and not _is_known_to_be_unknown(played, job):
        yield f"{counted} was counted and {billed} billed, as {job.state} {job.reason}"


def _says_free(job: Job) -> bool:
    reason = job.reason
    says = reason is not None and "nothing was charged" in reason.said.casefold()
    return says or (job.has_ended and reason is not None and reason.charge is Charge.NOTHING)


def _is_known_to_be_unknown(played: Played, job: Job) -> bool:
    """Whether the outcome of the order is unknown, and both who can act have been told."""
    is_member_told = any(told.id == job.id and told.state is JobState.UNKNOWN for told in played.told)
    alarms = (event for event in played.alerts.raised_events if isinstance(event, OutcomeUnclear | TaskLost))
    return (
        job.state is JobState.UNKNOWN and is_member_told and any(event.job_id == job.id for event in alarms)
    )
