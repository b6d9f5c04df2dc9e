from io import BytesIO
from typing import Any

import aiohttp
import discord
from PIL import Image

from sandbox.discord import LocalDiscord, Upload
from tests.sandbox.small_bot import SmallBot, a_file, ping, running

Interaction = discord.Interaction[Any]


def a_picture(width: int, height: int) -> bytes:
    buffer = BytesIO()
    Image.new("RGB", (width, height), "teal").save(buffer, "PNG")
    return buffer.getvalue()


async def test_a_command_is_answered(server: LocalDiscord) -> None:
    async with running(server, SmallBot(ping)):
        call = await server.member("member").command("general", "ping")
        answer = await call.answered()

    assert answer["type"] == 4
    assert [message["content"] for message in server.messages("general")] == ["pong"]


async def test_a_deferred_command_ends_as_an_edit_with_a_playable_file(server: LocalDiscord) -> None:
    async def video(interaction: Interaction, prompt: str, image: discord.Attachment) -> None:
        await interaction.response.defer(thinking=True)
        picture = await image.read()
        await interaction.edit_original_response(
            content=f"{prompt} {image.width}x{image.height} {len(picture)}",
            attachments=[a_file("clip.mp4", b"0123456789")],
        )

    picture = a_picture(64, 48)
    async with running(server, SmallBot(video)):
        call = await server.member("member").command(
            "general", "video", prompt="a fox", image=Upload("fox.png", picture)
        )
        message = await server.until(lambda: [m for m in server.messages("general") if m["attachments"]])

        async with (
            aiohttp.ClientSession() as browser,
            browser.get(message[0]["attachments"][0]["url"], headers={"Range": "bytes=2-4"}) as part,
        ):
            assert (part.status, await part.read()) == (206, b"234")
            assert part.content_type == "video/mp4"
    assert message[0]["content"] == f"a fox 64x48 {len(picture)}"
    assert message[0]["id"] == str(call.record.message_id)
