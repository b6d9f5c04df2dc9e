"""AnyInt's OpenAI-style video routes (AnyInt's Kling page, "Recommended routes")."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import unquote

import httpx

from core.model.job import Ticket
from core.model.video import Result, StoredVideo
from core.ports import Order
from providers.http import wire
from providers.replies import outcomes
from providers.replies.error_payloads import reason, reason_code
from providers.replies.statuses import Report, find_status
from providers.surface import NO_TASK, Call, Surface, plain_prompt

_PREFIX = "/openai"
_FAMILY = "videos"
_OMNI = "kling-v3-omni"
_WRITTEN_TOO_MUCH = re.compile(r"(/openai(/v1)?(/videos)?)$")


class VideoReply(wire.Wire):
    """The reply to a create and to a status question."""

    id: object = None
    task_id: object = None
    data: wire.Part
    progress: object = None
    download_url: object = None
    error: object = None
    fail_reason: object = None
    model: object = None
    seconds: object = None

    def report(self, root: str, key: str, status: object) -> Report:
        """Read the reply; a link is resolved against the gateway's root. What the reply wraps says more."""
        inner = VideoReply.model_validate(self.data) if self.data else self
        reasons = (inner.error, inner.fail_reason, self.error, self.fail_reason)
        return Report(
            task_id=wire.task_id(self.id, self.task_id, inner.task_id, inner.id),
            status=status,
            progress=inner.progress if inner.progress is not None else self.progress,
            link=resolve_link(wire.text(self.download_url) or wire.text(inner.download_url), root),
            error_text=wire.explain(reason(*reasons), key),
            code=reason_code(*reasons),
            has_content_route=True,
            model=inner.model if inner.model is not None else self.model,
            seconds=inner.seconds if inner.seconds is not None else self.seconds,
        )


class AnyInt(Surface):
    """One route makes every clip: the model and the fields decide what is made."""

    surface = "anyint"
    gateway = "anyint"
    title = "AnyInt"
    default_base_url = "https://api.anyint.ai"
    families = (_FAMILY,)
    has_public_links = False  # a clip may come from the content route, which needs the key
    table = outcomes.ANYINT
    probe_paths = (f"{_PREFIX}/v1/models", f"{_PREFIX}/v1/{_FAMILY}/{NO_TASK}")

    @staticmethod
    def root(base_url: str) -> str:
        return gateway_root(base_url)

    async def fetch(self, ticket: Ticket, result: Result, into: Path) -> StoredVideo:
        """Stream a finished clip from its link, its content route, which needs the key, or another link."""
        links = (result.url, f"{self._address(ticket)}/content", *result.others)
        return await self._download(links, into)

    def _call(self, order: Order) -> Call:
        is_omni = order.model.name == _OMNI
        return Call(_FAMILY, omni_body(order) if is_omni else body(order))

    def _path(self, family: str) -> str:
        return f"{_PREFIX}/v1/{family}"

    def _report(self, document: wire.Document) -> Report:
        reply, status = VideoReply.model_validate(document), find_status(document)
        return reply.report(self._access.base_url, self._access.key, status)


def gateway_root(base_url: str) -> str:
    """Return AnyInt's root, also where the operator wrote the address of its OpenAI-style routes."""
    return _WRITTEN_TOO_MUCH.sub("", base_url.strip().rstrip("/"))


def body(order: Order) -> wire.Document:
    """Write a create for the Standard and Pro models. Audio is sent even when off: it costs extra."""
    request = order.request
    written: wire.Document = {"model": order.model.name, "prompt": plain_prompt(order)}
    if request.first_frame is not None:
        written["image"] = request.first_frame
    written |= {"duration": str(request.duration_seconds), "aspect_ratio": request.aspect_ratio}
    if request.mode is not None:
        written["mode"] = request.mode.value
    return written | {"generate_audio": bool(request.audio)}


def omni_body(order: Order) -> wire.Document:
    """Write a create for the Omni model, which takes `sound` and no `mode`."""
    request = order.request
    picture = request.reference or request.first_frame
    written: wire.Document = {"model": order.model.name, "prompt": plain_prompt(order)}
    if picture is not None:
        written["input_reference"] = picture
        written["frame_images"] = [{"url": picture, "role": "first_frame"}]
    return written | {
        "duration": str(request.duration_seconds),
        "aspect_ratio": request.aspect_ratio,
        "sound": "on" if request.audio else "off",
    }


def resolve_link(link: str, root: str) -> str | None:
    """Resolve a `download_url`; None where there is none, or where it could mislead, as with `//` or `..`.

    A relative one belongs under the OpenAI-style prefix, with or without that prefix written.
    """
    if not link or not link.isprintable() or " " in link or "\\" in link:
        return None
    if link.startswith("//") or ".." in unquote(link).partition("?")[0].split("/"):
        return None
    if re.match(r"[a-z][a-z0-9+.-]*:", link, re.IGNORECASE):
        return _absolute(link)
    path = link if link.startswith("/") else f"/{link}"
    return root + (path if path.startswith(f"{_PREFIX}/") else _PREFIX + path)


def _absolute(link: str) -> str | None:
    try:
        url = httpx.URL(link)
    except httpx.InvalidURL:
        return None
    return link if url.scheme in {"http", "https"} and url.host and not url.userinfo else None
