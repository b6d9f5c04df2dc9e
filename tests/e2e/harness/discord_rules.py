"""Discord's rules for what a bot sends that its OpenAPI document does not state."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

from sandbox.discord import Exchange
from sandbox.discord.json_parts import is_object, objects

V2 = 1 << 15
LONGEST_TEXT = 4000
MOST_COMPONENTS = 40
MOST_IN_FORM = 5
FORM = 9
CHAT_INPUT = 1
SUBCOMMANDS = (1, 2)


def broken_rules(exchange: Exchange) -> list[str]:
    """What Discord would refuse in this request, in words."""
    if exchange.method == "PUT" and exchange.path.endswith("/commands"):
        return list(_commands(exchange.payload))
    if not is_object(exchange.payload):
        return []
    payload: dict[str, Any] = exchange.payload
    message: dict[str, Any] = payload.get("data") or payload if "type" in payload else payload
    if payload.get("type") == FORM:
        return list(_form(message))
    return [*_layout(message), *_files(message, [file.filename for file in exchange.files])]


def _commands(commands: list[dict[str, Any]]) -> Iterator[str]:
    names = Counter((command["name"], command.get("type", CHAT_INPUT)) for command in commands)
    yield from (f"two commands are called {name}" for (name, _), count in names.items() if count > 1)
    for command in commands:
        if command.get("type", CHAT_INPUT) == CHAT_INPUT:
            yield from _named(command)


def _named(command: dict[str, Any]) -> Iterator[str]:
    if command["name"] != command["name"].lower():
        yield f"{command['name']} is not in lower case"
    options = objects(command, "options")
    required = [bool(option.get("required")) for option in options if option["type"] not in SUBCOMMANDS]
    if required != sorted(required, reverse=True):
        yield f"{command['name']} has a required option after one that is not"
    for option in options:
        yield from _named(option)


def _form(form: dict[str, Any]) -> Iterator[str]:
    if len(objects(form, "components")) > MOST_IN_FORM:
        yield f"a form has more than {MOST_IN_FORM} components"


def _layout(message: dict[str, Any]) -> Iterator[str]:
    parts = list(_walked(message))
    if sum(len(part.get("content") or "") for part in parts) > LONGEST_TEXT:
        yield f"the texts have more than {LONGEST_TEXT} characters"
    if len(parts) > MOST_COMPONENTS:
        yield f"there are more than {MOST_COMPONENTS} components"
    if message.get("flags", 0) & V2 and (message.get("content") or message.get("embeds")):
        yield "content or embeds stand beside a layout"
    ids = Counter(part["custom_id"] for part in parts if part.get("custom_id"))
    yield from (f"two components are called {name}" for name, count in ids.items() if count > 1)


def _files(message: dict[str, Any], uploaded: list[str]) -> Iterator[str]:
    kept = [str(file.get("filename")) for file in objects(message, "attachments")]
    shown = re.findall(r"attachment://([^'\"]+)", repr(message))
    yield from (f"{name} is shown but not uploaded" for name in shown if name not in {*uploaded, *kept})


def _walked(holder: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for part in objects(holder, "components"):
        yield part
        yield from _walked(part)
        if is_object(part.get("accessory")):
            yield part["accessory"]
