"""The cost of an idle bot: memory without a server and with 1,000, and the CPU of `--help`.

The real bot, as a process of its own, on the real discord.py. The straightforward way is a bot of one command
that imports discord.py and httpx and keeps what discord.py keeps.
"""

from __future__ import annotations

import resource
import subprocess
import sys
import time
from tempfile import TemporaryDirectory
from typing import Final

from bench.acks import STRAIGHTFORWARD
from bench.machine import resident_megabytes
from bench.report import Report, Target, run
from bench.stands import processes

SERVERS: Final = 1000
_TRIES: Final = 7
_SETTLE_SECONDS: Final = 3.0
"""discord.py calls itself ready two seconds after the event of the last server."""


def measure() -> Report:
    alone, crowded = (_resident(["bot", "run"], servers) for servers in (0, SERVERS))
    theirs, theirs_crowded = (_resident(["bench.acks", STRAIGHTFORWARD], servers) for servers in (0, SERVERS))
    asking, empty = _cpu_seconds(processes.command("bot", "--help")), _cpu_seconds([sys.executable, "-c", ""])
    rows: list[list[str | float]] = [
        ["the bot", alone, crowded],
        ["one command on discord.py and httpx", theirs, theirs_crowded],
    ]
    title = f"Idle; `matinee --help` takes {asking:.2f} s of CPU, an empty Python {empty:.2f} s"
    return Report(
        title,
        ["", "MB", f"MB, {SERVERS:,} servers"],
        rows,
        [
            Target("memory without a server, MB", alone, 62, is_least=False),
            Target(f"memory with {SERVERS:,} servers, MB", crowded, 75, is_least=False),
            Target("CPU of matinee --help, seconds", asking, 0.25, is_least=False),
        ],
    )


def _resident(module: list[str], servers: int) -> float:
    """Return the megabytes of a bot that knows all its servers and has nothing to do."""
    town = processes.start("bench.stands.discord_stub", "0", str(servers))
    with TemporaryDirectory() as folder, town:
        output = iter(town.stdout or ())
        rest, gateway = next(output).split()
        with processes.start(*module, settings=processes.settings(rest, gateway, folder)) as bot:
            next(output)  # all servers have been sent
            time.sleep(_SETTLE_SECONDS)
            megabytes = resident_megabytes(bot.pid)
            bot.kill()
        town.kill()
    return megabytes


def _cpu_seconds(command: list[str]) -> float:
    """Return the least processor time that a process took, the system's part included."""
    return min(_once(command) for _ in range(_TRIES))


def _once(command: list[str]) -> float:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, stdout=subprocess.DEVNULL, check=True)  # noqa: S603 - modules of ours
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


if __name__ == "__main__":
    sys.exit(run([sys.modules[__name__]]))
