"""The CDN: serves attachments by signed links, whole or in ranges. Faults on `^/cdn/` strike it."""

import asyncio

from aiohttp import web

from sandbox.discord.attachments import Attachments
from sandbox.discord.calls import Request
from sandbox.discord.faults import Action, AnswerAfter, AnswerInstead, CutAfter, CutBefore, Delay, Faults


class Cdn:
    """`downloads` lists the paths that were asked for, oldest first."""

    def __init__(self, attachments: Attachments, faults: Faults) -> None:
        self.downloads: list[str] = []
        self._attachments = attachments
        self._faults = faults

    async def handle(self, incoming: web.Request) -> web.StreamResponse:
        self.downloads.append(incoming.path)
        fault = self._faults.take(Request(incoming.method, incoming.path, dict(incoming.query), ""))
        if fault is not None and (spoilt := await self._apply_fault(incoming, fault.action)) is not None:
            return spoilt
        path = "/" + incoming.match_info["path"]
        blob = self._attachments.find(path)
        if blob is None or not self._attachments.admits(path, incoming.query):
            return web.Response(status=404, text="This content is no longer available.")
        headers = {"Content-Type": self._attachments.content_type(path)}
        return web.FileResponse(blob.path, headers=headers)

    async def _apply_fault(self, incoming: web.Request, action: Action) -> web.Response | None:
        match action:
            case AnswerInstead(reply) | AnswerAfter(reply):
                return web.Response(status=reply.status, headers=reply.headers)
            case CutBefore() | CutAfter():
                if incoming.transport is not None:
                    incoming.transport.abort()
                return web.Response(status=500)
            case Delay(seconds):
                await asyncio.sleep(seconds)
                return None
