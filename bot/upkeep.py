"""Looks after what the program keeps on the disk, while it runs."""

from __future__ import annotations

import logging
from typing import Final

from core import kept_notes
from core.errors import StoreError
from core.ports import Alarm, Clock, Notes

log = logging.getLogger(__name__)

NOTES_SECONDS: Final = 60.0


class Upkeep:
    """Tells of notes that were found damaged: they are read before there is anybody to tell."""

    def __init__(self, *, notes: Notes, alarm: Alarm, clock: Clock) -> None:
        self._notes = notes
        self._alarm = alarm
        self._clock = clock

    async def run(self) -> None:
        """Look again and again, until cancelled."""
        while True:
            await self._tell_of_notes()
            await self._clock.sleep(NOTES_SECONDS)

    async def _tell_of_notes(self) -> None:
        try:
            await kept_notes.tell(self._notes, self._alarm)
        except StoreError as error:
            log.warning("damaged notes are told of later", extra={"why": str(error)})
