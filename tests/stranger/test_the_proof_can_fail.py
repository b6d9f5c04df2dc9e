"""What believes too much is caught, and for the reason that it should be: so the proof is one."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from core.ports import Provider
from tests.stranger.believers import (
    AnyClipWillDo,
    DoubtIsRefusal,
    DoubtIsUnsent,
    OneAfterTheOther,
    TroubleIsTheEnd,
)
from tests.stranger.driver import Stage
from tests.stranger.made_up import gateway
from tests.stranger.made_up.documents import Surface
from tests.stranger.proving import finds


@pytest.mark.parametrize(
    ("believer", "promise"),
    [
        (DoubtIsRefusal, "told that nothing was charged"),
        (DoubtIsRefusal, "was counted and"),
        (DoubtIsUnsent, "bought"),
        (TroubleIsTheEnd, "its finished clip was not delivered"),
        (AnyClipWillDo, "somebody else's clip was delivered"),
        (OneAfterTheOther, "the honest gateway's own order took"),
    ],
)
def test_a_believer_is_caught(believer: Callable[[Provider], Provider], promise: str, tmp_path: Path) -> None:
    with closing(Stage(Surface.ANYINT, tmp_path, believer)) as stage:
        assert finds(stage, promise)


@pytest.mark.parametrize("surface", Surface)
def test_a_create_that_does_not_forbid_retries_is_caught(
    surface: Surface, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gateway, "NO_RETRIES", "x-not-the-header-that-is-sent")

    with closing(Stage(surface, tmp_path)) as stage:
        assert finds(stage, "bought")
