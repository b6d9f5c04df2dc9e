"""Shows members' pictures to gateways: a file under `/v/…/….jpg`, for as long as its link says."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from aiohttp import web

from web.links.picture_links import PictureLinks
from web.links.video_links import PREFIX
from web.rate_limit import RateLimit, household
from web.streams import Streams

_KINDS: Final = {".jpg": "image/jpeg", ".png": "image/png"}
_OVER: Final = "This link is no longer valid."


class PictureRoutes:
    """Gives the same answer to every link that was not signed here, whatever is wrong with it."""

    def __init__(self, links: PictureLinks, *, streams: Streams, rate_limit: RateLimit) -> None:
        self._links = links
        self._streams = streams
        self._rate_limit = rate_limit

    @property
    def routes(self) -> Sequence[web.RouteDef]:
        return [web.get(f"{PREFIX}{{token}}/{{file}}", self.file)]

    async def file(self, request: web.Request) -> web.StreamResponse:
        self._rate_limit.welcome(request)
        token, file = request.match_info["token"], request.match_info["file"]
        if not self._links.is_ours(token, file):
            raise web.HTTPNotFound
        path = await self._links.open(token, file)
        if path is None:
            raise web.HTTPGone(text=_OVER)
        headers = {"Content-Type": _KINDS[path.suffix], "Cache-Control": "private, max-age=300"}
        return self._streams.file(path, headers, household(request))
