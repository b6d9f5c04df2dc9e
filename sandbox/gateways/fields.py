"""Strict reading of request bodies: a field that the document does not know is refused."""

import ipaddress
import json
from collections.abc import Callable, Collection, Mapping
from typing import Any, TypeAlias, cast
from urllib.parse import urlsplit

from sandbox.gateways.orders import Refusal

Body: TypeAlias = dict[str, Any]
Rule: TypeAlias = Callable[[object], None]

LONGEST_PROMPT = 2500


def read_body(raw: bytes, content_type: str) -> Body:
    """The JSON object of a request. Raise Refusal 400 for anything else."""
    if content_type.partition(";")[0].strip().lower() != "application/json":
        raise Refusal(400, "invalid_request", "Content-Type must be application/json")
    try:
        body: object = json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise Refusal(400, "invalid_request", f"the body is not JSON: {error}") from error
    if not isinstance(body, dict):
        raise Refusal(400, "invalid_request", "the body must be a JSON object")
    return cast("Body", body)


def check_fields(body: Body, rules: Mapping[str, Rule], required: Collection[str]) -> None:
    """Raise Refusal 400 that names the first field that is unknown, missing or wrong."""
    for name in body:
        if name not in rules:
            raise Refusal(400, "unknown_parameter", f"unknown field: {name}")
    for name in required:
        if name not in body:
            raise Refusal(400, "missing_parameter", f"missing field: {name}")
    for name, value in body.items():
        try:
            rules[name](value)
        except ValueError as error:
            raise Refusal(400, "invalid_parameter", f"{name}: {error}") from error


def text(longest: int = LONGEST_PROMPT) -> Rule:
    def rule(value: object) -> None:
        if not isinstance(value, str):
            raise ValueError("must be a string")
        if not value.strip() or len(value) > longest:
            raise ValueError(f"must have 1 to {longest} characters")

    return rule


def choice(*allowed: object) -> Rule:
    def rule(value: object) -> None:
        if isinstance(value, bool) or value not in allowed:
            raise ValueError(f"must be one of {', '.join(map(str, allowed))}")

    return rule


def flag(value: object) -> None:
    if not isinstance(value, bool):
        raise ValueError("must be true or false")


def anything(_value: object) -> None:
    """Accept what the documents name without saying its shape."""


def number(least: float, most: float) -> Rule:
    def rule(value: object) -> None:
        if isinstance(value, bool) or not isinstance(value, int | float) or not least <= value <= most:
            raise ValueError(f"must be a number from {least} to {most}")

    return rule


def seconds(*allowed: int) -> Rule:
    """A duration as a decimal string or a whole number."""

    def rule(value: object) -> None:
        if type(value) not in (int, str) or str(value) not in {str(one) for one in allowed}:
            raise ValueError(f"must be one of {', '.join(map(str, allowed))}")

    return rule


def link(value: object) -> None:
    """A public https link. Plain http only on loopback, since the stand-in itself lives there."""
    if not isinstance(value, str):
        raise ValueError("must be a string")
    parts = urlsplit(value)
    if not parts.hostname or not (
        parts.scheme == "https" or (parts.scheme == "http" and _is_loopback(parts.hostname))
    ):
        raise ValueError("must be a public https:// link")


def items(rules: Mapping[str, Rule], required: Collection[str], most: int = 7) -> Rule:
    """A list of objects that each keep these rules."""

    def rule(value: object) -> None:
        if not isinstance(value, list) or not 1 <= len(cast("list[object]", value)) <= most:
            raise ValueError(f"must be a list of 1 to {most} objects")
        for item in cast("list[object]", value):
            _check_item(item, rules, required)

    return rule


def _check_item(item: object, rules: Mapping[str, Rule], required: Collection[str]) -> None:
    if not isinstance(item, dict):
        raise ValueError("must be a list of objects")
    try:
        check_fields(cast("Body", item), rules, required)
    except Refusal as refusal:
        raise ValueError(refusal.message) from refusal


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
