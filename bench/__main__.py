"""Run every benchmark: `python -m bench [--json FILE]`."""

from __future__ import annotations

import sys

from bench import acks, links, pending, polling, polls, transitions
from bench.report import run

BENCHMARKS = (polling, polls, pending, acks, transitions, links)

if __name__ == "__main__":
    sys.exit(run(BENCHMARKS))
