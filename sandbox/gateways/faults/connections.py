"""What a faulty gateway may do to the connection: silence, an early end, a reset, too little, too much."""

import asyncio
import socket
import struct

from aiohttp import web

from sandbox.gateways.calls import Call, Reply, already_answered
from sandbox.gateways.faults.fault import Answer

CHUNK = bytes(2**16)


def slowly(seconds: float, then: Answer) -> Answer:
    async def answer(call: Call) -> web.StreamResponse:
        await call.pause(seconds)
        return await then(call)

    return answer


def hangs() -> Answer:
    """No reply, until the caller gives up."""

    async def answer(call: Call) -> web.StreamResponse:
        await call.pause(None)
        return _cut(call)

    return answer


def closes() -> Answer:
    """The connection ends in good order, with no reply."""

    async def answer(call: Call) -> web.StreamResponse:
        _wire(call).close()
        return already_answered()

    return answer


def resets() -> Answer:
    """The connection is reset (RST), with no reply."""

    async def answer(call: Call) -> web.StreamResponse:
        return _cut(call)

    return answer


def not_http() -> Answer:
    """Bytes that are no HTTP reply at all."""

    async def answer(call: Call) -> web.StreamResponse:
        _wire(call).write(b"SSH-2.0-OpenSSH_9.6\r\n")
        _wire(call).close()
        return already_answered()

    return answer


def truncated(kept: float = 0.5, *, is_length_told: bool = True) -> Answer:
    """The first part of the usual body, with the length of the whole one or with none; then the end."""

    async def answer(call: Call) -> web.StreamResponse:
        body = call.usual.body
        _wire(call).write(_head(call.usual, len(body) if is_length_told else None))
        _wire(call).write(body[: round(len(body) * kept)])
        _wire(call).close()
        return already_answered(call.usual.status)

    return answer


def resets_midway(kept: float = 0.5) -> Answer:
    """The first part of the usual body, then a reset."""

    async def answer(call: Call) -> web.StreamResponse:
        body = call.usual.body
        _wire(call).write(_head(call.usual, len(body)) + body[: round(len(body) * kept)])
        await call.pause(0.05)
        _cut(call)
        return already_answered(call.usual.status)

    return answer


def drips(seconds_between: float = 0.05) -> Answer:
    """The usual body, one byte at a time."""

    async def answer(call: Call) -> web.StreamResponse:
        response = await _started(call, length=len(call.usual.body))
        for byte in call.usual.body:
            await call.pause(seconds_between)
            if not await _wrote(call, response, bytes([byte])):
                return already_answered(call.usual.status)
        return response

    return answer


def endless() -> Answer:
    """The usual body, and then zeros for as long as the caller reads."""
    return padded(None)


def padded(megabytes: int | None) -> Answer:
    """The usual body, filled up with zeros to this size; None never ends."""

    async def answer(call: Call) -> web.StreamResponse:
        body = call.usual.body
        length = None if megabytes is None else max(megabytes * 2**20, len(body))
        response = await _started(call, length)
        sent, part = 0, body
        while await _wrote(call, response, part):
            sent += len(part)
            if sent == length:
                return response
            part = CHUNK if length is None else CHUNK[: length - sent]
        return already_answered(call.usual.status)

    return answer


def _wire(call: Call) -> asyncio.Transport:
    """The connection itself. Raise ConnectionResetError when the other side has left."""
    transport = call.request.transport
    if not isinstance(transport, asyncio.Transport):
        raise ConnectionResetError
    return transport


def _cut(call: Call) -> web.StreamResponse:
    """Reset the connection, if it still stands."""
    transport = call.request.transport
    if transport is not None and (wire := transport.get_extra_info("socket")) is not None:
        wire.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        transport.abort()
    return already_answered()


def _head(reply: Reply, length: int | None) -> bytes:
    told = "" if length is None else f"Content-Length: {length}\r\n"
    kind = f"Content-Type: {reply.content_type}\r\n"
    return f"HTTP/1.1 {reply.status} OK\r\n{kind}{told}Connection: close\r\n\r\n".encode()


async def _started(call: Call, length: int | None) -> web.StreamResponse:
    told = {} if length is None else {"Content-Length": str(length)}
    response = web.StreamResponse(headers={"Content-Type": call.usual.content_type, **told})
    await response.prepare(call.request)
    return response


async def _wrote(call: Call, response: web.StreamResponse, part: bytes) -> bool:
    """Whether the caller is still there; once the gateway has closed, it is not."""
    if call.closing.is_set():
        _cut(call)
        return False
    try:
        await response.write(part)
        await asyncio.sleep(0)
    except ConnectionError:
        return False
    return True
