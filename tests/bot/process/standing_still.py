"""A program whose event loop stands still in a way that its argument names, watched by a watchdog."""

from __future__ import annotations

import asyncio
import re
import sys
import time

from bot.process.clock import SystemClock
from bot.process.log import configure
from bot.process.watchdog import Watchdog

FOR_EVER = 60.0


def say(words: str) -> None:
    sys.stdout.write(f"{words}\n")
    sys.stdout.flush()


def blocked_for_a_moment() -> None:
    time.sleep(0.8)


def blocked_for_ever() -> None:
    time.sleep(FOR_EVER)


def blocked_by_its_own_words() -> None:
    """Write to standard error without a reader."""
    while True:
        sys.stderr.write("nobody reads this" * 1000)
        sys.stderr.flush()


def blocked_where_no_thread_can_run() -> None:
    """Match for ages; the interpreter's lock is never given back meanwhile."""
    re.match(r"(a+)+$", "a" * 60 + "b")


def not_blocked() -> None:
    pass


WAYS = {
    way.__name__: way
    for way in (
        blocked_for_a_moment,
        blocked_for_ever,
        blocked_by_its_own_words,
        blocked_where_no_thread_can_run,
        not_blocked,
    )
}


async def main(what: str, dead_seconds: float, last_resort_seconds: float) -> None:
    watchdog = Watchdog(
        SystemClock(),
        stalled_seconds=0.2,
        dead_seconds=dead_seconds,
        last_resort_seconds=last_resort_seconds,
    )
    async with asyncio.TaskGroup() as group:
        watching = group.create_task(watchdog.run())
        await asyncio.sleep(0.3)
        say("about to")
        WAYS[what]()
        await asyncio.sleep(0.5)
        watching.cancel()
    say("the end")


if __name__ == "__main__":
    configure(style="json", level="info", secrets=())
    asyncio.run(main(sys.argv[1], float(sys.argv[2]), float(sys.argv[3])))
