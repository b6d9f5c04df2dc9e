"""How a benchmark reports what it found: tables for people, JSON for programs, an exit status for both."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from types import ModuleType
from typing import Any


@dataclass(frozen=True, slots=True)
class Target:
    """A figure that must not get worse than its bound."""

    name: str
    value: float
    bound: float
    is_least: bool

    @property
    def is_met(self) -> bool:
        return self.value >= self.bound if self.is_least else self.value <= self.bound

    def as_json(self) -> dict[str, Any]:
        return {**asdict(self), "is_met": self.is_met}

    def as_sentence(self) -> str:
        bound = f"{'at least' if self.is_least else 'at most'} {self.bound:g}"
        return f"{'met   ' if self.is_met else 'MISSED'}  {self.name}: {self.value:.2f} ({bound})"


@dataclass(frozen=True, slots=True)
class Report:
    """What one benchmark found. A row has a value for each heading."""

    title: str
    headings: Sequence[str]
    rows: Sequence[Sequence[str | float]]
    targets: Sequence[Target]

    def as_json(self) -> dict[str, Any]:
        return {
            "title": self.title,
            "rows": [dict(zip(self.headings, row, strict=True)) for row in self.rows],
            "targets": [target.as_json() for target in self.targets],
        }

    def as_text(self) -> str:
        lines = [self.headings, *([_cell(value) for value in row] for row in self.rows)]
        widths = [max(len(line[column]) for line in lines) for column in range(len(self.headings))]
        table = ["  ".join(_align(line, widths)) for line in lines]
        return "\n".join(["", self.title, "", *table, "", *(target.as_sentence() for target in self.targets)])


def run(benchmarks: Sequence[ModuleType]) -> int:
    """Run each module's `measure`, print what it found; return 1 if a target is missed."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write the figures to this file")
    file: Path | None = parser.parse_args().json
    found: dict[str, Report] = {}
    for benchmark in benchmarks:
        report = found[benchmark.__name__.rpartition(".")[2]] = benchmark.measure()
        print(report.as_text(), flush=True)
    if file is not None:
        figures = {name: report.as_json() for name, report in found.items()}
        file.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")
    return int(not all(target.is_met for report in found.values() for target in report.targets))


def _cell(value: str | float) -> str:
    return value if isinstance(value, str) else f"{value:.2f}"


def _align(line: Sequence[str], widths: Sequence[int]) -> list[str]:
    first, *others = (cell for cell in line)
    return [
        first.ljust(widths[0]),
        *(cell.rjust(width) for cell, width in zip(others, widths[1:], strict=True)),
    ]
