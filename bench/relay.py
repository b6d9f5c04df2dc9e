"""What it costs to bring 50 clips of 25 MB from a gateway to Discord, and how soon one is visible.

The bot's own engine, provider layer, store and courier, with real discord.py, in a process of its own. The
straightforward way takes whole clips into memory, all at once; a few of them are enough to see its
cost.
"""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Final

from bench.report import Report, Target, run
from bench.stands import processes
from bench.stands.clip_server import open_office

CLIPS: Final = 50
WHOLE_CLIPS: Final = 12
ONE_BY_ONE: Final = 4
LINE: Final = 25e6
"""Bytes a second each way, where it is measured how soon a clip is visible."""

_WORK_SECONDS: Final = 0.4


def measure() -> Report:
    with open_office() as url:
        ours = _relaying("engine", CLIPS, url)
        whole = _relaying("whole", WHOLE_CLIPS, url)
    with open_office(rate=LINE, work=_WORK_SECONDS) as url:
        seen = _relaying("latency", ONE_BY_ONE, url)
    rows = [
        _row(f"streamed through the disk, {CLIPS} clips", ours),
        _row(f"in memory, {WHOLE_CLIPS} clips", whole),
    ]
    slower = seen["visible"] / seen["bare"]
    title = (
        f"Relay of 25 MB clips; over a line of {LINE / 1e6:.0f} MB/s one is visible {seen['visible']:.2f} s "
        f"after its end, where bare transfer and one wait between questions take {seen['bare']:.2f} s"
    )
    return Report(
        title,
        ["way", "peak MB", "stall ms", "CPU ms a clip", "MB/s"],
        rows,
        [
            Target(f"peak memory of {CLIPS} clips, MB", ours["peak_mb"], 80, is_least=False),
            Target("longest stall, ms", ours["stall_ms"], 50, is_least=False),
            Target("visible after the end, times the bare transfer", slower, 1.3, is_least=False),
        ],
    )


def _relaying(way: str, count: int, url: str) -> dict[str, float]:
    command = processes.command("bench.relaying", way, str(count), url)
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)  # noqa: S603 - our own module
    figures: dict[str, float] = json.loads(done.stdout)
    return figures


def _row(name: str, figures: dict[str, float]) -> list[str | float]:
    return [name, figures["peak_mb"], figures["stall_ms"], figures["cpu_ms"], figures["rate"]]


if __name__ == "__main__":
    sys.exit(run([sys.modules[__name__]]))
