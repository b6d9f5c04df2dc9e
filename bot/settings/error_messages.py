"""Says in plain words what is wrong with a setting."""

from __future__ import annotations

from typing import Any, Final

from pydantic_core import ErrorDetails

_WORDS: Final = {
    "decimal_max_places": "must have at most {decimal_places} digits after the point",
    "bool_parsing": "must be true or false",
    "greater_than": "must be more than {gt:g}",
    "greater_than_equal": "must be at least {ge:g}",
    "less_than_equal": "must be at most {le:g}",
    "literal_error": "must be {expected}",
}
"""The words for each kind of error that pydantic finds."""


def sentence(problem: ErrorDetails) -> str:
    """Return a sentence that starts with the name of the setting."""
    name = str(problem["loc"][0]).upper() if problem["loc"] else "settings"
    words = _WORDS.get(problem["type"])
    context: dict[str, Any] = problem.get("ctx", {})
    said = problem["msg"].removeprefix("Value error, ") if words is None else words.format(**context)
    return f"{name}: {said}."
