"""The SQL of what is stored about a member, and of erasing it."""

from __future__ import annotations

from typing import Final

from storage.sqlite.job_sql import JOBS, move
from storage.sqlite.rows import PARTS

OF_MEMBER: Final = f"""
{JOBS} WHERE requester_id = ? AND (ordered_at, id) < (?, ?) ORDER BY ordered_at DESC, id DESC LIMIT ?
"""

DOSSIER: Final = """
SELECT
    count(*),
    count(next_at),
    min(ordered_at),
    count(*) FILTER (WHERE iif(
        json_valid(request), coalesce(request ->> 'reference', request ->> 'first_frame'), NULL
    ) IS NOT NULL),
    count(video),
    coalesce(sum((SELECT count(*) FROM ledger WHERE job_id = jobs.id)), 0),
    (
        SELECT count(*) FROM job_events
        WHERE actor = CAST(?1 AS TEXT) AND actor NOT IN ('matinee', 'member') AND job_id NOT IN (
            SELECT id FROM jobs WHERE requester_id = ?1
        )
    )
FROM jobs WHERE requester_id = ?1
"""

ACTS: Final = """
SELECT job_id, at, before, after, actor, detail FROM job_events
WHERE actor = CAST(?1 AS TEXT) AND actor NOT IN ('matinee', 'member') AND job_id NOT IN (
    SELECT id FROM jobs WHERE requester_id = ?1
)
ORDER BY line
"""

BEGIN_ERASURE: Final = """
INSERT INTO erasures (pseudonym, member_id, asked_at)
SELECT ?1, ?2, max(?3, coalesce(max(ordered_at), ?3)) FROM jobs WHERE requester_id = ?2
ON CONFLICT (member_id) DO UPDATE SET asked_at = max(asked_at, excluded.asked_at)
RETURNING pseudonym, member_id, asked_at
"""

ERASURES: Final = "SELECT pseudonym, member_id, asked_at FROM erasures ORDER BY asked_at, member_id"

HOLD: Final = "UPDATE erasures SET held = ? WHERE pseudonym = ?"

HELD: Final = "SELECT period FROM held_usage WHERE pseudonym = ?"

ERASE: Final = move((*PARTS, "requester_id", "channel_id", "guild_id", "limits"))
"""Moves a job to its pseudonym: a line is that of a move, whose object also has the new owner and place."""

RENAME_EVENTS: Final = """
UPDATE job_events SET actor = ?1
WHERE actor = ?2 AND actor NOT IN ('matinee', 'member') AND at <= ?3
    AND EXISTS (SELECT 1 FROM erasures WHERE pseudonym = CAST(?1 AS INTEGER))
"""

RENAME_JOBS: Final = """
UPDATE jobs SET actor = ?1 WHERE actor = ?2 AND id IN (
    SELECT job_id FROM job_events WHERE actor = ?1 AND actor NOT IN ('matinee', 'member')
) AND EXISTS (SELECT 1 FROM erasures WHERE pseudonym = CAST(?1 AS INTEGER))
"""

SHARED_PICTURES: Final = """
SELECT DISTINCT iif(
    json_valid(request), coalesce(request ->> 'reference', request ->> 'first_frame'), NULL
) AS picture
FROM jobs
WHERE picture IN (SELECT value FROM json_each(?1)) AND NOT (
    requester_id = ?2
    AND ordered_at <= ?3
    AND next_at IS NULL
    AND state IN (SELECT state FROM endings)
)
"""

FINISH_ERASURE: Final = """
DELETE FROM erasures
WHERE pseudonym = ?1
    AND NOT EXISTS (SELECT 1 FROM held_usage WHERE pseudonym = ?1)
    AND NOT EXISTS (
        SELECT 1 FROM jobs
        WHERE jobs.requester_id = erasures.member_id AND jobs.ordered_at <= erasures.asked_at
    )
RETURNING pseudonym
"""

SIZE: Final = "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size"
"""The bytes that the database file will have when its log is empty."""
