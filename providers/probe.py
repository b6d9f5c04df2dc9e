"""Free questions that show whether a gateway is there and accepts the key. Nothing here can cost anything."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum, auto
from http import HTTPStatus
from typing import Final, cast

import aiohttp
import httpx

from providers.http import wire
from providers.http.access import Access
from providers.http.clients import Answer, Network
from providers.replies.error_payloads import error_payload
from providers.surface import Surface

_SOMEBODY_ELSES_TASK: Final = "media_resource_access_denied"
_REFUSED: Final = frozenset({401, 403})
_NOT_FOUND: Final = frozenset({400, 404})
_NO_SUCH_ROUTE: Final = frozenset({404, 405, 410})
_TASK: Final = re.compile(r"task|video|job|media|resource", re.IGNORECASE)
_PATHS: Final = re.compile(r"\S*/\S*")
"""A gateway that knows the route answers that there is no such task; another one repeats the path."""


class Kind(Enum):
    ACCEPTED = auto()
    REFUSED = auto()
    UNCLEAR = auto()
    UNREACHABLE = auto()
    ELSEWHERE = auto()
    """Something answers that does not talk like a gateway: a website, or a proxy in front of nothing."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """`said` is the gateway's own explanation. `models` is what it lists, None where it lists nothing."""

    kind: Kind
    said: str = ""
    models: frozenset[str] | None = None


async def probe(gateway: type[Surface], *, base_url: str, key: str, network: Network) -> Verdict:
    """Ask the gateway of a surface, until an answer is clear. Raise ValueError as `build` does.

    It is elsewhere only if no answer at all is a gateway's: one route may be missing.
    """
    access = gateway.access(base_url, key, network.addresses)
    verdicts: list[Verdict] = []
    for path in gateway.probe_paths:
        verdict = await _ask(access, path, network)
        if verdict.kind not in {Kind.UNCLEAR, Kind.ELSEWHERE}:
            return verdict
        verdicts.append(verdict)
    return next((verdict for verdict in verdicts if verdict.kind is Kind.UNCLEAR), verdicts[-1])


async def _ask(access: Access, path: str, network: Network) -> Verdict:
    url = f"{access.base_url}{path}"
    try:
        answer = await network.get(url, access.headers(httpx.URL(url)))
    except (httpx.HTTPError, httpx.InvalidURL, aiohttp.ClientError, OSError, ValueError) as error:
        return Verdict(Kind.UNREACHABLE, type(error).__name__)
    return _read(answer, access.key)


def _read(answer: Answer, key: str) -> Verdict:
    document = wire.document(answer.body) if answer.broken is None else None
    if document is None and _is_elsewhere(answer):
        return Verdict(Kind.ELSEWHERE, f"HTTP {answer.status} and no JSON object")
    found = None if document is None else error_payload(document)
    said = wire.explain(f"HTTP {answer.status}" + (f": {found}" if found else ""), key)
    if found is not None and found.code == _SOMEBODY_ELSES_TASK:
        return Verdict(Kind.ACCEPTED)
    if answer.status in _REFUSED:
        return Verdict(Kind.REFUSED, said)
    if document is not None and answer.is_success and found is None:
        return Verdict(Kind.ACCEPTED, models=_models(document))
    is_about_task = answer.status in _NOT_FOUND and _TASK.search(_PATHS.sub("", str(found or "")))
    return Verdict(Kind.ACCEPTED if is_about_task else Kind.UNCLEAR, said)


def _is_elsewhere(answer: Answer) -> bool:
    """Whether a whole answer that is no JSON object is a web page, a redirect or "no such route"."""
    is_page = HTTPStatus.OK <= answer.status < HTTPStatus.BAD_REQUEST
    return answer.broken is None and (is_page or answer.status in _NO_SUCH_ROUTE)


def _models(document: wire.Document) -> frozenset[str] | None:
    """Return the ids of a list of models, None where it is none or not the whole of it."""
    entries: object = document.get("data")
    if not isinstance(entries, list) or document.get("has_more"):
        return None
    return frozenset(wire.text(wire.part(entry).get("id")) for entry in cast("list[object]", entries))
