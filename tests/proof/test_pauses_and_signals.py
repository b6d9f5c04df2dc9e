"""The real process is paused, signalled and started twice while a paid request is under way."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Iterator

import pytest
from aiohttp import web

from bot.cli.exit_codes import Exit
from core.model.job import JobState
from sandbox.gateways.calls import Call
from sandbox.gateways.faults import Fault, after_create, usual
from tests.e2e.harness import town as towns
from tests.e2e.harness.bots import bot_process, started
from tests.e2e.harness.scenes import ids, order, playing
from tests.e2e.harness.town import Town

PAUSED = "A boat in a dry dock"
HARMLESS = [
    number
    for number in sorted(signal.valid_signals())
    if number
    in {signal.SIGUSR1, signal.SIGUSR2, signal.SIGQUIT, signal.SIGALRM, signal.SIGPIPE, signal.SIGIO}
    or number in {signal.SIGVTALRM, signal.SIGPROF, signal.SIGXCPU, signal.SIGXFSZ, signal.SIGPWR}
    or number in {signal.SIGCHLD, signal.SIGURG, signal.SIGWINCH, signal.SIGSTKFLT}
    or number in {signal.SIGTRAP, signal.SIGSYS}
    or signal.SIGRTMIN <= number <= signal.SIGRTMAX
]


def answered_after(event: asyncio.Event) -> Fault:
    """The task is made, and the answer comes after the event."""

    async def answer(call: Call) -> web.StreamResponse:
        await event.wait()
        return await usual()(call)

    return after_create(answer)


async def test_a08_the_answer_to_a_create_that_came_during_a_pause_is_read(town: Town) -> None:
    event = asyncio.Event()
    town.goes_wrong(answered_after(event), PAUSED)
    async with bot_process(town, MATINEE_CREATE_READ_TIMEOUT_SECONDS="2") as bot:
        card = await order(town, PAUSED)
        await town.gateways.until(lambda: town.tasks(PAUSED))
        bot.process.send_signal(signal.SIGSTOP)
        event.set()
        await asyncio.sleep(5)
        bot.process.send_signal(signal.SIGCONT)
        await card.plays()

        assert bot.process.returncode is None
    assert len(town.creates(PAUSED)) == 1
    assert ids(playing(town, card.job_id)) == [card.message_id]


async def test_a13_no_other_signal_ends_it_with_a_create_in_flight(town: Town) -> None:
    event = asyncio.Event()
    town.goes_wrong(answered_after(event), PAUSED)
    async with bot_process(town) as bot:
        card = await order(town, PAUSED)
        await town.gateways.until(lambda: town.tasks(PAUSED))
        for number in HARMLESS:
            bot.process.send_signal(number)
            await asyncio.sleep(0.01)
            assert bot.process.returncode is None, number
        event.set()
        await card.plays()

        assert bot.process.returncode is None
    assert len(town.creates(PAUSED)) == 1


@pytest.fixture
def hearing_hang_ups() -> Iterator[None]:
    """Start bots that hear SIGHUP, also where these tests run under `nohup`: what is ignored is inherited."""
    before = signal.signal(signal.SIGHUP, signal.SIG_DFL)
    yield
    signal.signal(signal.SIGHUP, before)


@pytest.mark.usefixtures("hearing_hang_ups")
async def test_a13_hanging_up_drains_and_a_second_one_does_not_end_it_at_once(town: Town) -> None:
    event = asyncio.Event()
    town.goes_wrong(answered_after(event), PAUSED)
    async with bot_process(town) as bot:
        card = await order(town, PAUSED)
        await town.gateways.until(lambda: town.tasks(PAUSED))
        bot.process.send_signal(signal.SIGHUP)
        await bot.says("stopping")
        bot.process.send_signal(signal.SIGHUP)
        bot.process.send_signal(signal.SIGTERM)
        await asyncio.sleep(0.2)
        event.set()

        code = await bot.ended()

    assert code == Exit.DONE
    assert (await towns.job(town, card.job_id)).state is JobState.RUNNING
    assert len(town.creates(PAUSED)) == 1


@pytest.mark.parametrize("link", ["symlink", "hard link"])
async def test_a14_a_second_bot_on_a_link_to_the_database_is_refused(town: Town, link: str) -> None:
    async with bot_process(town):
        other = town.folder.parent / "other"
        other.mkdir()
        if link == "symlink":
            (other / "mine.db").symlink_to(town.folder / "matinee.db")
        else:
            (other / "mine.db").hardlink_to(town.folder / "matinee.db")
        second = await started(
            town,
            MATINEE_DATA_DIR=str(other),
            MATINEE_DATABASE_URL=f"sqlite:///{other / 'mine.db'}",
        )

        code = await second.ended()

    assert code == Exit.SETTINGS
    assert "Another Matinee is using" in second.said()
