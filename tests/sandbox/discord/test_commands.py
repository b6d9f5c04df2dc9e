from typing import Any, Literal

import discord
import pytest
from discord import app_commands

from sandbox.discord import LocalDiscord, NotPossible
from tests.sandbox.small_bot import SmallBot, code_of, running

Interaction = discord.Interaction[Any]
OPTION = {"name": "mode", "description": "d", "type": 3}
REQUIRED = {"name": "prompt", "description": "d", "type": 3, "required": True}
CROWDED = OPTION | {"choices": [{"name": "pro", "value": "pro"}] * 26}
WORDY = OPTION | {"choices": [{"name": "pro", "value": "x" * 101}]}
Seconds = app_commands.Range[int, 5, 10]


async def video(
    interaction: Interaction,
    prompt: str,
    duration: Seconds = 5,
    mode: Literal["std", "pro"] = "std",
    to: discord.Member | None = None,
) -> None:
    name = None if to is None else to.name
    await interaction.response.send_message(f"{prompt} {duration} {mode} {name}")


async def test_options_arrive_as_the_client_would_send_them(server: LocalDiscord) -> None:
    member, second = server.member("member"), server.member("second")
    async with running(server, SmallBot(video)):
        call = await member.command("general", "video", prompt="a fox", duration=10, mode="pro", to=second)
        await call.answered()

    assert server.messages("general")[-1]["content"] == "a fox 10 pro second"


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        ({}, "needs prompt"),
        ({"prompt": "a fox", "seconds": 5}, "has no option seconds; it has prompt, duration, mode, to"),
        ({"prompt": "a fox", "duration": 11}, "must be ≤ 10"),
        ({"prompt": "a fox", "duration": "5"}, "expects int"),
        ({"prompt": "a fox", "mode": "best"}, "only allows"),
        ({"prompt": "a fox", "to": 12345}, "no user 12345"),
    ],
)
async def test_the_client_refuses_what_cannot_be_sent(
    server: LocalDiscord, options: dict[str, Any], complaint: str
) -> None:
    async with running(server, SmallBot(video)):
        with pytest.raises(NotPossible, match=complaint):
            await server.member("member").command("general", "video", **options)


async def test_only_synced_commands_can_be_sent(server: LocalDiscord, bot: SmallBot) -> None:
    with pytest.raises(NotPossible, match="No command video was synced; synced are: ping"):
        await server.member("member").command("general", "video")

    assert bot.is_ready()


async def test_a_subcommand_is_for_those_who_may_use_it(server: LocalDiscord) -> None:
    studio = app_commands.Group(
        name="studio", description="s", default_permissions=discord.Permissions(manage_guild=True)
    )
    channels = app_commands.Group(name="channel", description="c", parent=studio)

    @channels.command()
    async def add(interaction: Interaction, channel: discord.TextChannel) -> None:
        await interaction.response.send_message(f"added {channel.name}")

    bot = SmallBot()
    bot.tree.add_command(studio)
    async with running(server, bot):
        where = server.channel("ideas")
        call = await server.member("moderator").command("general", "studio channel add", channel=where)
        await call.answered()
        with pytest.raises(NotPossible, match="default-member-permissions"):
            await server.member("member").command("general", "studio channel add", channel=where)

    assert add.qualified_name == "studio channel add"
    assert server.messages("general")[-1]["content"] == "added ideas"


@pytest.mark.parametrize(
    ("command", "complaint"),
    [
        ({"name": "Video", "description": "d"}, "name is invalid"),
        ({"name": "video", "description": ""}, "between 1 and 100"),
        ({"name": "video", "description": "d", "options": [OPTION] * 2}, "must be unique"),
        ({"name": "video", "description": "d", "options": [OPTION, REQUIRED]}, "placed before"),
        ({"name": "video", "description": "d", "options": [CROWDED]}, "25 or fewer"),
        ({"name": "video", "description": "d", "options": [WORDY]}, "between 1 and 100"),
        ({"name": "x" * 33, "type": 3}, "between 1 and 32"),
    ],
)
async def test_a_command_has_to_be_valid_to_be_synced(
    server: LocalDiscord, bot: SmallBot, command: dict[str, Any], complaint: str
) -> None:
    with pytest.raises(discord.HTTPException, match=complaint) as failure:
        await bot.http.bulk_upsert_global_commands(server.application_id, [command])

    assert code_of(failure) == (400, 50035)


async def test_autocomplete_suggests(server: LocalDiscord) -> None:
    async def pick(interaction: Interaction, model: str) -> None:
        await interaction.response.send_message(model)

    async def models(_: Interaction, typed: str) -> list[app_commands.Choice[str]]:
        return [app_commands.Choice(name=typed.upper(), value=typed)]

    bot = SmallBot(pick)
    command = bot.tree.get_command("pick")
    assert isinstance(command, app_commands.Command)
    command.autocomplete("model")(models)
    async with running(server, bot):
        choices = await server.member("member").autocomplete("general", "pick", "model", "kling")

    assert choices == [{"name": "KLING", "value": "kling"}]


async def test_a_message_menu_gets_the_message_with_its_content(server: LocalDiscord) -> None:
    async def use(interaction: Interaction, message: discord.Message) -> None:
        await interaction.response.send_message(f"using {message.content}")

    bot = SmallBot(content=False)
    bot.tree.add_command(app_commands.ContextMenu(name="Use as prompt", callback=use))
    async with running(server, bot):
        prompt = await server.member("second").send("general", "a fox")
        call = await server.member("member").menu(prompt, "Use as prompt")
        await call.answered()

    assert server.messages("general")[-1]["content"] == "using a fox"
