"""Valid requests for each surface, and one way to send them."""

import io
import ssl
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

import httpx
from aiohttp import web
from PIL import Image

from sandbox.gateways import LocalGateways

NATIVE = "/transtreams/kling/v1/videos/"
TRUST = ssl.create_default_context()  # making one takes longer than most of these tests
CLIP = b"\x00\x00\x00\x18ftypisom" + bytes(2000)

OPENAI_TEXT = {
    "model": "kling-3.0",
    "prompt": "A paper airplane",
    "duration": "5",
    "aspect_ratio": "16:9",
    "mode": "std",
    "generate_audio": False,
}
NATIVE_TEXT = {
    "model_name": "kling-v3",
    "prompt": "A lighthouse",
    "duration": "5",
    "mode": "std",
    "aspect_ratio": "16:9",
}
WORLDROUTER_TEXT = {
    "Model": "kling-v3",
    "Prompt": "A city street",
    "Duration": "5",
    "Mode": "std",
    "AspectRatio": "16:9",
}
CREATES: dict[str, tuple[str, dict[str, Any]]] = {
    "anyint": ("/openai/v1/videos", OPENAI_TEXT),
    "anyint-native": (NATIVE + "text2video", NATIVE_TEXT),
    "worldrouter": ("/v1/videos/text2video", WORLDROUTER_TEXT),
}


@asynccontextmanager
async def customer(
    gateways: LocalGateways, surface: str, *, patience: float = 5
) -> AsyncGenerator[httpx.AsyncClient]:
    """A client with the right key at the right address."""
    is_worldrouter = surface == "worldrouter"
    url, key = (
        (gateways.worldrouter_url, gateways.worldrouter_key)
        if is_worldrouter
        else (gateways.anyint_url, gateways.anyint_key)
    )
    headers = {"Authorization": f"Bearer {key}"}
    async with httpx.AsyncClient(base_url=url, headers=headers, timeout=patience, verify=TRUST) as client:
        yield client


async def create(client: httpx.AsyncClient, surface: str) -> httpx.Response:
    path, body = CREATES[surface]
    return await client.post(path, json=body)


async def status(client: httpx.AsyncClient, gateways: LocalGateways) -> httpx.Response:
    """What the vendor says about its newest task."""
    task = gateways.tasks[-1]
    return await client.get(f"{CREATES[task.surface][0]}/{task.id}")


async def fetched(url: str) -> httpx.Response:
    """A plain GET with no key."""
    async with httpx.AsyncClient(verify=TRUST) as stranger:
        return await stranger.get(url)


def picture(width: int = 480, height: int = 320, kind: str = "PNG", colour: str = "teal") -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (width, height), colour).save(buffer, kind)
    return buffer.getvalue()


@asynccontextmanager
async def picture_host(content: bytes, status: int = 200) -> AsyncGenerator[str]:
    """A link on this machine that answers with these bytes."""

    async def answer(_request: web.Request) -> web.Response:
        return web.Response(body=content, status=status)

    app = web.Application()
    app.router.add_get("/picture.png", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}/picture.png"
    await runner.cleanup()
