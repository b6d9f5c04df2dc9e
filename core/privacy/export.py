"""Writes all that is stored about a member as JSON lines."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import asdict, replace
from typing import Any, Final, TypeAlias, TypeVar

from core.delivery.message_notes import SentCopies
from core.delivery.plan import UploadLimits
from core.model.job import Job
from core.model.ledger import Entry
from core.ports import Event, JobStore, PersonalData
from core.requests.preferences import PreferenceScope, PreferenceStore

SOMEBODY_ELSE: Final = "somebody else"

Record: TypeAlias = Job | Event | Entry
Done = TypeVar("Done", Job, Event)


class Export:
    def __init__(
        self,
        store: JobStore,
        personal: PersonalData,
        preferences: PreferenceStore,
        upload_limits: UploadLimits,
        copies: SentCopies,
    ) -> None:
        self._store = store
        self._personal = personal
        self._preferences = preferences
        self._upload_limits = upload_limits
        self._copies = copies

    async def lines(self, member_id: int) -> AsyncIterator[str]:
        """Yield an object for each job, the newest first, then one for everything else."""
        async for job in self._personal.jobs_of(member_id):
            history = [_record(_hide_others(event, member_id)) for event in await self._store.events(job.id)]
            ledger = [_record(entry) for entry in await self._store.entries(job.id)]
            yield _line(_record(_hide_others(job, member_id)) | {"history": history, "ledger": ledger})
        rest = await self.beside_jobs(member_id)
        if rest:
            yield _line(rest)

    async def beside_jobs(self, member_id: int) -> dict[str, Any]:
        """Return what is stored beside the member's own jobs, without empty parts."""
        preferences = await self._preferences.of(PreferenceScope.MEMBER, member_id)
        kept = {
            "acts": [_record(event) for event in await self._personal.acts_of(member_id)],
            "preferences": {
                name: erasure for name, erasure in asdict(preferences).items() if erasure is not None
            },
            "direct_messages": await self._upload_limits.recall_limits(member_id),
            "copies_of": await self._copies.job_names(member_id),
        }
        return {name: value for name, value in kept.items() if value}


def _hide_others(done: Done, member_id: int) -> Done:
    """Say what was done, but not by which other member: their id is theirs."""
    is_somebody_else = done.actor.isdecimal() and done.actor != str(member_id)
    return replace(done, actor=SOMEBODY_ELSE) if is_somebody_else else done


def _record(kept: Record) -> dict[str, Any]:
    """Write everything that is stored, as JSON takes it."""
    record: dict[str, Any] = json.loads(json.dumps(asdict(kept), default=str))
    return record


def _line(record: dict[str, Any]) -> str:
    return json.dumps(record, ensure_ascii=False)
