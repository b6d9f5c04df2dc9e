"""When Python looks for garbage."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest

from bot.process.gc_tuning import freeze_garbage


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    threshold = gc.get_threshold()
    yield
    gc.unfreeze()
    gc.set_threshold(*threshold)


def test_nothing_is_looked_through_while_much_is_taken_up() -> None:
    with freeze_garbage():
        is_looking = gc.isenabled()

    assert not is_looking
    assert gc.isenabled()


def test_what_was_taken_up_is_never_looked_through_again() -> None:
    with freeze_garbage():
        taken_up = [[number] for number in range(1000)]

    assert gc.get_freeze_count() >= len(taken_up)


def test_it_looks_again_also_after_a_failure() -> None:
    with pytest.raises(OSError, match="gone"), freeze_garbage():
        raise OSError("gone")

    assert gc.isenabled()
