"""A member at a Discord client: what they can type, pick, press and write."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from simcord.backend import serializers
from simcord.backend.access import channel_accessible, message_accessible, reaction_permissions
from simcord.backend.errors import BackendError
from simcord.backend.models import Interaction, Message
from simcord.enums import AppCommandType, InteractionType

from sandbox.discord.attachments import safe_filename
from sandbox.discord.calls import Upload
from sandbox.discord.clients import components
from sandbox.discord.clients.interactions import Call, Place, send
from sandbox.discord.clients.modals import Form
from sandbox.discord.clients.options import Command, synced
from sandbox.discord.errors import NotPossible
from sandbox.discord.world import World


class Surroundings(Protocol):
    """What a member needs to know of the server they are on."""

    world: World

    def channel_of(self, channel: str | int, user_id: int) -> int: ...

    @property
    def upload_limit(self) -> int: ...

    def transcript(self) -> str: ...


@dataclass(frozen=True)
class Member:
    """One member. Each method does what the client would do, or raises NotPossible where it would refuse."""

    id: int
    name: str
    surroundings: Surroundings

    async def command(self, channel: str | int, name: str, /, **options: object) -> Call:
        """Send a slash command, `video` or with its subcommand `studio channel add`."""
        place = self._place(channel)
        data = Command(self._world, place, name).filled(options)
        return self._call(place, InteractionType.APPLICATION_COMMAND, data)

    async def autocomplete(
        self, channel: str | int, name: str, focused: str, value: str, /, **options: object
    ) -> list[dict[str, Any]]:
        """Type `value` into the option `focused` and return what the bot suggests."""
        place = self._place(channel)
        data = Command(self._world, place, name).focused(focused, value, options)
        call = self._call(place, InteractionType.APPLICATION_COMMAND_AUTOCOMPLETE, data)
        answer = await call.answered()
        choices: list[dict[str, Any]] = answer["data"]["choices"]
        return choices

    async def menu(self, message: dict[str, Any], name: str) -> Call:
        """Choose an entry of the message's own menu."""
        stored = self._stored(message)
        place = Place(self.id, stored.channel_id)
        entry = synced(self._world, place, name, AppCommandType.MESSAGE)
        target = str(stored.id)
        resolved = {"messages": {target: serializers.message_payload(self._world, stored)}}
        data = {"id": entry["id"], "name": name, "type": 3, "target_id": target, "resolved": resolved}
        return self._call(place, InteractionType.APPLICATION_COMMAND, data)

    async def press(self, message: dict[str, Any], button: str) -> Call:
        """Press the button with this emoji, label or custom_id."""
        stored = self._stored(message)
        return self._component(stored, components.button(stored, button))

    async def select(self, message: dict[str, Any], custom_id: str, values: Sequence[str]) -> Call:
        stored = self._stored(message)
        return self._component(stored, components.choice(stored, custom_id, list(values)))

    async def submit(self, modal: dict[str, Any], /, **values: object) -> Call:
        """Send the form that `Call.modal` showed; fields by custom_id or label."""
        opened = self._opened(modal)
        place = Place(self.id, opened.channel_id)
        data = Form(self._world, place, modal, values).data()
        opened.modal_consumed = True
        messages = self._world.messages.get(opened.channel_id, {})
        source = messages.get(opened.source_message_id or 0)
        return self._call(place, InteractionType.MODAL_SUBMIT, data, source)

    async def send(
        self,
        channel: str | int,
        content: str,
        *,
        files: Sequence[Upload] = (),
        reply_to: dict[str, Any] | None = None,
    ) -> dict[str, Any]:
        """Post a message and return it."""
        channel_id = self._place(channel).channel_id
        self._may(channel_id, "send_messages", *(["attach_files"] if files else []))
        uploads = [(safe_filename(file.filename), file.data) for file in files]
        message = self._world.create_message(
            channel_id,
            self.id,
            content,
            reference=None if reply_to is None else {"message_id": reply_to["id"]},
            attachments=self._world.store_attachments(channel_id, uploads),
        )
        return self._world.message_json(message, self.id)

    async def edit(self, message: dict[str, Any], content: str) -> None:
        stored = self._stored(message)
        if stored.author_id != self.id:
            raise NotPossible("Only the author edits a message.")
        self._world.edit_message(stored.channel_id, stored.id, {"content": content})

    async def delete(self, message: dict[str, Any]) -> None:
        stored = self._stored(message)
        if stored.author_id != self.id:
            self._may(stored.channel_id, "manage_messages")
        self._world.delete_message(stored.channel_id, stored.id)

    async def react(self, message: dict[str, Any], emoji: str) -> None:
        stored = self._stored(message)
        self._may(stored.channel_id, *reaction_permissions(stored, emoji))
        self._world.set_reaction(stored.channel_id, stored.id, emoji, self.id, reacted=True)

    async def unreact(self, message: dict[str, Any], emoji: str) -> None:
        stored = self._stored(message)
        self._world.set_reaction(stored.channel_id, stored.id, emoji, self.id, reacted=False)

    def set_locale(self, locale: str) -> None:
        """Set the language of this person's client, as Discord writes it: `de`, `fr`, `pt-BR`."""
        self._world.locales[self.id] = locale

    @property
    def _world(self) -> World:
        return self.surroundings.world

    def _place(self, channel: str | int) -> Place:
        channel_id = self.surroundings.channel_of(channel, self.id)
        if not channel_accessible(self._world, channel_id, self.id):
            raise NotPossible(f"{self.name} does not see that channel.")
        return Place(self.id, channel_id)

    def _may(self, channel_id: int, *permissions: str) -> None:
        guild_id = self._world.get_channel(channel_id).guild_id
        try:
            self._world.require_permissions(guild_id, self.id, channel_id, *permissions)
        except BackendError as error:
            raise NotPossible(f"{self.name} may not do this here: {error.message}.") from error

    def _stored(self, message: dict[str, Any]) -> Message:
        """The message as it is now, whatever it was when the caller read it."""
        channel_id = int(message["channel_id"])
        stored = self._world.messages.get(channel_id, {}).get(int(message["id"]))
        if stored is None or not message_accessible(self._world, channel_id, stored, self.id):
            raise NotPossible(f"{self.name} does not see this message, or it is gone.")
        return stored

    def _opened(self, modal: dict[str, Any]) -> Interaction:
        for record in reversed(self._world.interactions.values()):
            mine = record.user_id == self.id and not record.modal_consumed
            if mine and record.modal is not None and record.modal["custom_id"] == modal["custom_id"]:
                return record
        raise NotPossible("This form is not open at this person's client.")

    def _component(self, stored: Message, data: dict[str, Any]) -> Call:
        place = Place(self.id, stored.channel_id)
        return self._call(place, InteractionType.MESSAGE_COMPONENT, data, stored)

    def _call(
        self, place: Place, kind: InteractionType, data: dict[str, Any], source: Message | None = None
    ) -> Call:
        size_limit = self.surroundings.upload_limit
        record = send(self._world, place, kind, data, size_limit=size_limit, source=source)
        return Call(self._world, record, self.surroundings.transcript)
