"""Renders films without ever holding up the event loop, a few at a time."""

import asyncio
from collections import OrderedDict

from sandbox.film.encoder import Encoder, RenderingFailed
from sandbox.film.frames import draw
from sandbox.film.storyboard import Film

AT_ONCE = 2
FILMS_KEPT = 64

_kept: OrderedDict[str, bytes] = OrderedDict()


class Renderer:
    """Renders at most two films at once; the same film again is answered from memory."""

    def __init__(self) -> None:
        self._places = asyncio.Semaphore(AT_ONCE)

    async def render(self, film: Film) -> bytes:
        """The MP4 of this film. Raise RenderingFailed when it cannot be made; cancelling ends ffmpeg."""
        async with self._places:
            name = film.fingerprint
            if name not in _kept:
                _keep(name, await _rendered(film))
            _kept.move_to_end(name)
            return _kept[name]


async def _rendered(film: Film) -> bytes:
    encoder = Encoder()
    work = asyncio.ensure_future(asyncio.to_thread(_render, film, encoder))
    try:
        return await asyncio.shield(work)
    except asyncio.CancelledError:
        encoder.stop()
        await asyncio.wait([work])
        work.exception()
        raise


def _render(film: Film, encoder: Encoder) -> bytes:
    try:
        size, frames = draw(film)
    except (OSError, ValueError) as error:
        raise RenderingFailed(f"the picture cannot be read: {error}") from error
    return encoder.encode(film, size, frames)


def _keep(name: str, video: bytes) -> None:
    _kept[name] = video
    while len(_kept) > FILMS_KEPT:
        _kept.popitem(last=False)
