"""Makes real little films, so that everything after the gateway handles true MP4 files."""

from sandbox.film.encoder import RenderingFailed
from sandbox.film.script import Film, Mode, frame_size
from sandbox.film.theatre import FilmTheatre

__all__ = ["Film", "FilmTheatre", "Mode", "RenderingFailed", "frame_size"]
