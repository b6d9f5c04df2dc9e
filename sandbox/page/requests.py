"""Reads what the page asks for: one JSON object, and the files that belong to it by name."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from aiohttp import BodyPartReader, web

from sandbox.discord import NotPossible, Upload
from sandbox.discord.json_parts import is_object

_LONGEST_WORDS = 2**20


@dataclass(frozen=True, slots=True)
class Asked:
    """`files` are by the name of the option or field that they were put into."""

    words: Mapping[str, Any]
    files: Mapping[str, list[Upload]] = field(default_factory=dict[str, list[Upload]])

    def text(self, name: str) -> str:
        """Raise NotPossible when it is not there."""
        value = self.words.get(name)
        if not isinstance(value, str):
            raise NotPossible(f"{name} is missing.")
        return value

    def number(self, name: str, *, most: float) -> float:
        """Raise NotPossible unless it is above zero and at most this."""
        value = self.words.get(name)
        if not isinstance(value, int | float) or not 0 < value <= most:
            raise NotPossible(f"This has to be a number above 0, and {most:g} at most.")
        return value

    @property
    def channel(self) -> str | int:
        return channel_of(self.text("channel"))

    @property
    def message(self) -> dict[str, Any]:
        """As much of a message as names it."""
        return {"channel_id": self.text("channel_id"), "id": self.text("message")}

    def filled(self, name: str) -> dict[str, Any]:
        """The options or fields under this name; `{"id": …}` stands for a person, role or channel."""
        values = self.words.get(name)
        return {key: _value(value) for key, value in values.items()} if is_object(values) else {}


def channel_of(name: str) -> str | int:
    return int(name) if name.isdigit() else name


def _value(value: object) -> object:
    return int(value["id"]) if is_object(value) and "id" in value else value


async def read(request: web.Request, limit: int) -> Asked:
    """Read the whole request.

    Raises:
        NotPossible: a file is larger than Discord takes here, or the request can't be understood.
    """
    words: object = None
    files: dict[str, list[Upload]] = {}
    async for part in await request.multipart():
        if not isinstance(part, BodyPartReader):
            continue
        if part.filename is None:
            words = json.loads(await _bytes(part, _LONGEST_WORDS))
        else:
            files.setdefault(part.name or "", []).append(Upload(part.filename, await _bytes(part, limit)))
    if not is_object(words):
        raise NotPossible("This is no question that the sandbox understands.")
    return Asked(words, files)


async def _bytes(part: BodyPartReader, limit: int) -> bytes:
    data = bytearray()
    while chunk := await part.read_chunk():
        data += chunk
        if len(data) > limit:
            raise NotPossible(f"Your files are too powerful. The limit here is {limit / 2**20:g} MB.")
    return bytes(data)
