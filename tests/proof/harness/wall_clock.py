"""A wall clock of its own for a process, which a test may set while the process runs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Final

_LIBRARY: Final = "faketime/libfaketimeMT.so.1"
_PLACES: Final = (f"lib/{_LIBRARY}", f"lib64/{_LIBRARY}", f"lib/*/{_LIBRARY}", f"local/lib/{_LIBRARY}")
_SHARED: Final = Path("/dev/shm")


def found_library() -> Path | None:
    """Find libfaketime, for programs with several threads."""
    return next((path for place in _PLACES for path in Path("/usr").glob(place)), None)


@dataclass(frozen=True, slots=True)
class WallClock:
    """The clock of processes that are started with its environment; their monotonic one is the machine's."""

    shim: Path
    file: Path

    @property
    def environment(self) -> Mapping[str, str]:
        return {
            "LD_PRELOAD": str(self.shim),
            "FAKETIME_TIMESTAMP_FILE": str(self.file),
            "FAKETIME_NO_CACHE": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            # Threads that wait for each other by the monotonic clock would otherwise spin.
            "FAKETIME_FORCE_MONOTONIC_FIX": "0",
            "NO_FAKE_STAT": "1",
        }

    def set_apart(self, by: timedelta) -> None:
        """Set it, at once, so far from the machine's own."""
        written = self.file.with_suffix(".new")
        written.write_text(f"{by.total_seconds():+.0f}")
        written.replace(self.file)

    def forget(self, pid: int) -> None:
        """Remove what a process that was killed has left in memory."""
        for left in (f"faketime_shm_{pid}", f"sem.faketime_sem_{pid}"):
            (_SHARED / left).unlink(missing_ok=True)
