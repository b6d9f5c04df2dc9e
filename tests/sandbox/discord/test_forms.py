from typing import Any

import discord
import pytest
from discord import app_commands, ui

from sandbox.discord import Call, LocalDiscord, NotPossible, Upload
from tests.sandbox.small_bot import SmallBot, running

Interaction = discord.Interaction[Any]
SIZES = [discord.SelectOption(label="Wide", value="16:9", default=True), discord.SelectOption(label="1:1")]


class Form(ui.Modal):
    """One field of every kind."""

    def __init__(self) -> None:
        super().__init__(title="Everything", custom_id="everything")
        self.ratio = ui.Select[Form](custom_id="ratio", options=SIZES)
        self.picture = ui.FileUpload[Form](custom_id="picture", required=False)
        self.mode = ui.RadioGroup[Form](custom_id="mode")
        self.mode.add_option(label="std")
        self.mode.add_option(label="pro")
        self.audio = ui.Checkbox[Form](custom_id="audio")
        self.wishes = ui.CheckboxGroup[Form](custom_id="wishes", required=False)
        self.wishes.add_option(label="slow")
        self.wishes.add_option(label="loop")
        fields = {"Ratio": self.ratio, "Picture": self.picture, "Mode": self.mode}
        for text, field in {**fields, "Audio": self.audio, "Wishes": self.wishes}.items():
            self.add_item(ui.Label(text=text, component=field))

    async def on_submit(self, interaction: Interaction) -> None:
        names = [file.filename for file in self.picture.values]
        content = f"{self.ratio.values} {names} {self.mode.value} {self.audio.value} {self.wishes.values}"
        await interaction.response.send_message(content)


async def ask(interaction: Interaction) -> None:
    await interaction.response.send_modal(Form())


async def tell(interaction: Interaction, role: discord.Role, who: discord.Member | discord.Role) -> None:
    await interaction.response.send_message(f"{role.name} {who.name}")


async def opened(server: LocalDiscord) -> dict[str, Any]:
    call: Call = await server.member("member").command("general", "ask")
    await call.answered()
    modal = call.modal()
    assert modal is not None
    return modal


async def test_what_is_filled_in_arrives(server: LocalDiscord) -> None:
    async with running(server, SmallBot(ask)):
        modal = await opened(server)
        sent = await server.member("member").submit(
            modal, ratio=["1:1"], Picture=[Upload("fox.png", b"1")], mode="pro", audio=True, wishes=["loop"]
        )
        await sent.answered()

    assert server.messages("general")[-1]["content"] == "['1:1'] ['fox.png'] pro True ['loop']"


async def test_what_is_left_alone_keeps_its_preset(server: LocalDiscord) -> None:
    async with running(server, SmallBot(ask)):
        sent = await server.member("member").submit(await opened(server), mode="std")
        await sent.answered()

    assert server.messages("general")[-1]["content"] == "['16:9'] [] std False []"


@pytest.mark.parametrize(
    ("values", "complaint"),
    [
        ({}, "Mode has to be filled in"),
        ({"mode": "best"}, "best is not offered; offered are: std, pro"),
        ({"mode": "std", "ratio": ["1:1", "16:9"]}, "Between 1 and 1 values"),
        ({"mode": "std", "colour": "red"}, "has no field colour"),
    ],
)
async def test_the_client_refuses_a_wrong_form(
    server: LocalDiscord, values: dict[str, Any], complaint: str
) -> None:
    async with running(server, SmallBot(ask)):
        modal = await opened(server)

        with pytest.raises(NotPossible, match=complaint):
            await server.member("member").submit(modal, **values)


async def test_a_form_belongs_to_one_person(server: LocalDiscord) -> None:
    async with running(server, SmallBot(ask)):
        modal = await opened(server)

        with pytest.raises(NotPossible, match="not open at this person's client"):
            await server.member("second").submit(modal, mode="std")


async def test_roles_and_people_are_resolved(server: LocalDiscord) -> None:
    moderators = server.role("Moderators")
    async with running(server, SmallBot(tell)):
        member = server.member("member")
        await (await member.command("general", "tell", role=moderators, who=member)).answered()
        await (await member.command("general", "tell", role=moderators, who=moderators)).answered()

    assert [message["content"] for message in server.messages("general")] == [
        "Moderators member",
        "Moderators Moderators",
    ]


async def test_a_group_alone_cannot_be_sent(server: LocalDiscord) -> None:
    studio = app_commands.Group(name="studio", description="s")

    @studio.command()
    async def stats(_: Interaction, text: str) -> None:
        raise AssertionError(text)

    bot = SmallBot()
    bot.tree.add_command(studio)
    owner = server.member("owner")
    async with running(server, bot):
        with pytest.raises(NotPossible, match="has subcommands: stats"):
            await owner.command("general", "studio")
        with pytest.raises(NotPossible, match="no subcommand path"):
            await owner.command("general", "studio limit")
        with pytest.raises(NotPossible, match="has no autocomplete"):
            await owner.autocomplete("general", f"studio {stats.name}", "text", "x")
