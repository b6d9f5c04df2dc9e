"""A folder of clips."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from core.model.job import file_name
from core.model.video import StoredVideo


@dataclass(frozen=True, slots=True)
class FolderArchive:
    """`core.ports.ClipStore` in one folder, without threads: virtual time does not wait for those."""

    folder: Path

    def path(self, job_id: int) -> Path:
        return self.folder / file_name(job_id)

    async def holds(self, job_id: int, video: StoredVideo) -> bool:
        path = self.path(job_id)
        if not path.is_file():
            return False
        content = path.read_bytes()
        return len(content) == video.size and hashlib.sha256(content).hexdigest() == video.sha256

    def fitted(self, job_id: int) -> Path:
        return self.folder / f"{file_name(job_id)}.fitted"

    async def discard_fitted(self, job_id: int) -> None:
        self.fitted(job_id).unlink(missing_ok=True)

    async def discard(self, job_id: int) -> None:
        self.path(job_id).unlink(missing_ok=True)
