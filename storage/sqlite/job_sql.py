"""The SQL of jobs. Statements that write take a JSON array of lines, and return the ids of those applied."""

from __future__ import annotations

from functools import cache
from typing import Final

ADMIT: Final = """
INSERT INTO jobs (
    id, requester_id, channel_id, guild_id, ordered_at, parent_id,
    state, version, updated_at, next_at, actor, detail,
    price, attempts, provider, submitted_at,
    request, destination, ticket, result, video, delivery, reason, notice, limits
)
SELECT
    value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5,
    value ->> 6, value ->> 7, value ->> 8, value ->> 9, value ->> 10, value ->> 11,
    value ->> 12, value ->> 13, value ->> 14, value ->> 15,
    value ->> 16, value ->> 17, value ->> 18, value ->> 19, value ->> 20, value ->> 21, value ->> 22,
    value ->> 23, value ->> 24
FROM json_each(?)
WHERE true
ON CONFLICT (id) DO NOTHING
RETURNING id
"""
"""A line: the columns of IDENTITY, STANDING and PARTS in `storage/sqlite/rows.py`, then limits or null."""

_MOVE: Final = """
UPDATE jobs SET
    state = line.state,
    version = line.version,
    updated_at = line.updated_at,
    next_at = line.next_at,
    actor = line.actor,
    detail = line.detail{parts}
FROM (
    SELECT
        value ->> 0 AS id, value ->> 1 AS known_state, value ->> 2 AS known_version,
        value ->> 3 AS state, value ->> 4 AS version, value ->> 5 AS updated_at,
        value ->> 6 AS next_at, value ->> 7 AS actor, value ->> 8 AS detail, value ->> 9 AS changes
    FROM json_each(?)
    LIMIT -1 -- keeps SQLite from taking a line apart again for each column that is set
) AS line
WHERE jobs.id = line.id AND jobs.state = line.known_state AND jobs.version = line.known_version
RETURNING jobs.id
"""

_PART: Final = "{name} = iif(json_type(changes, '$.{name}') IS NULL, jobs.{name}, changes ->> '{name}')"


@cache
def move(parts: tuple[str, ...]) -> str:
    """Return the statement that moves jobs of which some change these PARTS, and no others.

    A line: id, state and version as they were, the columns of STANDING, and an object of the parts that it
    changes, if it changes any. Setting a column writes each index that looks at it, even where the value
    changes, if it changes any. Setting a column writes each index that looks at it, even where the value
    """
    return _MOVE.format(parts="".join(f",\n    {_PART.format(name=name)}" for name in parts))


JOBS: Final = """
SELECT
    id, ordered_at, parent_id,
    state, version, updated_at, next_at, actor, detail,
    price, attempts, provider, submitted_at,
    request, destination, ticket, result, video, delivery, reason, notice,
    requester_id, channel_id, guild_id
FROM jobs
"""

UNKNOWN: Final = "SELECT value FROM json_each(?) WHERE value NOT IN (SELECT id FROM jobs) ORDER BY value"
"""Of these ids those that no job has."""

JOB: Final = f"{JOBS} WHERE id = ?"

_OUTLINES: Final = """
SELECT
    id, ordered_at, state, updated_at, next_at, requester_id, guild_id, provider,
    coalesce(submitted_at, ordered_at), ticket,
    iif(
        json_valid(request),
        json_extract(request, '$.model', '$.mode', '$.duration_seconds', '$.audio'),
        NULL
    )
FROM jobs
"""

_NEXT_PENDING: Final = (
    "WHERE next_at IS NOT NULL AND (ordered_at, id) > (?, ?) ORDER BY ordered_at, id LIMIT ?"
)

EVERY: Final = f"{JOBS} WHERE (ordered_at, id) > (?, ?) ORDER BY ordered_at, id LIMIT ?"

PENDING: Final = f"{JOBS} {_NEXT_PENDING}"

OUTLINES: Final = f"{_OUTLINES} {_NEXT_PENDING}"

OF_REQUESTER: Final = f"{JOBS} WHERE requester_id = ? ORDER BY ordered_at DESC, id DESC LIMIT ?"

BY_MESSAGE: Final = f"{JOBS} WHERE destination ->> 'card_id' = ? OR delivery ->> 'message_id' = ? LIMIT 2"
"""Two jobs never share a message for long; a query takes the later one."""

RIVALS: Final = """
SELECT state FROM jobs
WHERE ticket ->> 'provider' = ?2 AND ticket ->> 'task_id' IN (SELECT value FROM json_each(?3))
    AND ticket IS NOT NULL AND id <> ?1
UNION
SELECT state FROM jobs WHERE result ->> 'mark' = ?4 AND id <> ?1
UNION
SELECT state FROM jobs WHERE state = 'UNKNOWN' AND provider = ?2 AND id <> ?1
"""

RECENT: Final = f"{JOBS} ORDER BY ordered_at DESC, id DESC LIMIT ?"

EVENTS: Final = (
    "SELECT job_id, at, before, after, actor, detail FROM job_events WHERE job_id = ? ORDER BY version"
)

USAGE: Final = (
    "SELECT open_jobs, videos, reserved, spent FROM usage WHERE scope = ? AND owner = ? AND period = ?"
)

ENTRIES: Final = """
SELECT job_id, at, booking, reserved, spent, open_jobs, videos FROM ledger WHERE job_id = ? ORDER BY line
"""
