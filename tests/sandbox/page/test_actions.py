from __future__ import annotations

from typing import Any

from sandbox.discord import LocalDiscord, Upload
from tests.sandbox.page.client import Client


async def test_a_command_is_sent_with_its_options_and_its_file(page: Client, server: LocalDiscord) -> None:
    channel = server.channel("general")
    options = {"text": "Hello", "count": 2, "who": {"id": str(server.member("second").id)}}

    async with page.looks(channel) as screen:
        answer = await page.does(
            "command",
            channel=str(channel),
            name="echo",
            options=options,
            files={"picture": Upload("a.png", b"12345")},
        )

        assert answer == {}
        assert (await screen.shows("Hello"))["content"] == "2 times Hello to second with a.png with 5 bytes"
        assert {command["name"] for command in screen.parts["commands"]} == {"echo", "desk"}
        assert [menu["name"] for menu in screen.parts["menus"]] == ["Count letters"]


async def test_what_the_client_would_not_send_is_refused_in_words(page: Client, server: LocalDiscord) -> None:
    channel = str(server.channel("general"))

    missing = await page.does("command", channel=channel, name="echo", options={})
    too_many = await page.does("command", channel=channel, name="echo", options={"text": "Hello", "count": 9})
    unseen = await page.does("send", by="stranger", channel=channel, content="Hello")
    empty = await page.does("send", channel=channel, content=" ")
    nonsense = await page.does("press", channel_id=channel, message="1", custom_id="write")

    assert missing == {"refused": "/echo needs text."}
    assert "count" in too_many["refused"]
    assert unseen == {"refused": "stranger does not see that channel."}
    assert empty == {"refused": "There is nothing to send."}
    assert "gone" in nonsense["refused"]


async def test_a_file_above_the_limit_is_refused_before_discord_sees_it(
    page: Client, server: LocalDiscord
) -> None:
    server.upload_limit = 1024
    channel = str(server.channel("general"))

    answer = await page.does(
        "send", channel=channel, content="", files={"file": Upload("a.bin", bytes(1025))}
    )

    assert "too powerful" in answer["refused"]
    assert server.messages("general") == []


async def test_suggestions_come_from_the_bot(page: Client, server: LocalDiscord) -> None:
    channel = str(server.channel("general"))

    found = await page.does("suggest", channel=channel, name="echo", focused="text", value="no", options={})

    assert [(choice["name"], choice["value"]) for choice in found] == [("no, twice", "nono")]


async def test_a_button_opens_a_form_that_is_answered_privately(page: Client, server: LocalDiscord) -> None:
    channel = server.channel("general")
    async with page.looks(channel) as member, page.looks(channel, by="second") as second:
        await page.does("command", channel=str(channel), name="desk", options={})
        desk = await member.shows("Your desk")
        place: dict[str, Any] = {"channel_id": str(channel), "message": desk["id"]}

        opened = await page.does("press", **place, custom_id="write")
        refused = await page.does(
            "submit", interaction=opened["interaction"], fields={"words": "far too many words"}
        )
        sent = await page.does("submit", interaction=opened["interaction"], fields={"words": "few"})
        chosen = await page.does("select", **place, custom_id="pen", values=["Ink"])

        assert opened["form"]["title"] == "A sheet of paper"
        assert "1 to 10 characters" in refused["refused"]
        assert (sent, chosen) == ({}, {})
        await member.shows("You wrote few")
        await member.shows("You took Ink")
        await second.shows("Your desk")
        assert [message["content"] for message in second.messages()] == ["Your desk"]


async def test_messages_are_sent_answered_edited_reacted_to_and_deleted(
    page: Client, server: LocalDiscord
) -> None:
    channel = str(server.channel("general"))
    async with page.looks(channel) as screen:
        first = (await page.does("send", channel=channel, content="First"))["id"]
        place: dict[str, Any] = {"channel_id": channel, "message": first}
        await page.does("send", channel=channel, content="Second", **place)
        await page.does("edit", **place, content="Better")
        await page.does("react", **place, emoji="⭐")
        counted = await page.does("menu", **place, name="Count letters")

        assert (await screen.shows("Second"))["message_reference"]["message_id"] == first
        await screen.shows("6 letters")
        edited = await screen.until(lambda parts: (one := parts[f"message {first}"])["reactions"] and one)
        assert edited["content"] == "Better"
        assert counted == {}
        assert edited["edited_timestamp"]
        assert [(one["emoji"]["name"], one["me"]) for one in edited["reactions"]] == [("⭐", True)]

        await page.does("react", **place, emoji="⭐", off=True)
        await screen.until(lambda parts: not parts[f"message {first}"]["reactions"])
        others = await page.does("delete", by="second", **place)
        await page.does("delete", **place)
        await screen.until(lambda parts: first not in parts["order"])
        assert f"message {first}" not in screen.parts
        assert "may not do this" in others["refused"]


async def test_a_member_s_language_travels_with_what_they_do(page: Client, server: LocalDiscord) -> None:
    channel = server.channel("general")
    async with page.looks(channel) as screen:
        await page.does("locale", locale="de")

        await screen.until(lambda parts: parts["viewer"]["locale"] == "de")
