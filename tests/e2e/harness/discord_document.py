"""Checks what a bot sends against Discord's own OpenAPI document."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator  # type: ignore[import-untyped]  # it ships no types
from referencing import Registry
from referencing.jsonschema import DRAFT202012

from sandbox.discord import Exchange
from sandbox.discord.json_parts import is_array, is_object

_HERE = "urn:discord"
_COMBINED = ("allOf", "anyOf", "oneOf")
_FORGOTTEN = {"PUT": ("nsfw",), "PATCH": ("tts",)}
"""Keys that the document forgets (Discord's page on commands has it) or discord.py adds without effect."""

Schema = dict[str, Any]


class Document:
    """The document; `complaints` says what it has against a request."""

    def __init__(self, path: Path) -> None:
        self._document: Schema = json.loads(path.read_text())
        resource = DRAFT202012.create_resource(self._document)
        self._registry = Registry[Any]().with_resource(_HERE, resource)
        self._templates = sorted(self._document["paths"], key=lambda template: template.count("{"))

    def complaints(self, exchange: Exchange) -> list[str]:
        operation = self._operation(exchange)
        if operation is None:
            return [f"{exchange.method} {exchange.path} is not in the document"]
        if exchange.payload is None:
            return []
        schema: Schema = operation["requestBody"]["content"]["application/json"]["schema"]
        value = _without(_FORGOTTEN.get(exchange.method, ()), _with_text_ids(exchange.payload))
        validator = Draft202012Validator(_absolute(schema), registry=self._registry)
        found = [f"{error.json_path}: {error.message}" for error in validator.iter_errors(value)]
        return found + list(self._unknown([schema], value, "$"))

    def _operation(self, exchange: Exchange) -> Schema | None:
        for template in self._templates:
            operation = self._document["paths"][template].get(exchange.method.lower())
            pattern = re.sub(r"\{[^}]+\}", "[^/]+", template)
            if operation is not None and re.fullmatch(pattern, exchange.path):
                found: Schema = operation
                return found
        return None

    def _unknown(self, schemas: list[Schema], value: object, at: str) -> Iterator[str]:
        """Name the keys that none of the schemas has a place for."""
        shapes = [shape for schema in schemas for shape in self._shapes(schema) if _fits(shape, value)]
        if is_array(value):
            items = [shape["items"] for shape in shapes if "items" in shape]
            for index, item in enumerate(value):
                yield from self._unknown(items, item, f"{at}[{index}]")
        if is_object(value) and any("properties" in shape for shape in shapes):
            for key, item in value.items():
                inner = [shape["properties"][key] for shape in shapes if key in shape.get("properties", {})]
                if not inner and not any(shape.get("additionalProperties") for shape in shapes):
                    yield f"{at}.{key}: nobody knows this key"
                yield from self._unknown(inner, item, f"{at}.{key}")

    def _shapes(self, schema: Schema) -> Iterator[Schema]:
        """Give the schema without references and combinations, as all that they lead to."""
        yield schema
        if "$ref" in schema:
            name = schema["$ref"].rsplit("/", maxsplit=1)[-1]
            yield from self._shapes(self._document["components"]["schemas"][name])
        for combination in _COMBINED:
            for part in schema.get(combination, []):
                yield from self._shapes(part)


def _fits(shape: Schema, value: object) -> bool:
    """Whether the shape is meant for a value of this `type`, where both name one."""
    kinds: Schema = shape.get("properties", {}).get("type", {})
    return not is_object(value) or "type" not in value or value["type"] in kinds.get("enum", [value["type"]])


def _absolute(value: Any) -> Any:  # noqa: ANN401 - JSON in, JSON out
    """Let references lead into the document from wherever they stand."""
    if is_object(value):
        return {key: f"{_HERE}{item}" if key == "$ref" else _absolute(item) for key, item in value.items()}
    return [_absolute(item) for item in value] if is_array(value) else value


def _without(keys: Collection[str], value: Any) -> Any:  # noqa: ANN401 - JSON in, JSON out
    if is_array(value):
        return [_without(keys, item) for item in value]
    return {key: item for key, item in value.items() if key not in keys} if is_object(value) else value


def _with_text_ids(value: Any, key: str = "") -> Any:  # noqa: ANN401 - JSON in, JSON out
    """Write ids as texts, as the document wants them; Discord's pages allow numbers as well."""
    if is_object(value):
        changed = {name: _with_text_ids(item, name) for name, item in value.items()}
        return changed | ({"id": str(changed["id"])} if key == "attachments" and "id" in changed else {})
    if is_array(value):
        return [_with_text_ids(item, key) for item in value]
    is_id = key.endswith("_id") or key in {"users", "roles"}
    return str(value) if is_id and isinstance(value, int) else value
