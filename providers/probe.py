"""Free questions that tell whether a gateway is there and takes the key. Nothing here can cost anything."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from typing import Final, cast

import aiohttp
import httpx

from providers import wire
from providers.access import Access
from providers.clients import Answer, Network
from providers.complaints import complaint

_NO_TASK: Final = "matinee-asks-whether-it-may-ask"
"""An id that no gateway gives to a task."""

_QUESTIONS: Final[Mapping[str, Sequence[str]]] = {
    "anyint": ("/openai/v1/models", f"/openai/v1/videos/{_NO_TASK}"),
    "worldrouter": (f"/v1/videos/text2video/{_NO_TASK}",),
}
_SOMEBODY_ELSES_TASK: Final = "media_resource_access_denied"
_REFUSED: Final = frozenset({401, 403})
_NOT_FOUND: Final = frozenset({400, 404})
_TASK: Final = re.compile(r"task|video|job|media|resource", re.IGNORECASE)
_PATHS: Final = re.compile(r"\S*/\S*")
"""A gateway that knows the route says that there is no such task; another one repeats the path."""


class Kind(Enum):
    ACCEPTED = auto()
    REFUSED = auto()
    UNCLEAR = auto()
    UNREACHABLE = auto()


@dataclass(frozen=True, slots=True)
class Verdict:
    """`said` is the gateway's own explanation. `models` is what it lists, None where it lists nothing."""

    kind: Kind
    said: str = ""
    models: frozenset[str] | None = None


async def probe(gateway: str, *, base_url: str, key: str, network: Network) -> Verdict:
    """Ask a gateway by name (`anyint`), until an answer is clear. Raise ValueError as `build` does."""
    access = Access.to(base_url, key, network.addresses)
    verdict = Verdict(Kind.UNCLEAR)
    for path in _QUESTIONS[gateway]:
        verdict = await _asked(access, path, network)
        if verdict.kind is not Kind.UNCLEAR:
            break
    return verdict


async def _asked(access: Access, path: str, network: Network) -> Verdict:
    url = f"{access.base_url}{path}"
    try:
        answer = await network.get(url, access.headers(httpx.URL(url)))
    except (httpx.HTTPError, httpx.InvalidURL, aiohttp.ClientError, OSError, ValueError) as error:
        return Verdict(Kind.UNREACHABLE, type(error).__name__)
    return _read(answer, access.key)


def _read(answer: Answer, key: str) -> Verdict:
    document = wire.document(answer.body) if answer.broken is None else None
    found = None if document is None else complaint(document)
    said = wire.explained(f"HTTP {answer.status}" + (f": {found}" if found else ""), key)
    if found is not None and found.code == _SOMEBODY_ELSES_TASK:
        return Verdict(Kind.ACCEPTED)
    if answer.status in _REFUSED:
        return Verdict(Kind.REFUSED, said)
    if document is not None and answer.is_success and found is None:
        return Verdict(Kind.ACCEPTED, models=_models(document))
    is_about_task = answer.status in _NOT_FOUND and _TASK.search(_PATHS.sub("", str(found or "")))
    return Verdict(Kind.ACCEPTED if is_about_task else Kind.UNCLEAR, said)


def _models(document: wire.Document) -> frozenset[str] | None:
    """Return the ids of a list of models, None where it is none or not the whole of it."""
    entries: object = document.get("data")
    if not isinstance(entries, list) or document.get("has_more"):
        return None
    return frozenset(wire.text(wire.part(entry).get("id")) for entry in cast("list[object]", entries))
