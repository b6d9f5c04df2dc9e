"""Fills in a modal as a member does: a field that the member leaves alone keeps the bot's value."""

from typing import Any

from simcord.enums import SELECT_TYPES, ComponentType

from sandbox.discord.calls import Upload
from sandbox.discord.clients.components import check_values
from sandbox.discord.clients.interactions import Place
from sandbox.discord.clients.options import attach
from sandbox.discord.errors import NotPossible
from sandbox.discord.json_parts import objects
from sandbox.discord.world import World


class Form:
    """One opened modal. Fields are addressed by custom_id or by their label."""

    def __init__(self, world: World, place: Place, modal: dict[str, Any], values: dict[str, Any]) -> None:
        self._world = world
        self._place = place
        self._modal = modal
        self._left = dict(values)
        self._resolved: dict[str, Any] = {}

    def data(self) -> dict[str, Any]:
        """The submission. Every value must have found its field."""
        components = [self._node(node) for node in self._modal["components"]]
        if self._left:
            raise NotPossible(f"The form has no field {', '.join(self._left)}.")
        return {
            "custom_id": self._modal["custom_id"],
            "components": components,
            "resolved": self._resolved,
        }

    def _node(self, node: dict[str, Any]) -> dict[str, Any]:
        kept = {"type": node["type"], "id": node["id"]}
        if node["type"] == ComponentType.LABEL:
            return kept | {"component": self._field(node["component"], node["label"])}
        if node["type"] == ComponentType.ACTION_ROW:
            children = [self._field(child, child.get("label")) for child in node["components"]]
            return kept | {"components": children}
        return kept

    def _field(self, field: dict[str, Any], label: str | None) -> dict[str, Any]:
        name = next((name for name in (field["custom_id"], label) if name in self._left), None)
        given = self._left.pop(name) if name is not None else None
        kept = {key: field[key] for key in ("type", "id", "custom_id")}
        return kept | self._value(field, label or field["custom_id"], given)

    def _value(self, field: dict[str, Any], title: str, given: Any) -> dict[str, Any]:  # noqa: ANN401  as typed
        kind = field["type"]
        if kind == ComponentType.TEXT_INPUT:
            return {"value": _text(field, title, given)}
        if kind == ComponentType.FILE_UPLOAD:
            return {"values": self._files(field, title, given or [])}
        if kind == ComponentType.CHECKBOX:
            return {"value": field.get("default", False) if given is None else bool(given)}
        if kind == ComponentType.RADIO_GROUP:
            chosen = _chosen(field, title, None if given is None else [given])
            return {"value": chosen[0] if chosen else None}
        if kind in {*SELECT_TYPES, ComponentType.CHECKBOX_GROUP}:
            return {"values": _chosen(field, title, given)}
        raise NotPossible(f"{title} is of a kind that cannot be filled in here: {kind}.")

    def _files(self, field: dict[str, Any], title: str, given: list[Upload]) -> list[str]:
        if field.get("required", True) and not given:
            raise NotPossible(f"{title} needs a file.")
        return [attach(self._world, self._place.channel_id, upload, self._resolved) for upload in given]


def _text(field: dict[str, Any], title: str, given: str | None) -> str:
    text = (field.get("value") or "") if given is None else given
    if not text and not field.get("required", True):
        return text
    lowest, highest = field.get("min_length") or 0, field.get("max_length") or 4000
    if not text or not lowest <= len(text) <= highest:
        raise NotPossible(f"{title} takes {max(lowest, 1)} to {highest} characters, not {len(text)}.")
    return text


def _chosen(field: dict[str, Any], title: str, given: list[str] | None) -> list[str]:
    preset = [str(option["value"]) for option in objects(field, "options") if option.get("default")]
    chosen = preset if given is None else list(given)
    if chosen:
        check_values(field, chosen)
    elif field.get("required", True):
        raise NotPossible(f"{title} has to be filled in.")
    return chosen
