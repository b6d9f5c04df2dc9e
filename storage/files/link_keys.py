"""The keys that sign links, in a file that only its owner can read."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final, TypeAlias

from core.delivery.signed_links import KEY_ID_SIZE, LONGEST, SECRET_SIZE, LinkKey
from core.model.errors import StoreUnusable
from storage.files import durable

AGE: Final = timedelta(days=90)
"""How long a key signs before another takes its place."""

Chance: TypeAlias = Callable[[int], bytes]


@dataclass(frozen=True, slots=True)
class _Dated:
    key: LinkKey
    made_at: datetime


def open_keys(path: Path, now: datetime, chance: Chance) -> list[LinkKey]:
    """Return the keys, the one that signs last. The first is made where there is none.

    A key that has signed for 90 days gets a successor; it is dropped when no link of its own can be valid.
    Raise StoreUnusable where the file is damaged or cannot be written.
    """
    try:
        kept = _read(path)
        current = _with_successor(kept, now, chance)
        if current != kept:
            _write(path, current)
    except OSError as error:
        raise durable.unwritable(path.parent, error) from error
    return [dated.key for dated in current]


def _with_successor(kept: Sequence[_Dated], now: datetime, chance: Chance) -> list[_Dated]:
    keys = list(kept)
    if not keys or keys[-1].made_at < now - AGE:
        keys.append(_Dated(LinkKey(chance(KEY_ID_SIZE), chance(SECRET_SIZE)), now))
    followers = [*keys[1:], None]
    return [
        dated
        for dated, follower in zip(keys, followers, strict=True)
        if follower is None or follower.made_at > now - LONGEST
    ]


def _read(path: Path) -> list[_Dated]:
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return []
    try:
        return [_dated(entry) for entry in json.loads(content)["keys"]]
    except (ValueError, KeyError, TypeError) as error:
        raise StoreUnusable(
            f"{path} holds the keys of video links and is damaged. Put a copy of it in its place, or delete "
            "it: links that were given out then open nothing, and new ones are signed with a new key."
        ) from error


def _dated(entry: dict[str, Any]) -> _Dated:
    key = LinkKey(bytes.fromhex(entry["id"]), bytes.fromhex(entry["secret"]))
    made_at = datetime.fromisoformat(entry["made_at"])
    if (len(key.id), len(key.secret)) != (KEY_ID_SIZE, SECRET_SIZE) or made_at.tzinfo is None:
        raise ValueError("a key of another size, or a time without a zone")
    return _Dated(key, made_at)


def _write(path: Path, keys: Sequence[_Dated]) -> None:
    entries = [
        {"id": dated.key.id.hex(), "secret": dated.key.secret.hex(), "made_at": dated.made_at.isoformat()}
        for dated in keys
    ]
    durable.rewrite(path, json.dumps({"keys": entries}, indent=2).encode() + b"\n")
