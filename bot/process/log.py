"""Logs that a person and a machine can read, without secrets in them."""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import Iterable, MutableMapping
from typing import Any, Final, Literal

import structlog
from structlog.typing import Processor

_QUIET: Final = {
    "httpx": "WARNING",
    "httpcore": "WARNING",
    "aiosqlite": "INFO",
    "discord": "INFO",
    "PIL": "INFO",
}
"""Loggers whose finer levels print addresses with signatures, tokens or members' words."""

_FLOODED: Final = {"aiohttp.server": "", "asyncio": "socket.accept() "}
"""Loggers that whoever floods the web server makes write, and how such lines begin."""

FLOOD_SECONDS: Final = 60.0

_PATTERNS: Final = (
    re.compile(r"Bearer\s+\S+", re.IGNORECASE),
    re.compile(r"\bBot\s+[\w-]{20,}\.[\w.-]+"),
    re.compile(r"(?<=/webhooks/)\d+/[\w.-]+"),
    re.compile(r"(?<=/interactions/)\d+/[\w.-]+"),
    re.compile(r"(?<=[?&])[^\s\"'?]+"),
)
_HIDDEN: Final = "[hidden]"


class Redaction:
    """Takes secrets out of every line: their exact values, and whatever looks like one."""

    def __init__(self, secrets: Iterable[str]) -> None:
        self._secrets = tuple(secret for secret in secrets if secret)

    def __call__(
        self, _logger: object, _method: str, event: MutableMapping[str, Any]
    ) -> MutableMapping[str, Any]:
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
    """Lets through one line of each kind in a minute, of those that begin like this."""

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


def configure(*, style: Literal["console", "json"] | None, level: str, secrets: Iterable[str]) -> None:
    """Send every logger's lines to standard error, in one style."""
    if style is None:
        style = "console" if sys.stderr.isatty() else "json"
    before: list[Processor] = [
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    renderer: Processor = (
        structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
        if style == "console"
        else structlog.processors.JSONRenderer(ensure_ascii=False)
    )
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=before,
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.format_exc_info,
            Redaction(secrets),
            renderer,
        ],
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(formatter)
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    for name, beginning in _FLOODED.items():
        logging.getLogger(name).filters[:] = [Floodgate(beginning)]
    for name, least in _QUIET.items():
        logging.getLogger(name).setLevel(max(logging.getLevelNamesMapping()[least], root.level))
