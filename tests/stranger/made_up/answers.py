"""What can stand on a wire in answer to a request: the vocabulary of RFC 9110, and of wires that break."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final, Self

ID: Final = "@ID@"
"""Stands in a body for the id of the task that is asked about, or was just made."""

ID_AS_NUMBER: Final = "@NUMBER@"
"""The same, as a JSON number where it is one."""

LINK: Final = "@LINK@"
"""Stands for a link to the task's own clip."""

OTHER_ID: Final = "@OTHER@"
"""Stands for the id of another account's task, another one each time."""

OTHER_LINK: Final = "@OTHER-LINK@"
"""Stands for a link to the clip of that task."""

SIBLING_ID: Final = "@SIBLING@"
"""Stands for the id of another order's task, or of another account's where there is none."""

ELSEWHERE: Final = "@ELSEWHERE@"
"""Stands for a path of the same gateway that makes another task for each POST."""

CLIP: Final = "@CLIP@"
"""The whole body: the task's clip."""

JSON: Final = "application/json"
PAGE: Final = "text/html; charset=utf-8"


class Way(StrEnum):
    """How an answer travels."""

    WHOLE = "whole"
    CHUNKED = "in chunks"
    INTERIM = "after a 103"
    CUT = "cut off"
    CUT_CHUNKS = "cut off between chunks"
    RESET = "reset before a byte"
    RESET_WITHIN = "reset in the middle"
    CLOSED = "closed before a byte"
    LATE = "minutes late"


_ARRIVES: Final = frozenset({Way.WHOLE, Way.CHUNKED, Way.INTERIM})


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer. `body` holds the placeholders above; `what` names it in the report of a failing world."""

    what: str
    status: int = 200
    body: str = ""
    media_type: str = JSON
    headers: tuple[tuple[str, str], ...] = ()
    way: Way = Way.WHOLE

    @property
    def arrives(self) -> bool:
        """Whether it reaches its caller, whole and in time."""
        return self.way in _ARRIVES

    def going(self, way: Way) -> Self:
        return replace(self, way=way)

    def __str__(self) -> str:
        way = "" if self.way is Way.WHOLE else f", {self.way}"
        return f"{self.status} {self.what}{way}: {self.body[:300] or '(empty)'}"
