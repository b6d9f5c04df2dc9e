"""The CDN: serves attachments by signed links, whole or in ranges."""

from aiohttp import web

from sandbox.discord.attachments import Attachments


class Cdn:
    def __init__(self, attachments: Attachments) -> None:
        self._attachments = attachments

    async def handle(self, incoming: web.Request) -> web.StreamResponse:
        path = "/" + incoming.match_info["path"]
        blob = self._attachments.find(path)
        if blob is None or not self._attachments.admits(path, incoming.query):
            return web.Response(status=404, text="This content is no longer available.")
        headers = {"Content-Type": self._attachments.content_type(path)}
        return web.FileResponse(blob.path, headers=headers)
