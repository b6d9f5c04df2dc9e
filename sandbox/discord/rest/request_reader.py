"""Reads a REST request; uploads are counted and written to disk while they arrive."""

import json
from pathlib import Path
from typing import Any

from aiohttp import BodyPartReader, web

from sandbox.discord.attachments import Attachments, Blob, safe_filename
from sandbox.discord.calls import ReceivedFile, Request
from sandbox.discord.json_parts import is_object, objects

PREFIX = "/api/v10"
_CHUNK = 64 * 1024


class Reading:
    """One multipart body on its way in."""

    def __init__(self, attachments: Attachments, upload_limit: int) -> None:
        self._attachments = attachments
        self._limit = upload_limit
        self.fields: dict[str, str] = {}
        self.files: list[tuple[str, Blob]] = []
        self.oversized = False

    async def part(self, part: BodyPartReader) -> None:
        if part.filename is None:
            self.fields[part.name or ""] = await part.text()
            return
        blob = await self._receive(part)
        if blob.size > self._limit:
            self.oversized = True
            blob.path.unlink()
        else:
            self.files.append((safe_filename(part.filename), blob))

    async def _receive(self, part: BodyPartReader) -> Blob:
        size = 0
        with self._attachments.new_file() as file:
            while chunk := await part.read_chunk(_CHUNK):
                size += len(chunk)
                if size <= self._limit:
                    file.write(chunk)
        return Blob(Path(file.name), size)

    def payload(self) -> Any:  # noqa: ANN401  JSON
        if "payload_json" in self.fields:
            return json.loads(self.fields["payload_json"])
        return dict(self.fields) or None

    def described_files(self, payload: object) -> tuple[ReceivedFile, ...]:
        described = _descriptions(payload)
        return tuple(
            ReceivedFile(name, described.get(str(index)), blob)
            for index, (name, blob) in enumerate(self.files)
        )


async def read_request(incoming: web.Request, attachments: Attachments, upload_limit: int) -> Request:
    """Take the whole body off the wire, also when it is refused later.

    Raises:
        ValueError: the body is not JSON.
    """
    payload: Any = None
    reading = Reading(attachments, upload_limit)
    if incoming.content_type.startswith("multipart/"):
        async for part in await incoming.multipart():
            if isinstance(part, BodyPartReader):
                await reading.part(part)
        payload = reading.payload()
    elif body := await incoming.read():
        payload = json.loads(body)
    return Request(
        method=incoming.method,
        path=incoming.rel_url.raw_path.removeprefix(PREFIX),
        params=dict(incoming.query),
        token=incoming.headers.get("Authorization", ""),
        payload=payload,
        files=reading.described_files(payload),
        oversized=reading.oversized,
        reason=incoming.headers.get("X-Audit-Log-Reason"),
    )


def _descriptions(payload: object) -> dict[str, str | None]:
    """Alt texts by file number: the JSON beside the files carries them, one level down in a callback."""
    if not is_object(payload):
        return {}
    listed = objects(payload.get("data") or payload, "attachments")
    return {str(item["id"]): item.get("description") for item in listed if "id" in item}
