"""Undoes a compression that we did not ask for, by the bytes: headers name it wrongly, or not at all."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from typing import Final, Protocol

_GZIP: Final = b"\x1f\x8b"
_ZLIB_METHOD: Final = 8
_ZLIB_CHECK: Final = 31
_ENOUGH_TO_TELL: Final = 2
_AT_ONCE: Final = 2**17
_MOST_LAYERS: Final = 3


class BodyTooLarge(Exception):
    pass


class _Inflater(Protocol):
    @property
    def eof(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    @property
    def unconsumed_tail(self) -> bytes: ...
    def decompress(self, _data: bytes, _most: int = 0, /) -> bytes: ...


class Unpacker:
    """Takes a body piece by piece. What is not packed passes as it is, whatever its header says.

    Gzip begins as neither JSON nor a film does, so it needs no header; several members follow each other.
    `deflate` is zlib's wrapper for some servers and none for others.
    """

    def __init__(self, encoding: str) -> None:
        self._encoding = encoding.strip().lower()
        self._inflater: _Inflater | None = None
        self._head: bytes | None = b""
        self._is_over = False

    @property
    def is_packed(self) -> bool:
        return self._inflater is not None

    @property
    def is_whole(self) -> bool:
        """Whether the packed data came to its end; a body that only its header calls packed has none."""
        return self._encoding in {"", "identity"} if self._inflater is None else self._is_over

    def unpack(self, piece: bytes) -> Iterator[bytes]:
        """Yield what a piece unpacks to, in parts of a bounded size. Raise zlib.error."""
        if self._head is not None:
            self._head += piece
            if len(self._head) < _ENOUGH_TO_TELL:
                return
            piece, self._head = self._head, None
            self._inflater = self._begin(piece)
        yield from [piece] if self._inflater is None else self._inflate(piece)

    def rest(self) -> bytes:
        """Return the bytes that were too few to tell what they are."""
        return self._head or b""

    def _inflate(self, piece: bytes) -> Iterator[bytes]:
        while piece and self._inflater is not None:
            if self._is_over:
                if not piece.startswith(_GZIP):
                    return  # what follows the end is padding
                self._inflater, self._is_over = zlib.decompressobj(zlib.MAX_WBITS | 16), False
            yield self._inflater.decompress(piece, _AT_ONCE)
            self._is_over = self._inflater.eof
            piece = self._inflater.unused_data if self._is_over else self._inflater.unconsumed_tail

    def _begin(self, head: bytes) -> _Inflater | None:
        if head.startswith(_GZIP):
            return zlib.decompressobj(zlib.MAX_WBITS | 16)
        if "deflate" not in self._encoding or head.lstrip()[:1] in {b"{", b"["}:
            return None
        is_wrapped = head[0] & 15 == _ZLIB_METHOD and int.from_bytes(head[:2]) % _ZLIB_CHECK == 0
        return zlib.decompressobj(zlib.MAX_WBITS if is_wrapped else -zlib.MAX_WBITS)


def check_size(body: bytes | bytearray, cap: int) -> None:
    """Raise BodyTooLarge for a body over the cap."""
    if len(body) > cap:
        raise BodyTooLarge


def unpack_body(body: bytes, encoding: str, cap: int) -> tuple[bytes, bool]:
    """Return a body without its compression, and whether that came to its end.

    Raise BodyTooLarge or zlib.error.
    """
    is_whole = True
    for _ in range(_MOST_LAYERS):
        unpacker, plain = Unpacker(encoding), bytearray()
        for piece in unpacker.unpack(body):
            plain += piece
            check_size(plain, cap)
        plain += unpacker.rest()
        is_whole = is_whole and unpacker.is_whole
        if not unpacker.is_packed:
            break
        body, encoding = bytes(plain), ""
    return body, is_whole
