"""Logs that a person and a machine can read, without secrets in them."""

from __future__ import annotations

import json
import logging
import re
import sys
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, Final, Literal

_QUIET: Final = {
    "httpx": "WARNING",
    "httpcore": "WARNING",
    "aiosqlite": "INFO",
    "discord": "INFO",
    "PIL": "INFO",
}
"""Loggers whose finer levels print addresses with signatures, tokens or members' words."""

_FLOODED: Final = {"aiohttp.server": "", "asyncio": "socket.accept() "}
"""Loggers that write a line for each request of a flood on the web server, and how such lines begin."""

FLOOD_SECONDS: Final = 60.0

_PATTERNS: Final = (
    re.compile(r"Bearer\s+\S+", re.IGNORECASE),
    re.compile(r"\bBot\s+[\w-]{20,}\.[\w.-]+"),
    re.compile(r"(?<=/webhooks/)\d+/[\w.-]+"),
    re.compile(r"(?<=/interactions/)\d+/[\w.-]+"),
    re.compile(r"(?<=[?&])[^\s\"'?]+"),
)
_HIDDEN: Final = "[hidden]"

_OF_EVERY_RECORD: Final = frozenset(logging.makeLogRecord({}).__dict__) | {"message", "asctime", "taskName"}
"""The fields that `logging` itself sets; all others come from the caller that logs."""

_LEVEL_WIDTH: Final = 9
_EVENT_WIDTH: Final = 30
_DIVIDING: Final = re.compile(r"[ \t=\r\n\"']")
_COLOURS: Final = {
    "debug": "\x1b[32m",
    "info": "\x1b[32m",
    "warning": "\x1b[33m",
    "error": "\x1b[31m",
    "critical": "\x1b[31m",
}
_COLOUR_END: Final = "\x1b[0m"


class Redaction:
    """Takes secrets out of every line: their exact values, and anything that looks like one."""

    def __init__(self, secrets: Iterable[str]) -> None:
        self._secrets = tuple(secret for secret in secrets if secret)

    def __call__(self, event: Mapping[str, Any]) -> dict[str, Any]:
        return {key: self._clean(value) for key, value in event.items()}

    def _clean(self, value: Any) -> Any:  # noqa: ANN401 - a log line may carry anything
        if isinstance(value, (int, float, bool)) or value is None:
            return value
        text = value if isinstance(value, str) else str(value)
        for secret in self._secrets:
            text = text.replace(secret, _HIDDEN)
        for pattern in _PATTERNS:
            text = pattern.sub(_HIDDEN, text)
        return text


class Floodgate(logging.Filter):
    """Lets through one line of each kind in a minute, of those that begin in one of these ways."""

    def __init__(self, beginning: str) -> None:
        super().__init__()
        self._beginning = beginning
        self._written: dict[str, float] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        kind = str(record.msg)
        if not kind.startswith(self._beginning):
            return True
        kind = kind.partition("\n")[0]
        is_due = abs(record.created - self._written.get(kind, 0.0)) >= FLOOD_SECONDS
        if is_due:
            self._written[kind] = record.created
        return is_due


class LineFormatter(logging.Formatter):
    """Writes a record with the fields beside its message, and no secret."""

    def __init__(self, written: Callable[[dict[str, Any]], str], secrets: Iterable[str]) -> None:
        super().__init__()
        self._written = written
        self._redaction = Redaction(secrets)

    def format(self, record: logging.LogRecord) -> str:
        event: dict[str, Any] = {"event": record.getMessage()}
        if record.stack_info:
            event["stack_info"] = record.stack_info
        event |= {"logger": record.name, "level": record.levelname.lower()}
        event |= {name: value for name, value in record.__dict__.items() if name not in _OF_EVERY_RECORD}
        event["timestamp"] = f"{datetime.fromtimestamp(record.created, UTC):%Y-%m-%dT%H:%M:%S.%fZ}"
        if record.exc_info:
            event["exception"] = self.formatException(record.exc_info)
        return self._written(self._redaction(event))


def _json_line(event: Mapping[str, Any]) -> str:
    return json.dumps(event, ensure_ascii=False)


def _plain_line(event: dict[str, Any]) -> str:
    """Write for a person: when, how bad, what; then names with values, and a traceback below."""
    below = [event.pop("exception")] if "exception" in event else []
    moment, level, logger = (event.pop(name) for name in ("timestamp", "level", "logger"))
    line = f"{moment} [{level:<{_LEVEL_WIDTH}}] {event.pop('event'):<{_EVENT_WIDTH}} [{logger}]"
    pairs = (f"{name}={_shown(value)}" for name, value in sorted(event.items()))
    return "\n".join([" ".join([line, *pairs]), *below])


def _coloured_line(event: dict[str, Any]) -> str:
    """Write for a terminal, with the level in its colour."""
    level = event["level"]
    return _plain_line(event).replace(f"[{level}", f"[{_COLOURS.get(level, '')}{level}{_COLOUR_END}", 1)


def _shown(value: object) -> str:
    """Quote a text that would look like several values."""
    return value if isinstance(value, str) and not _DIVIDING.search(value) else repr(value)


def configure(*, style: Literal["console", "json"] | None, level: str, secrets: Iterable[str]) -> None:
    """Send every logger's lines to standard error, in one style."""
    if style is None:
        style = "console" if sys.stderr.isatty() else "json"
    in_lines = _coloured_line if sys.stderr.isatty() else _plain_line
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(LineFormatter(in_lines if style == "console" else _json_line, secrets))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    for name, beginning in _FLOODED.items():
        logging.getLogger(name).filters[:] = [Floodgate(beginning)]
    for name, least in _QUIET.items():
        logging.getLogger(name).setLevel(max(logging.getLevelNamesMapping()[least], root.level))
