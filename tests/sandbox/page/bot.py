"""A small real bot with one of everything that can be used on the page."""

from __future__ import annotations

from typing import Any

import discord
from discord import app_commands, ui

from tests.sandbox.small_bot import SmallBot


async def echo(
    interaction: discord.Interaction,
    text: str,
    count: app_commands.Range[int, 1, 4] = 1,
    who: discord.User | None = None,
    picture: discord.Attachment | None = None,
) -> None:
    """Say it again."""
    file = "nothing" if picture is None else f"{picture.filename} with {picture.size} bytes"
    await interaction.response.send_message(f"{count} times {text} to {who} with {file}")


async def suggest(_interaction: discord.Interaction, typed: str) -> list[app_commands.Choice[str]]:
    return [app_commands.Choice(name=f"{typed}, twice", value=typed * 2)]


class Sheet(ui.Modal, title="A sheet of paper"):
    words: ui.TextInput[Sheet] = ui.TextInput(label="Words", custom_id="words", max_length=10)

    async def on_submit(self, interaction: discord.Interaction) -> None:
        await interaction.response.send_message(f"You wrote {self.words.value}", ephemeral=True)


class Pen(ui.Select["Desk"]):
    def __init__(self) -> None:
        options = [discord.SelectOption(label=label) for label in ("Ink", "Lead")]
        super().__init__(custom_id="pen", options=options)

    async def callback(self, interaction: discord.Interaction) -> None:
        await interaction.response.send_message(f"You took {self.values[0]}", ephemeral=True)


class Desk(ui.View):
    def __init__(self) -> None:
        super().__init__()
        self.add_item(Pen())

    @ui.button(label="Write", custom_id="write")
    async def write(self, interaction: discord.Interaction, _button: ui.Button[Desk]) -> None:
        await interaction.response.send_modal(Sheet())


async def desk(interaction: discord.Interaction) -> None:
    """Sit down."""
    await interaction.response.send_message("Your desk", view=Desk())


async def letters(interaction: discord.Interaction, message: discord.Message) -> None:
    await interaction.response.send_message(f"{len(message.content)} letters", ephemeral=True)


def page_bot() -> SmallBot:
    bot = SmallBot(desk)
    command: app_commands.Command[Any, ..., None] = app_commands.Command(
        name="echo", description="Say it again", callback=echo
    )
    command.autocomplete("text")(suggest)
    bot.tree.add_command(command)
    bot.tree.add_command(app_commands.ContextMenu(name="Count letters", callback=letters))
    return bot
