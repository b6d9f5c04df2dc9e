"""Answers interactions that discord.py could not parse, by the two fields that an answer takes."""

from __future__ import annotations

import logging
from typing import Any, Final, TypeGuard

import discord
from discord.http import HTTPClient, Route

from cogs.ui.discord_errors import translate_errors
from core.model.errors import DeliveryError

log = logging.getLogger(__name__)

ANSWER_SECONDS: Final = 3.0
_AUTOCOMPLETE: Final = 4
_SAID: Final = (
    "Discord sent this in a form that I cannot read. Nothing was ordered and nothing was charged: try again, "
    "or use /video."
)
_MESSAGE: Final = {"type": 4, "data": {"content": _SAID, "flags": discord.MessageFlags(ephemeral=True).value}}
_NO_CHOICES: Final = {"type": 8, "data": {"choices": list[str]()}}
"""Responses by their types (Receiving and Responding, Interaction Callback Type)."""


async def answer_unreadable(http: HTTPClient, data: object) -> None:
    """Tell the member of an INTERACTION_CREATE of any kind that it had no effect. Never raises."""
    if not _is_object(data):
        return
    number, token = str(data.get("id")), data.get("token")
    if not (number.isascii() and number.isdecimal() and isinstance(token, str) and token):
        return
    route = Route(
        "POST",
        "/interactions/{interaction_id}/{interaction_token}/callback",
        interaction_id=int(number),
        interaction_token=token,
    )
    try:
        async with translate_errors(ANSWER_SECONDS):
            await http.request(route, json=_NO_CHOICES if data.get("type") == _AUTOCOMPLETE else _MESSAGE)
    except DeliveryError as error:
        log.info("an unreadable interaction was not answered", extra={"why": str(error)})


def _is_object(value: object) -> TypeGuard[dict[str, Any]]:
    return isinstance(value, dict)
