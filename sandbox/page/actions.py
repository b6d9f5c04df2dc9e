"""What a member can do on the page, each by its name: commands, presses, forms, messages, reactions."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from sandbox.discord import Call, Member, NotPossible
from sandbox.discord.world import World
from sandbox.page.requests import Asked

_ANSWER_SECONDS = 3.5
_NO_ANSWER = "The application did not respond."

Action = Callable[[Member, Asked], Awaitable[object]]


class Actions:
    """Every action raises NotPossible where the client would not offer it, or the bot does not answer."""

    def __init__(self, world: World) -> None:
        self._world = world

    @property
    def by_name(self) -> Mapping[str, Action]:
        return {
            "command": self.command,
            "suggest": self.suggest,
            "press": self.press,
            "select": self.select,
            "menu": self.menu,
            "submit": self.submit,
            "send": self.send,
            "edit": self.edit,
            "delete": self.delete,
            "react": self.react,
            "locale": self.locale,
        }

    async def command(self, member: Member, asked: Asked) -> object:
        attached = {name: uploads[0] for name, uploads in asked.files.items()}
        options = asked.filled("options") | attached
        return await _answered(await member.command(asked.channel, asked.text("name"), **options))

    async def suggest(self, member: Member, asked: Asked) -> object:
        name, focused, value = asked.text("name"), asked.text("focused"), asked.text("value")
        try:
            return await member.autocomplete(asked.channel, name, focused, value, **asked.filled("options"))
        except AssertionError as error:
            raise NotPossible("Loading options failed.") from error

    async def press(self, member: Member, asked: Asked) -> object:
        return await _answered(await member.press(asked.message, asked.text("custom_id")))

    async def select(self, member: Member, asked: Asked) -> object:
        values = [str(value) for value in asked.words.get("values", [])]
        return await _answered(await member.select(asked.message, asked.text("custom_id"), values))

    async def menu(self, member: Member, asked: Asked) -> object:
        return await _answered(await member.menu(asked.message, asked.text("name")))

    async def submit(self, member: Member, asked: Asked) -> object:
        record = self._world.interactions.get(int(asked.text("interaction")))
        if record is None or record.modal is None:
            raise NotPossible("This form is no longer open.")
        values = asked.filled("fields") | dict(asked.files)
        return await _answered(await member.submit(record.modal, **values))

    async def send(self, member: Member, asked: Asked) -> object:
        files = [upload for uploads in asked.files.values() for upload in uploads]
        if not asked.text("content").strip() and not files:
            raise NotPossible("There is nothing to send.")
        reply = asked.message if "message" in asked.words else None
        sent = await member.send(asked.channel, asked.text("content"), files=files, reply_to=reply)
        return {"id": sent["id"]}

    async def edit(self, member: Member, asked: Asked) -> object:
        await member.edit(asked.message, asked.text("content"))
        return {}

    async def delete(self, member: Member, asked: Asked) -> object:
        await member.delete(asked.message)
        return {}

    async def react(self, member: Member, asked: Asked) -> object:
        """Add a reaction, or with `off` remove the member's own."""
        deed = member.unreact if asked.words.get("off") else member.react
        await deed(asked.message, asked.text("emoji"))
        return {}

    async def locale(self, member: Member, asked: Asked) -> object:
        member.set_locale(asked.text("locale"))
        self._world.changes.ring()
        return {}


async def _answered(call: Call) -> dict[str, Any]:
    """Wait for the bot, as a client does; a form that it opens is handed on with the way to send it."""
    try:
        await call.answered(_ANSWER_SECONDS)
    except AssertionError as error:
        raise NotPossible(_NO_ANSWER) from error
    form = call.modal()
    return {} if form is None else {"form": form, "interaction": str(call.interaction_id)}
