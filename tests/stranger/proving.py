"""Has Hypothesis make worlds and checks every promise in each of them."""

from __future__ import annotations

import os
from collections.abc import Generator
from contextlib import contextmanager
from typing import Final

import pytest
from hypothesis import HealthCheck, Phase, find, given, seed, settings
from hypothesis.errors import NoSuchExample
from hypothesis.internal.conjecture.engine import ConjectureRunner

from tests.stranger.driver import Stage
from tests.stranger.made_up.grammar import World, worlds
from tests.stranger.verdict import broken

WORLDS: Final = int(os.environ.get("STRANGER_WORLDS", "200"))
"""How many are played with the other tests. `.ci/run` asks for 1,000."""

_LENIENT: Final = (HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example)
_SOON: Final = 300
"""Worlds within which what believes too much has to be caught."""


def prove(stage: Stage, most: int, *, number: int | None = None) -> None:
    """Play so many worlds: always the same ones, or those that `number` leads to.

    Raise AssertionError with the broken promises, and the smallest world found that breaks them as a script.
    """

    @settings(
        max_examples=most,
        deadline=None,
        derandomize=number is None,
        database=None,
        suppress_health_check=_LENIENT,
        phases=(Phase.generate, Phase.shrink),
        report_multiple_bugs=False,
    )
    @given(worlds(stage.surface))
    def every_promise_is_kept(world: World) -> None:
        found = broken(stage.play(world), stage.alone)
        assert not found, "\n".join([*found, repr(world)])

    if number is not None:
        every_promise_is_kept = seed(number)(every_promise_is_kept)
    with _no_mutations():
        every_promise_is_kept()


def finds(stage: Stage, promise: str) -> bool:
    """Whether one of the first worlds breaks a promise in these words."""

    def is_broken(world: World) -> bool:
        return any(promise in what for what in broken(stage.play(world), stage.alone))

    soon = settings(
        max_examples=_SOON,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=_LENIENT,
        phases=(Phase.generate,),
    )
    try:
        with _no_mutations():
            find(worlds(stage.surface), is_broken, settings=soon)
    except NoSuchExample:
        return False
    return True


@contextmanager
def _no_mutations() -> Generator[None]:
    """Have no world followed by five in which two parts of it are made the same: that many fewer worlds."""
    with pytest.MonkeyPatch.context() as patches:
        patches.setattr(ConjectureRunner, "generate_mutations_from", _nothing_more, raising=False)
        yield


def _nothing_more(*_: object) -> None:
    return
