"""Watches over the program's files on the disk, while it runs."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Final, Protocol

from core.model.errors import StoreError
from core.model.operator_alerts import FilesGone
from core.ports import AlertChannel, Clock, KeyValueStore, json_notes
from storage.files.presence import Presence, keep_folder

log = logging.getLogger(__name__)

LOOK_SECONDS: Final = 1.0
NOTES_SECONDS: Final = 60.0


class Restorable(Protocol):
    """A file that can be written again where it was removed."""

    async def look(self) -> Presence:
        """Put it back if it is gone, and return how it was found."""
        ...


class DataFolderCare:
    """Puts back what is removed from the data folder, and alerts the operators; also about damaged notes.

    `files` are checked after `folders`, which they lie in. The first folder contains all others.
    """

    def __init__(
        self,
        *,
        notes: KeyValueStore,
        alerts: AlertChannel,
        clock: Clock,
        folders: Sequence[Path],
        files: dict[str, Restorable],
    ) -> None:
        self._notes = notes
        self._alerts = alerts
        self._clock = clock
        self._folders = tuple(folders)
        self._files = files
        self._gone: set[str] = set()
        self._told_at: float | None = None

    async def run(self) -> None:
        """Check again and again, until cancelled."""
        while True:
            await self.look()
            await self._alert_about_notes()
            await self._clock.sleep(LOOK_SECONDS)

    async def look(self) -> None:
        """Put everything in its place. All that was removed at once is in one alert."""
        found = {folder.name: await asyncio.to_thread(keep_folder, folder) for folder in self._folders}
        found |= {name: await file.look() for name, file in self._files.items()}
        for name, presence in found.items():
            self._report(name, presence)

    def _report(self, name: str, presence: Presence) -> None:
        """Log and alert once that something was removed, and once that it is there again."""
        if presence is Presence.THERE:
            if name in self._gone:
                self._gone.discard(name)
                log.warning("what was taken away is there again", extra={"what": name})
            return
        is_restored = presence is Presence.RESTORED
        if is_restored or name not in self._gone:
            log.error("something was taken away", extra={"what": name, "restored": is_restored})
            self._alerts.send(FilesGone(name, is_restored=is_restored))
        (self._gone.discard if is_restored else self._gone.add)(name)

    async def _alert_about_notes(self) -> None:
        now = self._clock.monotonic()
        if self._told_at is not None and now - self._told_at < NOTES_SECONDS:
            return
        self._told_at = now
        try:
            await json_notes.alert_damaged(self._notes, self._alerts)
        except StoreError as error:
            log.warning("damaged notes are told of later", extra={"why": str(error)})
