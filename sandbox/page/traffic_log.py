"""The bot's requests as they happen, and the bill: what Discord and the gateways were asked, and the cost."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from sandbox.discord import LocalDiscord
from sandbox.gateways import LocalGateways, Task

_SHOWN = 60
_LONGEST_PART = 14


def lines(discord: LocalDiscord, gateways: LocalGateways) -> list[dict[str, Any]]:
    """The latest requests of the bot, the newest first."""
    found = [*_to_discord(discord), *_to_gateways(gateways)]
    return sorted(found, key=lambda line: float(line["at"]), reverse=True)[:_SHOWN]


def _to_discord(discord: LocalDiscord) -> Iterator[dict[str, Any]]:
    for one in discord.requests[-_SHOWN:]:
        yield _line("discord", one.method, _short(one.path), one.status, one.at.timestamp(), one.elapsed)


def _to_gateways(gateways: LocalGateways) -> Iterator[dict[str, Any]]:
    for one in gateways.requests[-_SHOWN:]:
        yield _line(one.vendor, one.method, _short(one.path), one.status, one.at, one.elapsed)


def _line(
    whom: str, method: str, path: str, status: int | None, at: float, elapsed: float | None
) -> dict[str, Any]:
    milliseconds = None if elapsed is None else round(elapsed * 1000)
    return {"to": whom, "method": method, "path": path, "status": status, "at": at, "ms": milliseconds}


def _short(path: str) -> str:
    """Shorten the path: of an id or a token only the end is shown."""
    parts = path.partition("?")[0].split("/")
    return "/".join(part if len(part) <= _LONGEST_PART else f"…{part[-4:]}" for part in parts)


def bill(gateways: LocalGateways) -> dict[str, Any]:
    """Every task that was created, the newest first, and the sum of what was charged."""
    tasks = gateways.tasks
    open_ended = sum((task.price for task in tasks if task.charged is None), Decimal(0))
    return {
        "charged": str(gateways.charged),
        "open": str(open_ended),
        "creates": len(gateways.creates()),
        "tasks": [_item(task) for task in reversed(tasks[-_SHOWN:])],
    }


def _item(task: Task) -> dict[str, Any]:
    order = task.order
    return {
        "id": task.id,
        "vendor": task.vendor,
        "what": f"{order.model} · {order.seconds} s · {order.mode}",
        "prompt": order.prompt,
        "state": task.state,
        "progress": task.progress,
        "price": str(task.price),
        "charged": None if task.charged is None else str(task.charged),
    }
