import re
from datetime import timedelta

import aiohttp
import discord
import pytest
from discord.http import Route

from sandbox.discord import LocalDiscord, SentFile, Upload
from tests.sandbox.small_bot import SmallBot, a_file, code_of, ping, pointed_at, post, running


async def fetched(url: str, **headers: str) -> tuple[int, bytes]:
    async with aiohttp.ClientSession() as browser, browser.get(url, headers=headers) as answer:
        return answer.status, await answer.read()


async def test_a_file_arrives_with_its_name_size_alt_text_and_bytes(
    server: LocalDiscord, bot: SmallBot
) -> None:
    file = discord.File(__file__, "my clip!.mp4", description="a fox runs")

    await post(bot, server.channel("general")).send("done", file=file)

    attachment = server.messages("general")[-1]["attachments"][0]
    status, content = await fetched(attachment["url"])
    assert (attachment["filename"], attachment["description"]) == ("my_clip.mp4", "a fox runs")
    assert (status, len(content)) == (200, attachment["size"])
    assert server.requests[-1].files == (SentFile("my_clip.mp4", len(content)),)


async def test_a_file_over_the_limit_is_refused_and_one_at_the_limit_is_not(
    server: LocalDiscord, bot: SmallBot
) -> None:
    server.upload_limit = 1000
    channel = post(bot, server.channel("general"))

    with pytest.raises(discord.HTTPException) as failure:
        await channel.send(files=[a_file("small.mp4", b"1" * 10), a_file("big.mp4", b"1" * 1001)])
    await channel.send(files=[a_file("one.mp4", b"1" * 1000), a_file("two.mp4", b"1" * 1000)])

    assert code_of(failure) == (413, 40005)
    assert [len(message["attachments"]) for message in server.messages("general")] == [2]


async def test_eleven_files_are_too_many(server: LocalDiscord, bot: SmallBot) -> None:
    files = [a_file(f"{number}.txt", b"x") for number in range(11)]

    with pytest.raises(discord.HTTPException) as failure:
        await post(bot, server.channel("general")).send(files=files)

    assert code_of(failure) == (400, 50035)


async def test_the_same_nonce_makes_one_message(server: LocalDiscord, bot: SmallBot) -> None:
    channel = post(bot, server.channel("general"))

    first = await channel.send("once", nonce="job-7-result")
    second = await channel.send("twice", nonce="job-7-result")

    assert first.id == second.id
    assert [message["content"] for message in server.messages("general")] == ["once"]
    assert second.nonce == "job-7-result"


async def test_the_nonce_of_a_deleted_message_makes_nothing(server: LocalDiscord, bot: SmallBot) -> None:
    channel = post(bot, server.channel("general"))
    first = await channel.send("once", nonce="job-7-result")
    await first.delete()

    with pytest.raises(discord.NotFound) as failure:
        await channel.send("again", nonce="job-7-result")

    assert code_of(failure) == (404, 10008)
    assert server.messages("general") == []


async def test_a_nonce_is_forgotten_after_its_window() -> None:
    async with LocalDiscord(nonce_window=timedelta(0)) as server, running(server, SmallBot(ping)) as bot:
        channel = post(bot, server.channel("general"))

        first = await channel.send("once", nonce="job-7-result")
        second = await channel.send("twice", nonce="job-7-result")

    assert first.id != second.id


async def test_a_nonce_has_at_most_25_characters(server: LocalDiscord, bot: SmallBot) -> None:
    with pytest.raises(discord.HTTPException) as failure:
        await post(bot, server.channel("general")).send("x", nonce="n" * 26)

    assert code_of(failure) == (400, 50035)


async def test_without_the_right_to_attach_only_text_goes_through(
    server: LocalDiscord, bot: SmallBot
) -> None:
    server.set_permissions("general", attach_files=False)
    channel = post(bot, server.channel("general"))

    with pytest.raises(discord.Forbidden) as failure:
        await channel.send(file=a_file("clip.mp4", b"1"))
    message = await channel.send("a link")
    with pytest.raises(discord.Forbidden) as failure_on_edit:
        await message.edit(attachments=[a_file("clip.mp4", b"1")])
    server.set_permissions("general", attach_files=True)
    await channel.send(file=a_file("clip.mp4", b"1"))

    assert code_of(failure) == code_of(failure_on_edit) == (403, 50013)


@pytest.mark.parametrize(
    ("denied", "expected"), [("view_channel", (403, 50001)), ("send_messages", (403, 50013))]
)
async def test_missing_permissions_are_told_apart(
    server: LocalDiscord, bot: SmallBot, denied: str, expected: tuple[int, int]
) -> None:
    server.set_permissions("general", **{denied: False})

    with pytest.raises(discord.Forbidden) as failure:
        await post(bot, server.channel("general")).send("hello", file=a_file("clip.mp4", b"1"))
    with pytest.raises(discord.Forbidden) as failure_with_text:
        await post(bot, server.channel("general")).send("hello")

    assert code_of(failure) == code_of(failure_with_text) == expected


async def test_announcements_are_closed_to_the_bot(server: LocalDiscord, bot: SmallBot) -> None:
    with pytest.raises(discord.Forbidden) as failure:
        await post(bot, server.channel("announcements")).send("hello")

    assert code_of(failure) == (403, 50013)


async def test_a_deleted_channel_is_unknown(server: LocalDiscord, bot: SmallBot) -> None:
    gallery = server.channel("gallery")
    server.delete_channel("gallery")

    with pytest.raises(discord.NotFound) as failure:
        await post(bot, gallery).send("hello", file=a_file("clip.mp4", b"1"))

    assert code_of(failure) == (404, 10003)


async def test_a_dm_arrives_unless_it_is_closed_or_from_a_stranger(
    server: LocalDiscord, bot: SmallBot
) -> None:
    member = await bot.fetch_user(server.member("member").id)
    stranger = await bot.fetch_user(server.member("stranger").id)

    await member.send("here you are")
    server.close_dm("member")
    with pytest.raises(discord.Forbidden) as closed:
        await member.send("and another")
    with pytest.raises(discord.Forbidden) as unknown:
        await stranger.send("hello")

    assert code_of(closed) == code_of(unknown) == (403, 50007)
    assert [message["content"] for message in server.messages("dm")] == ["here you are"]


async def test_links_expire_and_reading_the_message_again_gives_a_fresh_one(
    server: LocalDiscord, bot: SmallBot
) -> None:
    channel = post(bot, server.channel("general"))
    message = await channel.send(file=a_file("clip.mp4", b"moving"))
    url = message.attachments[0].url

    server.expire_links()
    again = await channel.fetch_message(message.id)

    assert url.startswith(server.cdn_url)
    assert (await fetched(url))[0] == 404
    assert (await fetched(url.partition("?")[0]))[0] == 404
    assert await fetched(again.attachments[0].url, Range="bytes=2-") == (206, b"ving")


async def test_links_can_be_refreshed(server: LocalDiscord, bot: SmallBot) -> None:
    message = await post(bot, server.channel("general")).send(file=a_file("clip.mp4", b"moving"))
    server.expire_links()

    route = Route("POST", "/attachments/refresh-urls")
    answer = await bot.http.request(route, json={"attachment_urls": [message.attachments[0].url]})

    assert (await fetched(answer["refreshed_urls"][0]["refreshed"]))[0] == 200


async def test_an_edit_keeps_the_listed_files_and_drops_the_rest(server: LocalDiscord, bot: SmallBot) -> None:
    channel = post(bot, server.channel("general"))
    message = await channel.send(files=[a_file("a.mp4", b"1"), a_file("b.mp4", b"2")])

    partial = channel.get_partial_message(message.id)
    await partial.edit(attachments=[message.attachments[1], a_file("c.mp4", b"3")])

    kept = server.messages("general")[-1]["attachments"]
    assert [attachment["filename"] for attachment in kept] == ["b.mp4", "c.mp4"]
    assert await fetched(kept[1]["url"]) == (200, b"3")


async def test_a_reply_needs_its_target(server: LocalDiscord, bot: SmallBot) -> None:
    question = await server.member("member").send("general", "where is it?")
    channel = post(bot, server.channel("general"))
    target = channel.get_partial_message(int(question["id"]))
    lenient = target.to_reference(fail_if_not_exists=False)

    answer = await channel.send("here", reference=target)
    await server.member("member").delete(question)
    with pytest.raises(discord.HTTPException) as failure:
        await channel.send("here", reference=target)
    unbound = await channel.send("here", reference=lenient)

    assert answer.reference is not None
    assert answer.reference.message_id == target.id
    assert code_of(failure) == (400, 50035)
    assert unbound.reference is None


async def test_members_write_react_edit_and_delete(server: LocalDiscord, bot: SmallBot) -> None:
    member, moderator = server.member("member"), server.member("moderator")
    picture = Upload("fox.png", b"not really")

    message = await member.send("ideas", "a fox --ar 9:16", files=[picture])
    await moderator.react(message, "🔁")
    await member.edit(message, "a wolf")
    await moderator.unreact(message, "🔁")
    edited = server.messages("ideas")[-1]
    await moderator.delete(message)

    prompt, reaction = await bot.heard.get(), await bot.heard.get()
    assert (prompt.content, prompt.attachments[0].filename) == ("a fox --ar 9:16", "fox.png")
    assert (str(reaction.emoji), reaction.user_id) == ("🔁", moderator.id)
    assert reaction.message_author_id == member.id
    assert (edited["content"], edited["reactions"]) == ("a wolf", [])
    assert server.messages("ideas") == []


async def test_the_bot_reacts_and_reads_history(server: LocalDiscord, bot: SmallBot) -> None:
    channel = post(bot, server.channel("general"))
    message = await channel.send("first")
    await channel.send("second")

    await message.add_reaction("🔁")
    history = [past.content async for past in channel.history()]

    reactions = server.messages("general")[0]["reactions"]
    assert history == ["second", "first"]
    assert [(item["emoji"]["name"], item["count"]) for item in reactions] == [("🔁", 1)]


async def test_threads_take_messages(server: LocalDiscord, bot: SmallBot) -> None:
    message = await post(bot, server.channel("general")).send("start here")
    general = bot.get_channel(server.channel("general"))
    assert isinstance(general, discord.TextChannel)

    thread = await general.create_thread(name="Foxes", message=message)
    await thread.send("inside")

    assert [inner["content"] for inner in server.messages(thread.id)] == ["inside"]


async def test_age_restriction_is_shown(server: LocalDiscord, bot: SmallBot) -> None:
    seen = {name: bot.get_channel(server.channel(name)) for name in ("late-night", "general")}

    assert [isinstance(c, discord.TextChannel) and c.is_nsfw() for c in seen.values()] == [True, False]


async def test_a_wrong_token_is_refused(server: LocalDiscord) -> None:
    with pointed_at(server.api_url, server.gateway_url):
        async with SmallBot() as bot:
            with pytest.raises(discord.LoginFailure):
                await bot.login("another.token")

    assert server.requests[-1].status == 401


async def test_answers_are_exactly_application_json(server: LocalDiscord) -> None:
    async with aiohttp.ClientSession() as client, client.get(f"{server.api_url}/gateway") as answer:
        assert answer.headers["Content-Type"] == "application/json"
        assert await answer.json() == {"url": server.gateway_url}


async def test_an_unknown_route_fails_loudly(server: LocalDiscord, bot: SmallBot) -> None:
    with pytest.raises(discord.HTTPException, match=re.escape("does not implement")):
        await bot.http.request(Route("GET", "/no/such/thing"))

    assert server.requests[-1].status == 501
