"""Plans how a video reaches its member: attached, made smaller and attached, as a link, or stored."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final

from core.model.delivery import Delivery, Destination, Obstacle, Way
from core.model.job import Job
from core.ports import Clock, KeyValueStore, json_notes

MIB: Final = 2**20

USUAL_LIMIT: Final = 20 * MIB
"""The most that a file may weigh where nothing else is known (Discord, Uploading Files, since 2026-09-03)."""

MOST_BYTES: Final = 100 * MIB
"""Discord names larger limits to some members and takes larger files from no member reliably."""

HEADROOM: Final = 0.98
"""How much of a limit a file as it is may take."""

AIM: Final = 0.95
"""How much of a limit a file may take that is made for that limit."""

MOST_REFUSED: Final = 3
"""Files that one place may refuse as too large before a link is tried."""

BELIEVED_FOR: Final = timedelta(days=1)
_TIERS: Final = tuple(size * MIB for size in (500, 100, 50, 25, 20, 10, 8))
_SHARE_OF_REFUSED: Final = 0.75


def begin_delivery(job: Job) -> Delivery:
    """Begin the delivery of a video that has just been stored; its way is chosen next.

    A delivery whose file was fetched again goes on to the same place.
    """
    if job.delivery is not None:
        return replace(job.delivery, plan=Way.UNDECIDED)
    is_direct = job.destination.is_guest
    return Delivery(plan=Way.UNDECIDED, channel_id=job.destination.channel_id, is_direct=is_direct)


def choose_first_way(delivery: Delivery, size: int, limit: int) -> Delivery:
    """Choose the first way for a file of this size in a place with this limit."""
    way = Way.ATTACH if size <= limit * HEADROOM else Way.REENCODE
    return replace(delivery, plan=way)


def next_way(tried: Delivery, obstacle: Obstacle, *, can_go_direct: bool) -> Delivery | None:
    """Return what is tried next, None where nothing is left but to store the video and say so.

    If a place is closed, a direct message is tried, unless an earlier try may have worked there
    without an answer: there would be two videos then.
    """
    onwards = replace(tried, attempt=tried.attempt + 1, why=obstacle)
    if obstacle is Obstacle.CLOSED:
        is_last = tried.is_direct or tried.may_be_there or not can_go_direct
        return None if is_last else replace(onwards, plan=Way.UNDECIDED, is_direct=True, refused=0)
    if tried.plan is Way.LINK:
        return None
    if obstacle is Obstacle.TOO_LARGE:
        refused = tried.refused + 1
        return replace(onwards, plan=Way.REENCODE if refused < MOST_REFUSED else Way.LINK, refused=refused)
    return replace(onwards, plan=Way.LINK)


def guess_limit(size: int) -> int:
    """Guess the limit of a place that refused a file of this size: the next tier, or a good part of it."""
    tier = next((tier for tier in _TIERS if tier < size), None)
    return int(size * _SHARE_OF_REFUSED) if tier is None else tier


class UploadLimits:
    """What files may weigh in a place: the least of what was named and what was learned within a day."""

    def __init__(self, notes: KeyValueStore, clock: Clock) -> None:
        self._notes = notes
        self._clock = clock

    async def of(self, destination: Destination, *, is_direct: bool) -> int:
        hint = None if is_direct else destination.upload_limit
        learned = await self._learned_limit(_key(destination, is_direct=is_direct))
        return min(MOST_BYTES, USUAL_LIMIT if hint is None else hint, learned or MOST_BYTES)

    async def note_refused_size(self, destination: Destination, size: int, *, is_direct: bool) -> None:
        """Note that a place does not take files of this size."""
        now, limit = self._clock.now().isoformat(), guess_limit(size)
        await self._notes.remember(
            _key(destination, is_direct=is_direct), json.dumps({"bytes": limit, "at": now})
        )

    async def recall_limits(self, member_id: int) -> dict[str, Any]:
        """Return what is noted about a member's direct messages."""
        return await json_notes.recall(self._notes, _member(member_id), dict[str, Any]) or {}

    async def forget(self, member_id: int) -> None:
        """Forget what was learned about a member's direct messages."""
        await json_notes.forget(self._notes, _member(member_id))

    async def _learned_limit(self, key: str) -> int | None:
        learned = await json_notes.recall(self._notes, key, _refusal)
        if learned is None:
            return None
        limit, at = learned
        return limit if abs(self._clock.now() - at) < BELIEVED_FOR else None


def _refusal(note: dict[str, Any]) -> tuple[int, datetime]:
    """Read the size that a place refused, and when that was learned. Raise one of json_notes.DAMAGE."""
    at = datetime.fromisoformat(note["at"])
    limit = int(note["bytes"])
    if at.tzinfo is None or limit <= 0:
        raise ValueError("a time without a zone, or a limit that lets nothing through")
    return limit, at


def _key(destination: Destination, *, is_direct: bool) -> str:
    """Name a place: limits are a server's, and those of direct messages one member's."""
    if is_direct or destination.is_private:
        return _member(destination.requester_id)
    if destination.guild_id is not None:
        return f"upload_limit/server/{destination.guild_id}"
    return f"upload_limit/channel/{destination.channel_id}"


def _member(member_id: int) -> str:
    return f"upload_limit/member/{member_id}"
