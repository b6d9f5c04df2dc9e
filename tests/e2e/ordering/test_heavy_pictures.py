"""Pictures that are small files and large in memory: they are bounded, and delay no order without one."""

from __future__ import annotations

import io
import os
import signal
from collections.abc import AsyncIterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from bench.machine import family, watch_memory
from core.dispatch.picture_queue import MOST_OF_MEMBER
from sandbox.discord import Call, Member, Upload
from tests.e2e.harness import town as towns
from tests.e2e.harness.bots import BotProcess, bot_process
from tests.e2e.harness.files import picture
from tests.e2e.harness.prompting import newcomers, opened_ideas, says, slip
from tests.e2e.harness.scenes import CHANNEL, card_of, private_answer, replies_to, words
from tests.e2e.harness.town import Town
from tests.providers.pictures.hostile import huge_png, long_gif, long_webp, talkative_png

pytestmark = pytest.mark.timeout(300)  # a machine that does much else takes a while for 49 megapixels

ANIMATE = "Animate this"


@cache
def black(side: int = 7000) -> Upload:
    """190 kB of file, 196 MB of pixels."""
    written = io.BytesIO()
    Image.new("RGBA", (side, side), "black").save(written, "PNG")
    return Upload("black.png", written.getvalue())


@cache
def webp() -> Upload:
    written = io.BytesIO()
    Image.new("RGB", (6000, 4800)).save(written, "WEBP", method=0)
    return Upload("heavy.webp", written.getvalue())


@pytest.fixture
async def crowded(tmp_path: Path, clip: bytes) -> AsyncIterator[Town]:
    """A town where no member reaches a limit, whatever they order."""
    async with towns.opened(tmp_path / "data", clip=clip) as town:
        town.changes.update(MATINEE_MEMBER_OPEN_JOBS="1000", MATINEE_MEMBER_VIDEOS_PER_DAY="1000")
        town.changes.update(MATINEE_BUDGET_USD_PER_DAY="1000")
        yield town


def converting(bot: BotProcess) -> list[int]:
    """The children of the bot that look at a picture."""
    return [pid for pid in family(bot.pid)[1:] if b"pictures/conversion" in _command(pid)]


def _command(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


async def caught(bot: BotProcess, sign: int) -> int:
    """Wait for a child that looks at a picture, and send it this signal."""

    async def sent() -> int | None:
        for pid in converting(bot):
            os.kill(pid, sign)
            return pid
        return None

    return await towns.written(sent, 200)


async def waiting(town: Town, count: int) -> bool:
    """Whether so many pictures lie on the disk of the bot."""
    return len(list((town.folder / "incoming").iterdir())) >= count


async def said(town: Town, call: Call) -> str:
    """Wait for the card, or the private words, that answer a call."""
    return await town.discord.until(
        lambda: next((words(one) for one in (call.response(), *call.followups()) if words(one)), None),
        timeout=200,
    )


async def animating(town: Town, member: Member, message: dict[str, Any], prompt: str) -> Call:
    """Choose Animate this, and send the form that comes."""
    form = await town.discord.until((await member.menu(message, ANIMATE)).modal)
    return await member.submit(form, prompt=prompt)


# ------------------------------------------------------------ memory


async def test_a07_three_black_pictures_at_once_take_the_memory_of_one(crowded: Town) -> None:
    async with bot_process(crowded) as bot, watch_memory(bot.pid) as seen:
        idle = seen[-1]
        for number, member in enumerate(newcomers(crowded, 3)):
            await member.command(CHANNEL, "video", prompt=f"Night {number}", image=black())
        await crowded.discord.until(lambda: len(crowded.gateways.creates()) == 3, timeout=200)

        assert max(seen) - idle < 400
        assert len(list((crowded.folder / "incoming").iterdir())) == 0


async def test_a07_forty_presses_of_animate_this_are_bounded_and_all_are_answered(crowded: Town) -> None:
    member = crowded.discord.member("member")
    posted = await member.send(CHANNEL, "look", files=[black(3000)])
    async with bot_process(crowded) as bot, watch_memory(bot.pid) as seen:
        idle = seen[-1]
        calls = [await member.menu(posted, ANIMATE) for _ in range(40)]
        forms = [await crowded.discord.until(call.modal) for call in calls]
        sent = [await member.submit(form, prompt=f"Night {number}") for number, form in enumerate(forms)]
        answers = [await said(crowded, call) for call in sent]

        refused = [answer for answer in answers if "of your pictures wait" in answer]
        assert all("Nothing was ordered and nothing was charged" in answer for answer in refused)
        assert len(refused) >= len(answers) - 2 * MOST_OF_MEMBER
        assert len(await towns.jobs(crowded)) == len(answers) - len(refused)
        assert max(seen) - idle < 200


# ------------------------------------------------------------ what is refused


@pytest.mark.parametrize("way", ["video", "menu", "prompt channel", "mention"])
async def test_a07_a_heavy_picture_is_refused_with_the_true_reason_in_every_way_to_ask(
    crowded: Town, way: str
) -> None:
    member, heavy = crowded.discord.member("member"), webp()
    async with bot_process(crowded):
        match way:
            case "video":
                told = await private_answer(
                    crowded, await member.command(CHANNEL, "video", prompt="A boat", image=heavy)
                )
            case "menu":
                posted = await member.send(CHANNEL, "", files=[heavy])
                told = await private_answer(crowded, await animating(crowded, member, posted, "A boat"))
            case "prompt channel":
                await opened_ideas(crowded)
                told = await slip(crowded, await says(crowded, "A boat", files=[heavy]), "memory")
            case _:
                posted = await member.send(CHANNEL, f"<@{crowded.discord.bot_id}> A boat", files=[heavy])
                told = words((await crowded.discord.until(lambda: replies_to(crowded, posted["id"])))[0])

        assert "6000 by 4800 pixels" in told
        assert "490 MB of memory, and 400 MB is the most. Nothing was ordered and nothing was charged" in told
        assert "23 megapixels is the most" in told
        assert await towns.jobs(crowded) == []


BOMBS = {
    "pixels": ("huge.png", huge_png(60_000, 60_000), "60000 by 60000 pixels"),
    "notes": ("notes.png", talkative_png(b"zTXt"), "notes that unpack to more than 1 MB"),
    "gif": ("long.gif", long_gif(10_000), "animation of more than 1000 frames"),
    "webp": ("long.webp", long_webp(10_000), "animation of more than 1000 frames"),
}


async def test_a07_bombs_are_refused_without_a_child(crowded: Town) -> None:
    async with bot_process(crowded) as bot:
        for name, data, reason in BOMBS.values():
            call = await crowded.discord.member("member").command(
                CHANNEL, "video", prompt="A boat", image=Upload(name, data)
            )
            told = await private_answer(crowded, call)
            assert reason in told
            assert converting(bot) == []

        assert await towns.jobs(crowded) == []


async def test_a07_a_child_that_is_killed_costs_nothing_and_is_reported(crowded: Town) -> None:
    async with bot_process(crowded) as bot:
        member = crowded.discord.member("member")
        call = await member.command(CHANNEL, "video", prompt="A night", image=black())
        await caught(bot, signal.SIGKILL)
        told = await private_answer(crowded, call)
        again = await card_of(
            crowded, await member.command(CHANNEL, "video", prompt="A day", image=picture())
        )
        await again.plays()

        assert "stopped on my side" in told
        assert "Nothing was ordered and nothing was charged" in told
        assert crowded.creates("A night") == []
        assert converting(bot) == []


# ------------------------------------------------------------ turns


async def test_a07_a_member_without_a_picture_does_not_wait_for_those_with_one(crowded: Town) -> None:
    async with bot_process(crowded) as bot:
        await opened_ideas(crowded)
        patient = newcomers(crowded, 10)
        called = f"<@{crowded.discord.bot_id}>"
        await patient[0].command(CHANNEL, "video", prompt="A black night", image=black())
        standing = await caught(bot, signal.SIGSTOP)
        for number, member in enumerate(patient):
            await member.command(CHANNEL, "video", prompt=f"Night {number}", image=picture("a.gif"))
            await member.send("ideas", f"Night in a channel {number}", files=[picture("b.gif")])
            await member.send(CHANNEL, f"{called} Night by name {number}", files=[picture("c.gif")])
        second = crowded.discord.member("second")

        await second.command(CHANNEL, "video", prompt="By command")
        await second.send("ideas", "In a channel")
        await second.send(CHANNEL, f"{called} By name")
        await crowded.gateways.until(lambda: len(crowded.gateways.creates()) == 3, timeout=30)

        sent = {exchange.json["prompt"] for exchange in crowded.gateways.creates()}
        assert sent == {"By command", "In a channel", "By name"}
        assert converting(bot) == [standing]


async def test_a07_two_members_take_turns(crowded: Town) -> None:
    async with bot_process(crowded) as bot:
        first, second = newcomers(crowded, 2)
        await first.command(CHANNEL, "video", prompt="First 0", image=black())
        standing = await caught(bot, signal.SIGSTOP)
        for number in range(1, 5):
            await first.command(CHANNEL, "video", prompt=f"First {number}", image=picture("a.gif"))
        await second.command(CHANNEL, "video", prompt="Second", image=picture("a.gif"))
        await towns.written(lambda: waiting(crowded, 6))

        os.kill(standing, signal.SIGCONT)
        await crowded.discord.until(lambda: len(crowded.gateways.creates()) == 6, timeout=200)

        order = [exchange.json["prompt"] for exchange in crowded.gateways.creates()]
        assert order.index("Second") <= 2


async def test_a07_a_bot_that_stops_waits_for_no_picture_and_leaves_nothing(crowded: Town) -> None:
    async with bot_process(crowded) as bot:
        member = crowded.discord.member("member")
        for number in range(2):
            await member.command(CHANNEL, "video", prompt=f"Night {number}", image=black())
        standing = await caught(bot, signal.SIGSTOP)
        await towns.written(lambda: waiting(crowded, 2))
        bot.terminate()
        status = await bot.ended()

        assert status == 0
        assert not Path(f"/proc/{standing}").exists()
        assert list((crowded.folder / "incoming").iterdir()) == []
        assert crowded.gateways.creates() == []


async def test_what_an_earlier_run_left_of_pictures_is_removed(crowded: Town) -> None:
    incoming = crowded.folder / "incoming"
    async with bot_process(crowded) as bot:
        await crowded.discord.member("member").command(CHANNEL, "video", prompt="A boat", image=black())
        standing = await caught(bot, signal.SIGSTOP)
        await bot.kill()
        left = list(incoming.iterdir())
        os.kill(standing, signal.SIGKILL)
    async with bot_process(crowded):
        assert left
        assert list(incoming.iterdir()) == []
