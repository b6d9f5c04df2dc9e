from __future__ import annotations

from pathlib import Path

import pytest

from tests.identity.town import Play


@pytest.fixture
def play(tmp_path: Path) -> Play:
    return Play(tmp_path)
