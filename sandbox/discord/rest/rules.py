"""Discord's rules that simcord does not know, checked before simcord sees the request."""

import re
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any

from simcord.backend.errors import BackendError

from sandbox.discord.calls import Reply, Request, refusal
from sandbox.discord.rest.command_rules import answer_fits_its_interaction, synced_commands_are_valid
from sandbox.discord.world import World

_POST_MESSAGE = re.compile(r"/channels/(\d+)/messages")
_ANY_MESSAGE = re.compile(r"/channels/(\d+)/messages(?:/\d+)?")
_WEBHOOK = re.compile(r"/webhooks/(\d+)/([^/]+)(?:/.*)?")
_MOST_FILES = 10
_LONGEST_NONCE = 25

Rule = Callable[[World, Request], Reply | None]


def first_refusal(world: World, request: Request, token: str) -> Reply | None:
    """The answer of the first rule that this request breaks, or None."""
    if not _needs_no_bot_token(request) and request.token != f"Bot {token}":
        return refusal(401, 0, "401: Unauthorized")
    return next((reply for rule in _RULES if (reply := rule(world, request)) is not None), None)


def _needs_no_bot_token(request: Request) -> bool:
    return request.parts[0] in {"interactions", "webhooks"} or request.path == "/gateway"


def _token_is_alive(world: World, request: Request) -> Reply | None:
    found = _WEBHOOK.fullmatch(request.path)
    if found is None or int(found[1]) != world.application_id:
        return None
    record = world.interactions.get(world.interaction_tokens.get(found[2], 0))
    if record is None or (record.expires_at or "") <= world.now_iso():
        return refusal(401, 50027, "Invalid Webhook Token")
    return None if record.responded else refusal(404, 10015, "Unknown Webhook")


def _files_fit(_world: World, request: Request) -> Reply | None:
    if request.oversized:
        return refusal(413, 40005, "Request entity too large")
    if len(request.files) > _MOST_FILES:
        return refusal(400, 50035, "Invalid Form Body: attachments: Must be 10 or fewer in length.")
    return None


def _bot_may_attach(world: World, request: Request) -> Reply | None:
    found = _ANY_MESSAGE.fullmatch(request.path)
    if found is None or not request.files:
        return None
    channel = int(found[1])
    if not world.bot_may(channel, "view_channel"):
        return refusal(403, 50001, "Missing Access")
    return None if world.bot_may(channel, "attach_files") else refusal(403, 50013, "Missing Permissions")


def _dm_is_open(world: World, request: Request) -> Reply | None:
    found = _POST_MESSAGE.fullmatch(request.path)
    if found is None or request.method != "POST" or not world.refuses_dm(int(found[1])):
        return None
    return refusal(403, 50007, "Cannot send messages to this user")


def _reply_has_its_target(world: World, request: Request) -> Reply | None:
    found = _POST_MESSAGE.fullmatch(request.path)
    reference: dict[str, Any] = request.body.get("message_reference") or {}
    if found is None or request.method != "POST" or not reference:
        return None
    channel = int(found[1])
    if not world.bot_may(channel, "read_message_history"):
        return refusal(403, 160002, "Cannot reply without permission to read message history")
    if int(reference["message_id"]) in world.messages.get(channel, {}):
        return None
    if not reference.get("fail_if_not_exists", True):
        request.body.pop("message_reference")
        return None
    return refusal(400, 50035, "Invalid Form Body: message_reference: Unknown message")


def _nonce_is_short(_world: World, request: Request) -> Reply | None:
    if len(str(request.body.get("nonce") or "")) <= _LONGEST_NONCE:
        return None
    return refusal(400, 50035, "Invalid Form Body: nonce: Must be 25 or fewer in length.")


_RULES: Iterable[Rule] = (
    _token_is_alive,
    synced_commands_are_valid,
    answer_fits_its_interaction,
    _files_fit,
    _dm_is_open,
    _bot_may_attach,
    _reply_has_its_target,
    _nonce_is_short,
)


class Nonces:
    """Who sent which nonce: within the window a repeat creates nothing."""

    def __init__(self, window: timedelta) -> None:
        self._window = window
        self._seen: dict[str, tuple[datetime, int, int]] = {}

    def earlier(self, world: World, request: Request) -> Any:  # noqa: ANN401  JSON of a message
        """The message that an enforced nonce made before, or None.

        Raises:
            BackendError: that message is gone (10008).
        """
        nonce = nonce_of(request)
        if nonce is None or not request.body.get("enforce_nonce") or nonce not in self._seen:
            return None
        at, channel, message = self._seen[nonce]
        if world.clock.now() - at > self._window:
            return None
        if message not in world.messages.get(channel, {}):
            raise BackendError(404, 10008, "Unknown Message")
        kept = world.message_json(world.get_message(channel, message), world.bot_user.id)
        return kept | {"nonce": nonce}

    def remember(self, world: World, request: Request, created: dict[str, Any]) -> None:
        nonce = nonce_of(request)
        if nonce is not None:
            created["nonce"] = nonce
            place = int(created["channel_id"]), int(created["id"])
            self._seen[nonce] = (world.clock.now(), *place)


def nonce_of(request: Request) -> str | None:
    """The nonce of a Create Message request, the only one that has any."""
    if request.method != "POST" or _POST_MESSAGE.fullmatch(request.path) is None:
        return None
    nonce = request.body.get("nonce")
    return None if nonce is None else str(nonce)
