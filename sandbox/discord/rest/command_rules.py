"""What Discord demands of commands when they are synced, of answers to interactions, and of suggestions."""

import re
from typing import Any

from simcord.enums import AppCommandType, CallbackType, InteractionType, OptionType

from sandbox.discord.calls import Reply, Request, refusal
from sandbox.discord.json_parts import is_array, is_object, objects
from sandbox.discord.world import World

_SYNC = re.compile(r"/applications/\d+(?:/guilds/\d+)?/commands")
_CALLBACK = re.compile(r"/interactions/(\d+)/[^/]+/callback")
_NAME = re.compile(r"[-_'\w]{1,32}")
_MOST = {AppCommandType.CHAT_INPUT: 100, AppCommandType.USER: 15, AppCommandType.MESSAGE: 15}
_MOST_OPTIONS = 25
_LONGEST_TEXT = 100
_LONGEST_COMMAND = 8000

_ANSWERS = {
    InteractionType.APPLICATION_COMMAND: {4, 5, 9, 10, 12},
    InteractionType.MESSAGE_COMPONENT: {4, 5, 6, 7, 9, 10, 12},
    InteractionType.APPLICATION_COMMAND_AUTOCOMPLETE: {8},
    InteractionType.MODAL_SUBMIT: {4, 5, 6, 7, 10, 12},
}


def synced_commands_are_valid(_world: World, request: Request) -> Reply | None:
    if request.method != "PUT" or _SYNC.fullmatch(request.path) is None or not is_array(request.payload):
        return None
    complaint = next((found for found in map(_command, request.payload) if found), None)
    return _invalid(complaint or _too_many(request.payload))


def answer_fits_its_interaction(world: World, request: Request) -> Reply | None:
    found = _CALLBACK.fullmatch(request.path)
    record = world.interactions.get(int(found[1])) if found else None
    if record is None:
        return None
    kind = request.body.get("type")
    if kind not in _ANSWERS[InteractionType(record.type)]:
        return _invalid(f"type: {kind} is no answer to an interaction of type {record.type}.")
    if kind in {CallbackType.DEFERRED_UPDATE_MESSAGE, CallbackType.UPDATE_MESSAGE} and (
        record.source_message_id is None
    ):
        return _invalid(f"type: {kind} needs a message that the interaction came from.")
    data = request.body.get("data")
    return _invalid(_choices(data)) if is_object(data) else None


def _command(command: dict[str, Any]) -> str | None:
    if command.get("type", AppCommandType.CHAT_INPUT) != AppCommandType.CHAT_INPUT:
        fits = 1 <= len(command["name"]) <= 32  # noqa: PLR2004  Discord's limit of this one field
        return None if fits else f"{command['name']}: Must be between 1 and 32 in length."
    if _size(command) > _LONGEST_COMMAND:
        return f"{command['name']}: Command exceeds the maximum size."
    return _named(command)


def _size(item: dict[str, Any]) -> int:
    own = len(item["name"]) + len(item.get("description") or "") + len(str(item.get("value") or ""))
    return own + sum(map(_size, objects(item, "options"))) + sum(map(_size, objects(item, "choices")))


def _named(item: dict[str, Any]) -> str | None:
    """A command, subcommand or option: its name, its description, and what is inside it."""
    name = item["name"]
    if _NAME.fullmatch(name) is None or name != name.lower():
        return f"{name}: Application command name is invalid."
    if not 1 <= len(item.get("description") or "") <= _LONGEST_TEXT:
        return f"{name}.description: Must be between 1 and 100 in length."
    return _choices(item) or _options(name, objects(item, "options"))


def _options(name: str, options: list[dict[str, Any]]) -> str | None:
    if len(options) > _MOST_OPTIONS:
        return f"{name}.options: Must be 25 or fewer in length."
    if len({option["name"] for option in options}) < len(options):
        return f"{name}.options: Application command option names must be unique."
    values = [option for option in options if option["type"] > OptionType.SUBCOMMAND_GROUP]
    required = [bool(option.get("required")) for option in values]
    if required != sorted(required, reverse=True):
        return f"{name}.options: Required options must be placed before non-required options."
    return next((complaint for complaint in map(_named, options) if complaint), None)


def _choices(item: dict[str, Any]) -> str | None:
    choices = objects(item, "choices")
    if len(choices) > _MOST_OPTIONS:
        return "choices: Must be 25 or fewer in length."
    texts = [text for choice in choices for text in (choice["name"], choice["value"])]
    too_long = [text for text in texts if isinstance(text, str) and not 1 <= len(text) <= _LONGEST_TEXT]
    return f"choices: {too_long[0]!r} Must be between 1 and 100 in length." if too_long else None


def _too_many(commands: Any) -> str | None:  # noqa: ANN401  JSON
    kinds = [command.get("type", AppCommandType.CHAT_INPUT) for command in commands]
    names = [(command["name"], kind) for command, kind in zip(commands, kinds, strict=True)]
    if len(set(names)) < len(names):
        return "Application command names must be unique."
    full = [kind for kind, most in _MOST.items() if kinds.count(kind) > most]
    return f"Maximum number of application commands of type {int(full[0])} reached." if full else None


def _invalid(complaint: str | None) -> Reply | None:
    return None if complaint is None else refusal(400, 50035, f"Invalid Form Body: {complaint}")
