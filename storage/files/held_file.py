"""A file that is held open, so that its content can be written again where its name is removed."""

from __future__ import annotations

import os
from pathlib import Path

from core.model.errors import StoreUnusable
from storage.files import durable
from storage.files.presence import Presence, set_aside


class HeldFile:
    """`size` is how much was in the file when it was last held."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.size = 0
        self._held: int | None = None

    def hold(self) -> None:
        """Hold the file that has the name now, if there is one."""
        self.close()
        try:
            self._held = os.open(self.path, os.O_RDONLY)
            self.size = os.fstat(self._held).st_size
        except FileNotFoundError:
            self.size = 0

    def close(self) -> None:
        if self._held is not None:
            os.close(self._held)
            self._held = None

    def keep(self) -> Presence:
        """Write the file again where it was removed or replaced. Never raises.

        Content that was cut off in the file itself is lost, as is a file that cannot be written again.
        """
        if self._held is None:
            return Presence.THERE
        try:
            if self._has_its_name(self._held):
                is_whole = os.fstat(self._held).st_size >= self.size
                self.hold()
                return Presence.THERE if is_whole else Presence.GONE
            self._rewrite(self._held)
            self.hold()
        except (OSError, StoreUnusable):
            return Presence.GONE
        return Presence.RESTORED

    def _has_its_name(self, held: int) -> bool:
        try:
            named = self.path.stat()
        except (FileNotFoundError, NotADirectoryError):
            return False
        return os.path.samestat(named, os.fstat(held))

    def _rewrite(self, held: int) -> None:
        content = b""
        while part := os.pread(held, 2**20, len(content)):
            content += part
        durable.make_folder(self.path.parent)
        set_aside(self.path)
        durable.rewrite(self.path, content)
