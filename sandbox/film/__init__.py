"""Makes real little films, so that everything after the gateway handles true MP4 files."""

from sandbox.film.encoder import RenderingFailed
from sandbox.film.renderer import Renderer
from sandbox.film.storyboard import Film, Mode, frame_size

__all__ = ["Film", "Mode", "Renderer", "RenderingFailed", "frame_size"]
