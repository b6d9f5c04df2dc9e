"""Shows linked videos: a page with a player under `/v/…`, and its file under `/v/….mp4`."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from aiohttp import web

from core.delivery.signed_links import is_alive
from core.model.job import Job, file_name
from web.links.link_context import LinkContext
from web.links.video_links import PREFIX
from web.page import POLICY, page
from web.rate_limit import RateLimit, household
from web.streams import Streams

_OVER: Final = (
    "This link is no longer valid. In Discord, 📥 under the video gives another one while it is kept."
)


class VideoRoutes:
    """Gives the same answer to every link that was not signed here, whatever is wrong with it."""

    def __init__(self, context: LinkContext, *, streams: Streams, rate_limit: RateLimit) -> None:
        self._context = context
        self._streams = streams
        self._rate_limit = rate_limit

    @property
    def routes(self) -> Sequence[web.RouteDef]:
        return [web.get(f"{PREFIX}{{token}}.mp4", self.file), web.get(f"{PREFIX}{{token}}", self.page)]

    async def page(self, request: web.Request) -> web.StreamResponse:
        job = await self._job(request)
        address = f"{self._context.address}{PREFIX}{request.match_info['token']}"
        return web.Response(
            text=page(job.request, address),
            content_type="text/html",
            headers={"Content-Security-Policy": POLICY, "Cache-Control": "private, max-age=60"},
        )

    async def file(self, request: web.Request) -> web.StreamResponse:
        job = await self._job(request)
        headers = {
            "Content-Type": "video/mp4",
            "Content-Disposition": f'inline; filename="{file_name(job.id)}"',
            "Cache-Control": "private, max-age=300",
        }
        return self._streams.file(self._context.clips.path(job.id), headers, household(request))

    async def _job(self, request: web.Request) -> Job:
        """Find the job whose video a link shows. Raise the answer where there is none to show."""
        self._rate_limit.welcome(request)
        claim = self._context.signer.read(request.match_info["token"])
        if claim is None:
            raise web.HTTPNotFound
        shared = await self._context.shared.get(claim.file_id)
        if shared is None or not is_alive(claim.expires_at, self._context.clock.now()):
            raise web.HTTPGone(text=_OVER)
        job = await self._context.store.get(shared.job_id)
        if job is None or not await asyncio.to_thread(_is_there, job, self._context.clips.path(job.id)):
            raise web.HTTPGone(text=_OVER)
        return job


def _is_there(job: Job, path: Path) -> bool:
    """Whether the file on the disk is the one that was delivered, as far as its size shows."""
    try:
        return job.video is not None and path.stat().st_size == job.video.size
    except OSError:
        return False
