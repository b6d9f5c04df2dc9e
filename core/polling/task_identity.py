"""Decides whether an ending is about our task where the answer does not name it.

An ending counts from an answer that names the task. Some gateways change their ids while a task runs,
or leave them out, so two more things count: an id that this very task had before it ended, and the same
answer again and again with a clip of no other task. Everything else is asked again.
"""

from __future__ import annotations

import json
import logging
from collections import Counter
from collections.abc import Awaitable, Callable, Collection, Hashable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final, TypeAlias, cast

from core.model.errors import StoreError
from core.model.job import JobState
from core.model.video import link_mark
from core.ports import Failed, Finished, JobStore, KeyValueStore, TaskClaim, Unproved
from core.ports.json_notes import job_of, recall

log = logging.getLogger(__name__)

EQUAL_ANSWERS: Final = 3
EQUAL_FOR: Final = timedelta(minutes=2)
"""An ending that names no task counts when it came so often in a row, over so long."""

ALERT_AFTER: Final = timedelta(minutes=10)
"""How long an ending stays unproved before the operator is told."""

MOST_ALIASES: Final = 8
_KEY: Final = "also called: "
_FETCHES: Final = 3
_FETCH_AGAIN_SECONDS: Final = 5.0
_LONGEST_FETCH_WAIT: Final = 600.0

Ending: TypeAlias = tuple[str, str]
Rivals: TypeAlias = Callable[[TaskClaim], Awaitable[Collection[JobState]]]


@dataclass(slots=True)
class Evidence:
    """The answers about one task that did not name it. Moments are of the monotonic clock, in seconds.

    `ending` came `times` in a row since `since`; the first ending came at `began`. `link` is the last one
    that came without the id of another task. The last `foreign_times` endings named other tasks, the last
    one `foreign`, with `foreign_link`. The clip was not found by our own id `fetches` times, and is tried
    again from `fetch_at` on. `is_kept` means that the aliases are in the notes.
    """

    provider: str
    aliases: tuple[str, ...] = ()
    ending: Ending | None = None
    times: int = 0
    since: float = 0.0
    began: float | None = None
    link: str | None = None
    foreign: tuple[str, ...] = ()
    foreign_link: str | None = None
    foreign_times: int = 0
    is_kept: bool = False
    fetches: int = 0
    fetch_at: float = 0.0
    is_alerted: bool = False

    def is_repeated(self, now: float) -> bool:
        return self.times >= EQUAL_ANSWERS and now - self.since >= EQUAL_FOR.total_seconds()


async def no_rivals(_: TaskClaim) -> Collection[JobState]:
    """Stand in for a store where there is one job only."""
    return ()


class TaskIdentity:
    """Holds evidence by job, and only for tasks that an answer did not name: those are few.

    `rivals` says which other jobs an answer may concern, as `core.ports.JobStore.rivals` does. The other ids
    of a task are kept in the notes as long as its job runs: a later run may not see them again.
    """

    def __init__(self, rivals: Rivals = no_rivals, notes: KeyValueStore | None = None) -> None:
        self._rivals = rivals
        self._notes = notes
        self._evidence: dict[int, Evidence] = {}
        self._aliases: Counter[tuple[str, Hashable]] = Counter()
        self._endings: Counter[tuple[str, Hashable]] = Counter()

    def __len__(self) -> int:
        return len(self._evidence)

    async def offered_link(self, job_id: int) -> str | None:
        """Return a link that may lead to the clip of the job's task, for a person to look at.

        An answer that named another task offers nothing, unless others kept on saying the like; a clip
        of another job is never offered.
        """
        evidence = self._evidence.get(job_id)
        if evidence is None:
            return None
        is_foreign = evidence.link is None and evidence.foreign_times >= EQUAL_ANSWERS
        link, ids = (evidence.foreign_link, evidence.foreign) if is_foreign else (evidence.link, ())
        if link is None:
            return None
        rivals = await self._rivals(TaskClaim(job_id, evidence.provider, ids, link_mark(link)))
        return None if {*rivals} - {JobState.UNKNOWN} else link

    def note_unfinished(self, job_id: int, provider: str, aliases: Collection[str] = ()) -> None:
        """Note an answer that the task has not ended, and by which other ids it calls the task."""
        evidence = self._evidence.get(job_id)
        if evidence is None and not aliases:
            return
        evidence = self._of(job_id, provider)
        self._start_row(evidence, None)
        evidence.foreign_times = 0
        new = [alias for alias in aliases if alias not in evidence.aliases]
        new = new[: MOST_ALIASES - len(evidence.aliases)]
        evidence.aliases += tuple(new)
        self._aliases.update((provider, alias) for alias in new)
        evidence.is_kept = evidence.is_kept and not new

    async def recall(self, store: JobStore) -> None:
        """Load the aliases that an earlier run saw. Those of jobs that have ended are removed."""
        if self._notes is None:
            return
        for key in await self._notes.keys(_KEY):
            job = await job_of(store, key.removeprefix(_KEY))
            read = None if job is None or job.has_ended else await recall(self._notes, key, _names)
            if job is None or read is None:
                await self._notes.forget(key)
            else:
                self.note_unfinished(job.id, job.provider or "", read)
                self._of(job.id, job.provider or "").is_kept = True

    async def keep(self, job_id: int) -> None:
        """Save the aliases of a task for later runs. Never raises: they come again, or are not needed."""
        evidence = self._evidence.get(job_id)
        if self._notes is None or evidence is None or evidence.is_kept or not evidence.aliases:
            return
        try:
            await self._notes.remember(f"{_KEY}{job_id}", json.dumps(evidence.aliases))
            evidence.is_kept = True
        except StoreError as error:
            log.warning("another id of a task is not kept", extra={"job": job_id, "why": str(error)})

    async def drop(self, job_id: int) -> None:
        """Remove the aliases of a job that has ended. Never raises: the next start removes them, too."""
        evidence = self._evidence.get(job_id)
        if self._notes is not None and evidence is not None and evidence.is_kept:
            with suppress(StoreError):
                await self._notes.forget(f"{_KEY}{job_id}")

    async def is_proved(self, job_id: int, provider: str, unproved: Unproved, now: float) -> bool:
        """Whether all answers so far prove this ending, which came just now."""
        evidence = self._note_answer(self._of(job_id, provider), unproved, now)
        if unproved.names_task and unproved.by_id is None:
            return evidence.is_repeated(now)
        if unproved.names_task:
            return isinstance(unproved.ending, Failed) and evidence.fetches >= _FETCHES
        ids = [alias for alias in unproved.aliases if self._aliases[provider, alias] <= 1]
        is_alias = any(alias in evidence.aliases for alias in ids)
        if not is_alias and (ids or _link(unproved) is None):
            return False
        is_certain = self._is_certain(evidence, unproved, now)
        if not is_alias and not is_certain:
            return False
        rivals = await self._rivals(TaskClaim(job_id, provider, tuple(ids), _mark(unproved)))
        # A task whose id is unknown may be the one that a new alias belongs to.
        return not rivals or (is_certain and {*rivals} == {JobState.UNKNOWN})

    async def may_fetch(self, job_id: int, provider: str, unproved: Unproved, now: float) -> bool:
        """Whether it is time to try (again) whether the clip is there; a link has to be repeated first."""
        evidence, by_id = self._of(job_id, provider), unproved.by_id
        if by_id is None or now < evidence.fetch_at:
            return False
        if by_id.url is None:
            return True
        rivals = await self._rivals(TaskClaim(job_id, provider, (), _mark(unproved)))
        return self._is_certain(evidence, unproved, now) and {*rivals} <= {JobState.UNKNOWN}

    def _is_certain(self, evidence: Evidence, unproved: Unproved, now: float) -> bool:
        """Whether an ending came again and again, and no other task got the same."""
        return evidence.is_repeated(now) and self._endings[evidence.provider, _ending(unproved)] == 1

    def fetch_failed(self, job_id: int, provider: str, now: float) -> None:
        """Note that our own id gave no clip though the task is said to be finished."""
        evidence = self._of(job_id, provider)
        wait = min(_FETCH_AGAIN_SECONDS * 2**evidence.fetches, _LONGEST_FETCH_WAIT)
        evidence.fetches, evidence.fetch_at = evidence.fetches + 1, now + wait

    def alert(self, job_id: int, now: float) -> bool:
        """Whether the operator is to be told now, once, that an ending stays unproved."""
        evidence = self._evidence.get(job_id)
        if evidence is None or evidence.began is None or evidence.is_alerted:
            return False
        evidence.is_alerted = now - evidence.began >= ALERT_AFTER.total_seconds()
        return evidence.is_alerted

    def is_fresh(self, job_id: int, now: float) -> bool:
        """Whether an unproved ending is so new that asking often may still prove it."""
        evidence = self._evidence.get(job_id)
        return (
            evidence is None or evidence.began is None or now - evidence.began < ALERT_AFTER.total_seconds()
        )

    def forget(self, job_id: int) -> None:
        evidence = self._evidence.pop(job_id, None)
        if evidence is not None:
            self._start_row(evidence, None)
            for alias in evidence.aliases:
                _drop(self._aliases, (evidence.provider, alias))

    def _of(self, job_id: int, provider: str) -> Evidence:
        return self._evidence.setdefault(job_id, Evidence(provider))

    def _note_answer(self, evidence: Evidence, unproved: Unproved, now: float) -> Evidence:
        _note_link(evidence, unproved)
        evidence.began = now if evidence.began is None else evidence.began
        if evidence.ending != (ending := _ending(unproved)):
            self._start_row(evidence, ending)
            evidence.since = now
        evidence.times += 1
        return evidence

    def _start_row(self, evidence: Evidence, ending: Ending | None) -> None:
        """Start another row of equal answers, or none."""
        if evidence.ending is not None:
            _drop(self._endings, (evidence.provider, evidence.ending))
        if ending is not None:
            self._endings[evidence.provider, ending] += 1
        evidence.ending, evidence.times = ending, 0


def _note_link(evidence: Evidence, unproved: Unproved) -> None:
    """Keep a link apart from others where the answer names a task that is not known to be ours."""
    link, ids = _link(unproved), unproved.aliases
    if unproved.names_task or not ids or any(alias in evidence.aliases for alias in ids):
        evidence.link = link or evidence.link
        evidence.foreign_times = 0
    else:
        evidence.foreign, evidence.foreign_link = ids, link
        evidence.foreign_times += 1


def _names(values: object) -> list[str]:
    """Return a list of ids. Raise TypeError where it is none."""
    listed = cast("list[object]", values) if isinstance(values, list) else [None]
    names = [value for value in listed if isinstance(value, str)]
    if len(names) != len(listed):
        raise TypeError("that is no list of ids")
    return names


def _drop(counter: Counter[tuple[str, Hashable]], key: tuple[str, Hashable]) -> None:
    counter[key] -= 1
    if counter[key] <= 0:
        del counter[key]


def as_believed(unproved: Unproved) -> Finished | Failed:
    """Return what an ending means once it is proved: our own id comes before the links that it gives."""
    ending, by_id = unproved.ending, unproved.by_id
    if not isinstance(ending, Finished) or by_id is None:
        return ending
    links = tuple(filter(None, (ending.result.url, *ending.result.others)))
    return Finished(replace(ending.result, url=by_id.url, others=links))


def _ending(unproved: Unproved) -> Ending:
    match unproved.ending:
        case Finished():
            return "finished", _mark(unproved) or ""
        case Failed(code, said):
            return code, said


def _link(unproved: Unproved) -> str | None:
    return unproved.ending.result.url if isinstance(unproved.ending, Finished) else None


def _mark(unproved: Unproved) -> str | None:
    link = _link(unproved)
    return None if link is None else link_mark(link)
