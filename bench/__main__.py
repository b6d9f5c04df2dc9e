"""Run every benchmark: `python -m bench [--json FILE]`."""

from __future__ import annotations

import sys

from bench import acks, hanging, idle, links, pending, pictures, polling, polls, relay, transitions
from bench.report import run

BENCHMARKS = (idle, polling, polls, pending, acks, transitions, relay, links, hanging, pictures)

if __name__ == "__main__":
    sys.exit(run(BENCHMARKS))
