from __future__ import annotations

import gc
import os
import signal

import pytest
from hypothesis import settings

# A busy machine is no failure: how long things may take is said by the tests that are about it.
settings.register_profile("matinee", deadline=None)
settings.load_profile("matinee")

# Shells have what they start in the background ignore Ctrl-C, and children inherit that.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The proofs go first: begun last, one of them would run on alone when everything else is done."""
    items.sort(key=lambda item: item.path.parent.name not in {"proof", "stranger"})


def pytest_collection_finish() -> None:
    """What stands now stands to the end: no later collection of garbage need look at it again."""
    gc.collect()
    gc.freeze()


@pytest.fixture
def on_disk(monkeypatch: pytest.MonkeyPatch) -> dict[int, int]:
    """How long each file and folder was, by its inode, when it was last put on the disk."""
    lengths: dict[int, int] = {}
    sync = os.fsync

    def noted(file: int) -> None:
        sync(file)
        facts = os.fstat(file)
        lengths[facts.st_ino] = facts.st_size

    monkeypatch.setattr(os, "fsync", noted)
    return lengths
