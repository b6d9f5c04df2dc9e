from __future__ import annotations

import socket

import aiohttp
import pytest

from sandbox.discord import LocalDiscord, Upload
from sandbox.gateways import LocalGateways
from sandbox.page import Environment, Page
from tests.sandbox.page.client import Client, Sleeper


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "sandbox.example"},
        {"Host": "127.0.0.1:1"},
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"X-Sandbox-Token": "guessed"},
        {"X-Sandbox-Token": ""},
    ],
    ids=lambda headers: "-".join(*headers.items()),
)
async def test_another_site_cannot_make_members_do_anything(
    page: Client, server: LocalDiscord, headers: dict[str, str]
) -> None:
    sent = {"X-Sandbox-Token": page.token} | headers

    async with page.session.post(f"{page.url}do/send", headers=sent, json={"content": "Hello"}) as answer:
        assert answer.status == 403
        assert "Access-Control-Allow-Origin" not in answer.headers
    assert server.messages("general") == []


async def test_the_token_is_not_shown_to_a_foreign_host_name(page: Client) -> None:
    async with page.session.get(page.url, headers={"Host": "rebound.example"}) as answer:
        told = await answer.text()

    assert answer.status == 403
    assert page.token not in told


async def test_the_page_may_run_and_reach_only_what_comes_from_here(page: Client) -> None:
    async with page.session.get(page.url) as answer:
        policy = answer.headers["Content-Security-Policy"]

    assert "default-src 'none'" in policy
    assert "script-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert answer.headers["Referrer-Policy"] == "no-referrer"


async def test_a_file_that_a_browser_might_run_is_only_saved(page: Client, server: LocalDiscord) -> None:
    channel = str(server.channel("general"))
    script = Upload("page.html", b"<script>alert(1)</script>")
    async with page.looks(channel) as screen:
        await page.does("send", channel=channel, content="Look", files={"file": script})
        link = (await screen.shows("Look"))["attachments"][0]["url"]

    answer, body = await page.file(link)

    assert body == script.data
    assert answer.content_type == "application/octet-stream"
    assert answer.headers["Content-Disposition"] == "attachment"
    assert "sandbox" in answer.headers["Content-Security-Policy"]


async def test_films_are_handed_out_in_ranges_also_when_discord_s_links_have_died(
    page: Client, server: LocalDiscord
) -> None:
    channel = str(server.channel("general"))
    async with page.looks(channel) as screen:
        await page.does(
            "send", channel=channel, content="Film", files={"file": Upload("a.mp4", b"0123456789")}
        )
        link = (await screen.shows("Film"))["attachments"][0]["url"]
    server.expire_links()

    answer, body = await page.file(link, Range="bytes=2-5")

    assert (answer.status, body, answer.content_type) == (206, b"2345", "video/mp4")


async def test_the_next_free_port_is_taken_when_one_is_in_use(server: LocalDiscord) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        async with (
            LocalGateways() as gateways,
            Page(Environment(server, gateways, Sleeper()), port=port).open() as url,
            aiohttp.ClientSession() as session,
            session.get(url) as answer,
        ):
            assert answer.status == 200
            assert f":{port}/" not in url
