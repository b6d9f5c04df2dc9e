"""Finds what a member may press or choose in a message, nested layouts included."""

from typing import Any

from simcord.backend.models import Message
from simcord.components import walk_components
from simcord.enums import SELECT_TYPES, ComponentType

from sandbox.discord.errors import NotPossible
from sandbox.discord.json_parts import objects

_LINK, _PREMIUM = 5, 6


def button(message: Message, wanted: str) -> dict[str, Any]:
    """The data of a press on the button with this emoji, label or custom_id."""
    buttons = [item for item in walk_components(message.components) if item["type"] == ComponentType.BUTTON]
    found = [item for item in buttons if _plain(wanted) in _names(item)]
    if len(found) != 1:
        offered = ", ".join(" ".join(sorted(_names(item))) for item in buttons) or "none"
        raise NotPossible(f"{len(found)} buttons are called {wanted}; there are: {offered}.")
    if found[0].get("disabled"):
        raise NotPossible(f"The button {wanted} is disabled.")
    if found[0].get("style") in {_LINK, _PREMIUM}:
        raise NotPossible(f"The button {wanted} leads elsewhere: the bot never hears of it.")
    return _data(found[0])


def choice(message: Message, custom_id: str, values: list[str]) -> dict[str, Any]:
    """The data of choosing these values in the menu with this custom_id."""
    menus = [item for item in walk_components(message.components) if item["type"] in SELECT_TYPES]
    menu = next((item for item in menus if item["custom_id"] == custom_id), None)
    if menu is None or menu.get("disabled"):
        offered = ", ".join(item["custom_id"] for item in menus) or "none"
        raise NotPossible(f"No menu {custom_id} can be used; there are: {offered}.")
    check_values(menu, values)
    return _data(menu) | {"values": values}


def check_values(menu: dict[str, Any], values: list[str]) -> None:
    offered = [str(option["value"]) for option in objects(menu, "options")]
    most = len(offered) if menu["type"] == ComponentType.CHECKBOX_GROUP else 1
    lowest, highest = _or(menu.get("min_values"), 1), _or(menu.get("max_values"), most)
    if not lowest <= len(values) <= highest:
        raise NotPossible(f"Between {lowest} and {highest} values can be chosen, not {len(values)}.")
    unknown = [value for value in values if offered and value not in offered]
    if unknown:
        raise NotPossible(f"{unknown[0]} is not offered; offered are: {', '.join(offered)}.")


def _or(given: int | None, otherwise: int) -> int:
    return otherwise if given is None else given


def _data(component: dict[str, Any]) -> dict[str, Any]:
    kept = {key: component[key] for key in ("id", "custom_id") if key in component}
    return kept | {"component_type": component["type"]}


def _names(item: dict[str, Any]) -> set[str]:
    emoji: dict[str, str] = item.get("emoji") or {}
    given: tuple[str | None, ...] = (item.get("custom_id"), item.get("label"), emoji.get("name"))
    return {_plain(name) for name in given if name}


def _plain(name: str) -> str:
    """Without the invisible sign that says "as a picture": clients write emoji with and without it."""
    return name.replace("\ufe0f", "")
