"""Keeps uploaded files on disk and hands out links to them that expire, as Discord's CDN does."""

import hashlib
import hmac
import mimetypes
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, Any, Self

from PIL import Image, UnidentifiedImageError
from simcord.backend.cdn import CdnStore

_PATH = "/attachments/"


@dataclass(frozen=True)
class Blob:
    """A received file: its bytes lie on disk."""

    path: Path
    size: int


class Attachments(CdnStore):
    """Stores and finds files. Links are stored unsigned; one that is shown gets a fresh signature."""

    def __init__(self, link_lifetime: timedelta) -> None:
        super().__init__()
        self.base_url = ""
        self.link_lifetime = link_lifetime
        self._folder: TemporaryDirectory[str] | None = None
        self._secret = secrets.token_bytes(16)
        self._files: dict[str, Blob] = {}

    def __enter__(self) -> Self:
        self._folder = TemporaryDirectory(prefix="local-discord-", ignore_cleanup_errors=True)
        return self

    def __exit__(self, *_: object) -> None:
        if self._folder is not None:
            self._folder.cleanup()

    def new_file(self) -> IO[bytes]:
        """An empty file to be filled.

        Raises:
            RuntimeError: the server is not running.
        """
        if self._folder is None:
            raise RuntimeError("Files are kept only while the server runs.")
        return (Path(self._folder.name) / secrets.token_hex(8)).open("wb")

    def keep(self, data: bytes) -> Blob:
        with self.new_file() as file:
            file.write(data)
        return Blob(Path(file.name), len(data))

    def store_attachment(
        self,
        attachment_id: int,
        channel_id: int,
        filename: str,
        data: bytes | Blob,
        description: str | None,
    ) -> dict[str, Any]:
        blob = data if isinstance(data, Blob) else self.keep(data)
        path = f"{_PATH}{channel_id}/{attachment_id}/{filename}"
        self._files[path] = blob
        url = self.base_url + path
        return {
            "id": str(attachment_id),
            "filename": filename,
            **({} if description is None else {"description": description}),
            "size": blob.size,
            "url": url,
            "proxy_url": url,
            "content_type": self.content_type(path),
            **_picture_size(blob.path),
        }

    def content_type(self, path: str) -> str:
        return mimetypes.guess_type(path)[0] or "application/octet-stream"

    def find(self, path: str) -> Blob | None:
        return self._files.get(path)

    def signed(self, url: str) -> str:
        """The link with a fresh signature; anything that is not ours is returned unchanged."""
        if not url.startswith(self.base_url + _PATH):
            return url
        plain = url.partition("?")[0]
        now = datetime.now(UTC)
        issued, expires = _hex(now), _hex(now + self.link_lifetime)
        signature = self._signature(plain.removeprefix(self.base_url), issued, expires)
        return f"{plain}?ex={expires}&is={issued}&hm={signature}&"

    def admits(self, path: str, query: Mapping[str, str]) -> bool:
        """Whether this link was signed here and has not expired."""
        issued, expires = query.get("is", ""), query.get("ex", "")
        if not hmac.compare_digest(self._signature(path, issued, expires), query.get("hm", "")):
            return False
        return int(expires, 16) > datetime.now(UTC).timestamp()

    def expire_links(self) -> None:
        """Make every link shown so far expire, as Discord's links do after a day."""
        self._secret = secrets.token_bytes(16)

    def _signature(self, path: str, issued: str, expires: str) -> str:
        return hmac.new(self._secret, f"{path} {issued} {expires}".encode(), hashlib.sha256).hexdigest()


def safe_filename(name: str) -> str:
    """The name as Discord rewrites it: only letters, digits, dot, dash and underscore remain."""
    return re.sub(r"[^A-Za-z0-9_.-]", "", name.replace(" ", "_")) or "unknown"


def _hex(moment: datetime) -> str:
    return f"{int(moment.timestamp()):x}"


def _picture_size(path: Path) -> dict[str, int]:
    try:
        with Image.open(path) as picture:
            width, height = picture.size
    except (UnidentifiedImageError, OSError, ValueError, Image.DecompressionBombError):
        return {}
    return {"width": width, "height": height}
