"""One line of the doctor's: what was checked, the result, and what to do about it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Mark(Enum):
    PASSED = "✓"
    FAILED = "✗"
    NOTED = "\N{EN DASH}"
    """Nothing to repair, or nothing that could be found out."""


@dataclass(frozen=True, slots=True)
class Finding:
    mark: Mark
    subject: str
    said: str

    @property
    def is_failure(self) -> bool:
        return self.mark is Mark.FAILED

    def __str__(self) -> str:
        """Write one line, whatever names and words of other programs are in it."""
        line = f"{self.mark.value} {self.subject}: {self.said}"
        return "".join(character if character.isprintable() else " " for character in line)


def passed(subject: str, said: str) -> Finding:
    return Finding(Mark.PASSED, subject, said)


def failed(subject: str, said: str) -> Finding:
    return Finding(Mark.FAILED, subject, said)


def noted(subject: str, said: str) -> Finding:
    return Finding(Mark.NOTED, subject, said)
