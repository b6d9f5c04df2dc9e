"""Finds the ids of tasks in a gateway's answer, whatever their field is called and wherever it stands.

A field names a task by the last word of its key, in any spelling: `id`, `taskId`, `video_uuid`, `jobNo`,
`generation-task`. A word before it that belongs to the request or the account rules it out:
`request_id`, `traceId`, `user_id`. The rule errs to one side on purpose: taking something for an id
leaves a paid request's outcome unknown, overlooking one sends the request again.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Collection, Iterator, Mapping
from functools import lru_cache
from typing import Final, cast

from providers.http import wire

_NAMES_A_TASK: Final = frozenset({"id", "ids", "uuid", "guid", "no", "task", "job"})
_NOT_A_TASKS: Final = frozenset(
    {
        *("request", "trace", "log", "span", "session"),
        *("user", "team", "account", "project", "key", "model", "channel"),
    }
)
_THINGS: Final = ("task", "job", "video", "clip", "generation", "prediction", "order", "work")
_WRITTEN_TOGETHER: Final = re.compile(f"({'|'.join(_THINGS)})({'|'.join(_NAMES_A_TASK)})")
_WORD: Final = re.compile(r"[A-Z]+s(?![a-z])|[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
_LOOSE_FIELD: Final = re.compile(
    r"""["']([\w.$@-]{1,80})\\*["']\s*[:=]\s*\\*["']?([^\s"',{}\[\]\\<]+)|<([\w.-]{1,80})>([^\s<]+)</"""
)
_IN_WORDS: Final = re.compile(
    r"""\b((?:task|job|video|generation|prediction)[ _-]?(?:id|uuid|guid|no))\b["']?\s*[:=]\s*["']?"""
    r"""([^\s"',;&{}\[\]<>()]*\d[^\s"',;&{}\[\]<>()]*)""",
    re.IGNORECASE,
)
"""An id among words, in a form or in YAML: `task_id=…`, `Task ID: …`. Ids have a digit, words have none."""

_LOCATIONS: Final = frozenset({"location", "operation-location"})
_NOTHING: Final = frozenset({"", "null", "none", "nil", "undefined", "true", "false"})
_DEEPEST_TEXT: Final = 4
"""How often JSON is unwrapped that stands in a string of JSON that stands in a string."""


def task_ids(answer: object, sent: Collection[str] = ()) -> tuple[str, ...]:
    """Return every task id in an answer, as text, the outermost first and each once.

    `answer` is read JSON, or the text of a body that is no JSON; JSON inside strings is read as well, also
    where it is cut or written as Python writes it. `sent` are the values of our own request: a gateway that
    repeats them names no task by that.
    """
    found = (value for name, value in _fields(answer, sent) if is_named_as_task_id(name))
    return tuple(dict.fromkeys(found))


def headers_with_ids(headers: Mapping[str, str]) -> tuple[str, ...]:
    """Return the header lines of an answer that link to a task or name one, without a request's own ids."""
    return tuple(
        f"{name}: {value}"
        for name, value in headers.items()
        if name.casefold() in _LOCATIONS
        or _IN_WORDS.fullmatch(f"{name.casefold().removeprefix('x-')}: {value}")
    )


def sent_values(body: object) -> frozenset[str]:
    """Return every value of a request's body as text, as `task_ids` leaves them out."""
    return frozenset(value for _, value in _fields(body, (), deepest=0))


@lru_cache(maxsize=2048)
def is_named_as_task_id(key: str) -> bool:
    """Whether a key's last word names a task, and the word before it does not belong to something else."""
    words = [word.casefold() for word in _WORD.findall(key)]
    together = _WRITTEN_TOGETHER.fullmatch(words[-1]) if words else None
    if together is not None:
        words[-1:] = together.groups()
    return bool(words) and words[-1] in _NAMES_A_TASK and _NOT_A_TASKS.isdisjoint(words[-2:-1])


def _fields(
    answer: object, sent: Collection[str], *, deepest: int = _DEEPEST_TEXT
) -> Iterator[tuple[str, str]]:
    """Yield each key with each value below it; what stands in a list or a string keeps its key."""
    waiting: deque[tuple[str, object, int]] = deque([("", answer, 0)])
    while waiting:
        name, value, depth = waiting.popleft()
        if isinstance(value, dict):
            waiting.extend((key, inner, depth) for key, inner in cast("wire.Document", value).items())
        elif isinstance(value, list):
            waiting.extend((name, inner, depth) for inner in cast("list[object]", value))
        elif isinstance(value, str):
            text = value.strip()
            inside, rest = wire.json_within(text) if depth < deepest and text not in sent else ((), text)
            waiting.extend((name, inner, depth + 1) for inner in inside)
            yield from _in_text(name, rest if inside else text, sent, is_read=depth < deepest)
        elif isinstance(value, int | float) and not isinstance(value, bool) and str(value) not in sent:
            yield name, str(value)


def _in_text(name: str, text: str, sent: Collection[str], *, is_read: bool) -> Iterator[tuple[str, str]]:
    """Yield a text under its key, and what looks like fields inside it."""
    if not text or text in sent:
        return
    yield name, text
    if is_read:
        for match in _LOOSE_FIELD.finditer(text):
            key, value = match[1] or match[3], match[2] or match[4]
            if value.casefold() not in _NOTHING and value not in sent:
                yield key, value
        yield from ((match[1], match[2]) for match in _IN_WORDS.finditer(text) if match[2] not in sent)
