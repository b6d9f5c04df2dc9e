"""Stores what was learned about the length of tasks, from one run of the program to the next."""

from __future__ import annotations

import json
import logging
from typing import Final

from core.model.errors import StoreError
from core.polling.task_durations import DurationModel
from core.ports import Clock, KeyValueStore, json_notes

log = logging.getLogger(__name__)

KEY: Final = "experience"
SAVE_SECONDS: Final = 300.0


async def recall_durations(notes: KeyValueStore) -> DurationModel:
    """Load what an earlier run learned. What cannot be read is learned again."""
    return await json_notes.recall(notes, KEY, DurationModel.load) or DurationModel()


class DurationStore:
    """Saves what was learned every few minutes, if there is anything new."""

    def __init__(self, notes: KeyValueStore, clock: Clock, durations: DurationModel) -> None:
        self._notes = notes
        self._clock = clock
        self._durations = durations
        self._saved = _write(durations)

    async def run(self) -> None:
        """Save until cancelled."""
        while True:
            await self._clock.sleep(SAVE_SECONDS)
            await self.save()

    async def save(self) -> None:
        """Save what is new. A store that takes nothing now is tried again later."""
        written = _write(self._durations)
        if written == self._saved:
            return
        try:
            await self._notes.remember(KEY, written)
        except StoreError as error:
            log.warning("what was learned could not be saved", extra={"why": str(error)})
        else:
            self._saved = written


def _write(durations: DurationModel) -> str:
    return json.dumps(durations.dump())
