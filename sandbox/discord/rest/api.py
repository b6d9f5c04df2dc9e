"""REST v10 over HTTP: reads, applies faults and rules, lets simcord act, answers, keeps the record."""

import asyncio
import copy
import json
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

from aiohttp import web
from simcord.backend.errors import BackendError
from simcord.http import dispatch

from sandbox.discord.calls import Exchange, ReceivedFile, Reply, Request, SentFile, refusal
from sandbox.discord.faults import (
    Action,
    AnswerAfter,
    AnswerInstead,
    CutAfter,
    CutBefore,
    Delay,
    Faults,
)
from sandbox.discord.gateway.sessions import SessionStarts
from sandbox.discord.json_parts import strings
from sandbox.discord.rest.rate_limits import Rates
from sandbox.discord.rest.request_reader import PREFIX, read_request
from sandbox.discord.rest.rules import Nonces, first_refusal, nonce_of
from sandbox.discord.world import World

_KEPT_EXCHANGES = 10_000


class Rest:
    """The REST API of one world. `upload_limit` is in bytes for each file and may change at any time."""

    def __init__(
        self,
        world: World,
        *,
        token: str,
        upload_limit: int,
        faults: Faults,
        rates: Rates,
        nonces: Nonces,
        gateway_url: Callable[[], str],
        starts: Callable[[], SessionStarts],
    ) -> None:
        self.upload_limit = upload_limit
        self.requests: list[Exchange] = []
        self._world = world
        self._token = token
        self._faults = faults
        self._rates = rates
        self._nonces = nonces
        self._gateway_url = gateway_url
        self._starts = starts

    async def handle(self, incoming: web.Request) -> web.Response:
        started, at = time.monotonic(), datetime.now(UTC)
        try:
            request = await read_request(incoming, self._world.attachments, self.upload_limit)
        except ValueError:
            return _response(refusal(400, 50109, "The request body contains invalid JSON."))
        except ConnectionError:
            self._record(_broken_off(incoming), None, at, time.monotonic() - started)
            return web.Response(status=400)
        sent = copy.deepcopy(request.payload)
        reply = await self._answer(request)
        self._record(replace(request, payload=sent), reply, at, time.monotonic() - started)
        if reply is None and incoming.transport is not None:
            incoming.transport.abort()
        return _response(reply or Reply(500))

    async def _answer(self, request: Request) -> Reply | None:
        """The answer, or None when the connection is to be cut."""
        fault = self._faults.take(request)
        if fault is None:
            return self._effect(request)
        self._world.changes.ring()  # a test may wait for this fault to strike
        return await self._apply_fault(request, fault.action)

    async def _apply_fault(self, request: Request, action: Action) -> Reply | None:
        match action:
            case AnswerInstead(reply):
                return reply
            case AnswerAfter(reply):
                self._effect(request)
                return reply
            case CutBefore():
                return None
            case CutAfter():
                self._effect(request)
                return None
            case Delay(seconds):
                await asyncio.sleep(seconds)
                return self._effect(request)

    def _effect(self, request: Request) -> Reply:
        headers, limited = self._rates.take(request)
        if limited is not None:
            return Reply(limited.status, limited.body, {**headers, **limited.headers})
        try:
            reply = first_refusal(self._world, request, self._token) or self._act(request)
        except BackendError as error:
            reply = Reply(error.status, error.to_json())
        except (KeyError, TypeError, ValueError) as error:
            reply = refusal(400, 50035, f"Invalid Form Body: {error!r}")
        return Reply(reply.status, reply.body, {**headers, **reply.headers})

    def _act(self, request: Request) -> Reply:
        if (own := self._own_route(request)) is not None:
            return own
        earlier = self._nonces.earlier(self._world, request)
        if earlier is not None:
            return Reply(200, earlier)
        self._world.nonce_in_flight = nonce_of(request)
        try:
            answer = self._world.shown(self._dispatch(request))
        finally:
            self._world.nonce_in_flight = None
        if nonce_of(request) is not None:
            self._nonces.remember(self._world, request, answer)
        self._remember_callback(request)
        return Reply(204) if answer is None else Reply(200, answer)

    def _dispatch(self, request: Request) -> Any:  # noqa: ANN401  JSON
        self._world.http_requests.clear()
        self._world.transcript.clear()
        return dispatch(
            self._world,
            request.method,
            request.path,
            json=request.payload,
            params=dict(request.params),
            files=[_file_for_simcord(file) for file in request.files],
            reason=request.reason,
            message_content_access=self._world.message_content,
        )

    def _own_route(self, request: Request) -> Reply | None:
        """What simcord has no route for, or answers in another shape than Discord."""
        match request.method, request.parts:
            case "GET", ["gateway"]:
                return Reply(200, {"url": self._gateway_url()})
            case "GET", ["gateway", "bot"]:
                starts = self._starts().shown()
                return Reply(200, {"url": self._gateway_url(), "shards": 1, "session_start_limit": starts})
            case "GET", ["users", "@me", "guilds"]:
                after, limit = int(request.params.get("after", 0)), int(request.params.get("limit", 200))
                return Reply(200, self._world.own_servers(after, limit))
            case "POST", ["attachments", "refresh-urls"]:
                return Reply(
                    200,
                    {
                        "refreshed_urls": [
                            self._refreshed(url) for url in strings(request.body, "attachment_urls")
                        ]
                    },
                )
            case _:
                return None

    def _refreshed(self, url: str) -> dict[str, str]:
        return {"original": url, "refreshed": self._world.attachments.signed(url)}

    def _remember_callback(self, request: Request) -> None:
        if request.parts[0] == "interactions":
            self._world.callbacks[int(request.parts[1])] = request.body

    def _record(self, request: Request, reply: Reply | None, at: datetime, elapsed: float) -> None:
        files = tuple(SentFile(file.filename, file.blob.size) for file in request.files)
        status, answer = (None, None) if reply is None else (reply.status, reply.body)
        self.requests.append(
            Exchange(request.method, request.path, status, request.payload, answer, files, at, elapsed)
        )
        del self.requests[:-_KEPT_EXCHANGES]
        self._world.changes.ring()


def _broken_off(incoming: web.Request) -> Request:
    return Request(incoming.method, incoming.rel_url.raw_path.removeprefix(PREFIX), {}, "")


def _file_for_simcord(file: ReceivedFile) -> SimpleNamespace:
    return SimpleNamespace(filename=file.filename, description=file.description, fp=file)


def _response(reply: Reply) -> web.Response:
    if reply.body is None:
        return web.Response(status=reply.status, headers=reply.headers)
    if isinstance(reply.body, bytes):
        headers = {**reply.headers, "Content-Type": "text/html"}
        return web.Response(status=reply.status, body=reply.body, headers=headers)
    # Exactly this type: with a charset behind it discord.py does not read the body as JSON.
    headers = {**reply.headers, "Content-Type": "application/json"}
    return web.Response(status=reply.status, body=json.dumps(reply.body).encode(), headers=headers)
