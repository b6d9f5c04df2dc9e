"""How the world stands when a program is started: two that stand alike go on alike."""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterator
from datetime import datetime
from typing import Final

from core.model.job import Job
from tests.fakes.models import CATALOG
from tests.proof.harness.channels import FORBIDDEN, Message
from tests.proof.harness.disk import MemoryDisk
from tests.proof.harness.world import World

_MOMENT: Final = re.compile(r"<t:\d+:\w>")
_MINUTE: Final = 60


async def standing(world: World) -> Hashable:
    """Return all that a program can find in the world, and what the checker looks at, ages by the minute.

    Of a world on a real disk it is never the same.
    """
    if not isinstance(world.disk, MemoryDisk):
        return object()
    jobs, now = world.chronicle.jobs, world.clock.now()
    return (
        tuple(_of_job(jobs[number], now) for number in sorted(jobs)),
        tuple([await world.disk.replies.last(number) for number in sorted(jobs)]),
        frozenset((path.name, path.read_bytes()) for path in world.disk.folder.iterdir()),
        tuple(_of_gateways(world)),
        frozenset(map(_of_message, world.town.messages.values())),
        frozenset(world.town.nonces),
        frozenset(await world.notes.keys("")),
        (world.catalog is CATALOG, world.chronicle.money, frozenset(world.cut_off)),
        any(passed.fault is FORBIDDEN for passed in world.points.faults),
    )


def _of_job(job: Job, now: datetime) -> Hashable:
    moments = (job.ordered_at, job.submitted_at, job.next_at, job.result and job.result.seen_at)
    ages = tuple(at and (now - at).total_seconds() // _MINUTE for at in moments)
    result = job.result and (job.result.url, job.result.mark, job.result.is_proved)
    way = job.delivery
    bringing = way and (way.plan, way.attempt, way.channel_id, way.refused, way.is_direct, way.may_be_there)
    kept = (job.id, job.state, job.notice, job.attempts, job.provider, job.price, job.reason, job.parent_id)
    return *kept, *ages, job.ticket, result, job.video, bringing, bool(way and way.message_id)


def _of_gateways(world: World) -> Iterator[Hashable]:
    gateways = world.gateways
    yield tuple(sorted((one.job_id, one.provider, one.was_refused) for one in gateways.requests))
    for task in gateways.tasks:
        yield task.id, task.job_id, task.provider, task.price, task.manner, task.is_denied
        yield min(task.asked, gateways.patience + 1)
    yield max(0, gateways.blind_until - world.clock.monotonic()) // _MINUTE
    yield frozenset(gateways.blind_to), frozenset(gateways.forbidden)


def _of_message(message: Message) -> Hashable:
    number = message.nonce or message.id
    text = _MOMENT.sub("", message.text)
    return number, message.channel_id, text, frozenset(message.files.items()), message.answers is None
