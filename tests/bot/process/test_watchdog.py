"""Real programs that stand still, with limits of less than a second."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

from bot.process.watchdog import DEAD

PROJECT = Path(__file__).parents[3]


@asynccontextmanager
async def standing_still(
    what: str, *, dead: float = 30, last_resort: float = 60, stderr: int = asyncio.subprocess.PIPE
) -> AsyncGenerator[asyncio.subprocess.Process]:
    """Start a program that is about to be blocked; it is gone when this is left."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.bot.process.standing_still", what, str(dead), str(last_resort)),
        cwd=PROJECT,
        env=os.environ | {"PYTHONPATH": str(PROJECT)},
        stdout=asyncio.subprocess.PIPE,
        stderr=stderr,
    )
    try:
        assert process.stdout is not None
        assert await process.stdout.readline() == b"about to\n"
        yield process
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def test_a_loop_that_stands_still_is_logged_with_its_stack_and_goes_on() -> None:
    async with standing_still("blocked_for_a_moment") as program:
        out, err = await program.communicate()

    said = err.decode()
    assert (program.returncode, out) == (0, b"the end\n")
    assert "in blocked_for_a_moment" in said
    assert said.count("the event loop stands still") == 1
    assert said.count("the event loop goes on") == 1


async def test_a_loop_that_does_not_come_back_ends_the_program() -> None:
    async with standing_still("blocked_for_ever", dead=0.6) as program:
        out, err = await program.communicate()

    assert (program.returncode, out) == (DEAD, b"")
    assert "in blocked_for_ever" in err.decode()
    assert "the event loop does not come back" in err.decode()


async def test_a_program_whose_own_words_block_it_ends_all_the_same() -> None:
    unread, stderr = os.pipe()
    async with standing_still("blocked_by_its_own_words", dead=0.6, stderr=stderr) as program:
        code = await program.wait()
    os.close(stderr)
    os.close(unread)

    assert code == DEAD


async def test_a_program_in_which_no_thread_can_run_ends_all_the_same() -> None:
    async with standing_still("blocked_where_no_thread_can_run", dead=0.6, last_resort=1) as program:
        out, err = await program.communicate()

    assert (program.returncode, out) == (1, b"")
    assert "in blocked_where_no_thread_can_run" in err.decode()


async def test_a_program_that_was_paused_as_a_whole_has_not_stood_still() -> None:
    async with standing_still("not_blocked", dead=0.6) as program:
        program.send_signal(signal.SIGSTOP)
        await asyncio.sleep(1.2)
        program.send_signal(signal.SIGCONT)
        out, err = await program.communicate()

    assert (program.returncode, out, err) == (0, b"the end\n", b"")
