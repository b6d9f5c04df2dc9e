from __future__ import annotations

import json
import sys
from pathlib import Path
from random import Random
from types import ModuleType

import pytest

from bench.report import Report, Target, run
from bench.stands.poll_simulation import Fixed, Learned, lognormal, watched


def found(value: float) -> ModuleType:
    """A benchmark that finds this figure, of which at least 2 is wanted."""
    target = Target("gain", value, 2.0, is_least=True)
    module = ModuleType("bench.boats")
    module.__dict__["measure"] = lambda: Report("Boats", ["name", "gain"], [["ours", value]], [target])
    return module


def test_a_target_is_met_up_to_its_bound() -> None:
    assert Target("gain", 2.0, 2.0, is_least=True).is_met
    assert not Target("gain", 1.9, 2.0, is_least=True).is_met
    assert Target("delay", 2.0, 2.0, is_least=False).is_met
    assert not Target("delay", 2.1, 2.0, is_least=False).is_met


def test_figures_are_printed_and_written(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setattr(sys, "argv", ["bench", "--json", str(tmp_path / "figures.json")])

    status = run([found(2.5)])

    assert status == 0
    assert "met     gain: 2.50 (at least 2)" in capsys.readouterr().out
    figures = json.loads((tmp_path / "figures.json").read_text())["boats"]
    assert figures["rows"] == [{"name": "ours", "gain": 2.5}]
    assert figures["targets"][0]["is_met"] is True


def test_a_missed_target_sets_the_exit_status(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["bench"])

    status = run([found(2.5), found(1.5)])

    assert status == 1
    assert "MISSED  gain: 1.50" in capsys.readouterr().out


def test_a_fixed_interval_gains_nothing() -> None:
    tally = watched(lognormal(0.3), lambda _: Fixed(5.0), runs=2)

    assert tally.gain == pytest.approx(1, abs=0.05)
    assert tally.delay == pytest.approx(2.5, abs=0.2)


def test_the_same_seeds_give_the_same_figures() -> None:
    first, again = (watched(lognormal(0.3), Learned, counted=range(5, 30), runs=2) for _ in range(2))

    assert first == again


def test_learned_times_gain_even_over_few_jobs() -> None:
    tally = watched(lognormal(0.15), Learned, counted=range(20, 80), runs=2)

    assert tally.gain > 2


def test_a_median_that_changes_does_so_after_half_of_the_jobs() -> None:
    times = list(lognormal(0.05, later=360.0)(Random(1)))

    assert sum(times[:300]) / 300 == pytest.approx(180, rel=0.05)
    assert sum(times[300:]) / 300 == pytest.approx(360, rel=0.05)
