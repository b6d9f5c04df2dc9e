import asyncio
from datetime import timedelta
from io import BytesIO
from typing import Any

import aiohttp
import discord
import pytest
from discord import ui
from discord.http import Route
from PIL import Image

from sandbox.discord import LocalDiscord, NotPossible, Upload
from tests.sandbox.small_bot import SmallBot, a_file, code_of, ping, running

Interaction = discord.Interaction[Any]


def a_picture(width: int, height: int) -> bytes:
    buffer = BytesIO()
    Image.new("RGB", (width, height), "teal").save(buffer, "PNG")
    return buffer.getvalue()


async def whisper(interaction: Interaction) -> None:
    await interaction.response.send_message("only for you", ephemeral=True)


async def think(interaction: Interaction) -> None:
    await interaction.response.defer(thinking=True)


class Card(ui.LayoutView):
    """A layout with buttons inside a container, as a job's card has them."""

    def __init__(self) -> None:
        super().__init__(timeout=None)
        again = ui.Button[Card](emoji="✏️", label="Edit", custom_id="job:1:edit")
        gone = ui.Button[Card](label="Delete", custom_id="job:1:delete", disabled=True)
        page = ui.Button[Card](label="Page", url="https://example.org/")
        row = ui.ActionRow[Card](again, gone, page)
        menu = ui.Select[Card](custom_id="job:1:mode", options=[discord.SelectOption(label="pro")])
        self.add_item(ui.Container(ui.TextDisplay("A fox"), row, ui.ActionRow(menu)))


async def card(interaction: Interaction) -> None:
    await interaction.response.send_message(view=Card())


class PressBot(SmallBot):
    """Answers every press and form by itself, as a bot does that keeps nothing in memory."""

    async def on_interaction(self, interaction: Interaction) -> None:
        data: Any = interaction.data
        if interaction.type is discord.InteractionType.component and data["custom_id"] == "job:1:edit":
            await interaction.response.send_modal(Form())
        elif interaction.type is discord.InteractionType.component:
            await interaction.response.edit_message(view=Card())
        elif interaction.type is discord.InteractionType.modal_submit:
            texts = [node["component"]["value"] for node in data["components"]]
            await interaction.response.send_message(" | ".join(texts))


class Form(ui.Modal):
    """Two fields, one of them filled in already."""

    def __init__(self) -> None:
        super().__init__(title="Edit", custom_id="job:1:form")
        prompt = ui.TextInput[Form](custom_id="prompt", default="A fox")
        seconds = ui.TextInput[Form](custom_id="seconds", max_length=2)
        self.add_item(ui.Label(text="Prompt", component=prompt))
        self.add_item(ui.Label(text="Seconds", component=seconds))


async def test_a_command_is_answered(server: LocalDiscord, bot: SmallBot) -> None:
    call = await server.member("member").command("general", "ping")

    assert (await call.answered())["type"] == 4
    assert server.requests[-1].path.startswith(f"/interactions/{call.interaction_id}/")
    assert [message["content"] for message in server.messages("general")] == ["pong"]
    assert bot.is_ready()


async def test_a_deferred_command_ends_as_an_edit_with_a_playable_file(server: LocalDiscord) -> None:
    async def animate(interaction: Interaction, image: discord.Attachment) -> None:
        await interaction.response.defer(thinking=True)
        picture = await image.read()
        await interaction.edit_original_response(
            content=f"{image.width}x{image.height} {len(picture)}",
            attachments=[a_file("clip.mp4", b"0123456789")],
        )

    picture = a_picture(64, 48)
    async with running(server, SmallBot(animate)):
        call = await server.member("member").command("general", "animate", image=Upload("fox.png", picture))
        message = await server.until(lambda: [m for m in server.messages("general") if m["attachments"]])

        url = message[0]["attachments"][0]["url"]
        wanted = {"Range": "bytes=2-4"}
        async with aiohttp.ClientSession() as browser, browser.get(url, headers=wanted) as part:
            assert (part.status, await part.read(), part.content_type) == (206, b"234", "video/mp4")
    assert message[0]["content"] == f"64x48 {len(picture)}"
    assert message[0]["id"] == str(call.record.message_id)


async def test_an_ephemeral_answer_is_seen_by_one_person_only(server: LocalDiscord) -> None:
    async with running(server, SmallBot(whisper)):
        call = await server.member("member").command("general", "whisper")
        await call.answered()

    response = call.response()
    assert response is not None
    assert response["content"] == "only for you"
    assert server.messages("general", viewer="member") == [response]
    assert server.messages("general", viewer="second") == []


async def test_an_answer_later_than_three_seconds_is_unknown() -> None:
    failures: asyncio.Queue[tuple[int, int]] = asyncio.Queue()

    async def slow(interaction: Interaction) -> None:
        await asyncio.sleep(0.3)
        with pytest.raises(discord.NotFound) as failure:
            await interaction.response.defer()
        failures.put_nowait(code_of(failure))

    async with (
        LocalDiscord(answer_within=timedelta(seconds=0.2)) as server,
        running(server, SmallBot(slow)),
    ):
        await server.member("member").command("general", "slow")
        assert await failures.get() == (404, 10062)


async def test_a_second_answer_is_refused(server: LocalDiscord) -> None:
    failures: asyncio.Queue[tuple[int, int]] = asyncio.Queue()

    async def twice(interaction: Interaction) -> None:
        await interaction.response.defer()
        route = Route("POST", f"/interactions/{interaction.id}/{interaction.token}/callback?with_response=1")
        with pytest.raises(discord.HTTPException) as failure:
            await interaction.client.http.request(route, json={"type": 5})
        failures.put_nowait(code_of(failure))

    async with running(server, SmallBot(twice)):
        await server.member("member").command("general", "twice")
        assert await failures.get() == (400, 40060)


async def test_an_expired_token_is_dead_but_the_message_can_still_be_edited(server: LocalDiscord) -> None:
    async with running(server, SmallBot(think)) as bot:
        call = await server.member("member").command("general", "think")
        await call.answered()
        server.expire_tokens()
        adapter = discord.Webhook.partial(server.application_id, call.token, client=bot)
        assert call.record.message_id is not None

        with pytest.raises(discord.HTTPException) as failure:
            await adapter.edit_message(call.record.message_id, content="late")
        with pytest.raises(discord.HTTPException) as failed_followup:
            await adapter.send("late")
        channel = bot.get_partial_messageable(server.channel("general"))
        await channel.get_partial_message(call.record.message_id).edit(content="by the bot's own right")

    assert code_of(failure) == code_of(failed_followup) == (401, 50027)
    assert server.messages("general")[-1]["content"] == "by the bot's own right"


@pytest.mark.parametrize(
    ("answer", "complaint"),
    [
        ({"type": 6}, "6 is no answer to an interaction of type 2"),
        ({"type": 8, "data": {"choices": []}}, "8 is no answer"),
        ({"type": 77}, "77 is no answer"),
        ({"type": 4, "data": {"content": "x" * 2001}}, "2000 or fewer"),
    ],
)
async def test_an_answer_has_to_fit(server: LocalDiscord, answer: dict[str, Any], complaint: str) -> None:
    failures: asyncio.Queue[discord.HTTPException] = asyncio.Queue()

    async def wrong(interaction: Interaction) -> None:
        path = f"/interactions/{interaction.id}/{interaction.token}/callback?with_response=1"
        with pytest.raises(discord.HTTPException) as failure:
            await interaction.client.http.request(Route("POST", path), json=answer)
        failures.put_nowait(failure.value)
        await interaction.response.send_message("better")

    async with running(server, SmallBot(wrong)):
        call = await server.member("member").command("general", "wrong")
        failure = await failures.get()
        await call.answered()

    assert (failure.status, failure.code) == (400, 50035)
    assert complaint in str(failure)


async def test_a_stranger_uses_the_bot_they_installed_in_a_dm(server: LocalDiscord) -> None:
    seen: asyncio.Queue[Interaction] = asyncio.Queue()

    async def look(interaction: Interaction) -> None:
        seen.put_nowait(interaction)
        await interaction.response.send_message("seen")

    async with running(server, SmallBot(look)):
        stranger = server.member("stranger")
        await (await stranger.command("dm", "look")).answered()
        with pytest.raises(NotPossible, match="does not see that channel"):
            await stranger.command("general", "look")

    interaction = await seen.get()
    assert (interaction.is_user_integration(), interaction.is_guild_integration()) == (True, False)


async def test_a_button_in_a_layout_opens_a_form_and_the_form_is_answered(server: LocalDiscord) -> None:
    member = server.member("member")
    async with running(server, PressBot(card)):
        await (await member.command("general", "card")).answered()
        pressed = await member.press(server.messages("general")[-1], "✏")
        assert (await pressed.answered())["type"] == 9
        modal = pressed.modal()
        assert modal is not None
        with pytest.raises(NotPossible, match="Seconds takes 1 to 2 characters, not 3"):
            await member.submit(modal, seconds="100")
        sent = await member.submit(modal, Seconds="10")
        await sent.answered()
        with pytest.raises(NotPossible, match="not open"):
            await member.submit(modal, Seconds="10")

    assert server.messages("general")[-1]["content"] == "A fox | 10"


@pytest.mark.parametrize(
    ("button", "complaint"),
    [("Delete", "is disabled"), ("Page", "leads elsewhere"), ("🔁", "0 buttons are called 🔁")],
)
async def test_some_buttons_cannot_be_pressed(server: LocalDiscord, button: str, complaint: str) -> None:
    member = server.member("member")
    async with running(server, PressBot(card)):
        await (await member.command("general", "card")).answered()

        with pytest.raises(NotPossible, match=complaint):
            await member.press(server.messages("general")[-1], button)


async def test_a_choice_in_a_menu_updates_the_message(server: LocalDiscord) -> None:
    member = server.member("second")
    async with running(server, PressBot(card)):
        await (await member.command("general", "card")).answered()
        message = server.messages("general")[-1]
        call = await member.select(message, "job:1:mode", ["pro"])
        answer = await call.answered()
        with pytest.raises(NotPossible, match="best is not offered; offered are: pro"):
            await member.select(message, "job:1:mode", ["best"])

    response = call.response()
    assert answer["type"] == 7
    assert response is not None
    assert response["id"] == message["id"]


async def test_an_interaction_says_where_it_comes_from(server: LocalDiscord) -> None:
    seen: asyncio.Queue[Interaction] = asyncio.Queue()

    async def look(interaction: Interaction) -> None:
        seen.put_nowait(interaction)
        await interaction.response.send_message("seen")

    server.upload_limit = 12345
    server.set_permissions("general", attach_files=False)
    member = server.member("member")
    member.set_locale("de")
    async with running(server, SmallBot(look)):
        await (await member.command("general", "look")).answered()
        await (await member.command("dm", "look")).answered()
        in_server, in_dm = await seen.get(), await seen.get()

    assert in_server.filesize_limit == 12345
    assert (str(in_server.locale), str(in_server.guild_locale)) == ("de", "en-US")
    assert (in_server.is_guild_integration(), in_server.app_permissions.attach_files) == (True, False)
    assert (in_dm.context.dm_channel, in_dm.guild_id) == (True, None)
    assert in_dm.app_permissions.attach_files
    assert [message["content"] for message in server.messages("dm")] == ["seen"]
    assert server.messages("dm", viewer="second") == []


async def test_a_followup_belongs_to_its_interaction(server: LocalDiscord) -> None:
    async def more(interaction: Interaction) -> None:
        await interaction.response.send_message("first")
        await interaction.followup.send("second", file=a_file("clip.mp4", b"1"), wait=True)

    async with running(server, SmallBot(more)):
        call = await server.member("member").command("general", "more")
        followups = await server.until(call.followups)

    assert [(m["content"], m["application_id"]) for m in followups] == [
        ("second", str(server.application_id))
    ]


async def test_what_is_missing_is_reported_with_the_latest_requests(
    server: LocalDiscord, bot: SmallBot
) -> None:
    call = await server.member("member").command("general", "ping")
    await call.answered()

    with pytest.raises(AssertionError, match=r"within 0\.01 s[\s\S]*callback -> 200"):
        await server.until(lambda: server.messages("general")[1], timeout=0.01)

    assert bot.is_ready()


async def test_a_missing_answer_is_reported_too(server: LocalDiscord) -> None:
    async def silent(_: Interaction) -> None: ...

    async with running(server, SmallBot(silent, ping)):
        call = await server.member("member").command("general", "silent")

        with pytest.raises(AssertionError, match="Unanswered: silent of member"):
            await call.answered(timeout=0.05)
