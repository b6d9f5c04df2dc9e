from __future__ import annotations

import secrets
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from core.model.errors import StoreUnusable
from storage.files.link_keys import AGE, open_keys

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "link-keys.json"


def test_the_first_key_is_made_at_first_use_and_stays(file: Path) -> None:
    first = open_keys(file, NOW, secrets.token_bytes)
    later = open_keys(file, NOW + AGE, secrets.token_bytes)

    assert len(first) == 1
    assert later == first


def test_only_its_owner_can_read_the_file(file: Path) -> None:
    open_keys(file, NOW, secrets.token_bytes)

    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [path.name for path in file.parent.iterdir()] == ["link-keys.json"]


def test_a_key_gets_a_successor_after_a_while_and_goes_when_its_last_link_has_expired(file: Path) -> None:
    (first,) = open_keys(file, NOW, secrets.token_bytes)
    changed = NOW + AGE + timedelta(seconds=1)

    both = open_keys(file, changed, secrets.token_bytes)
    a_week_later = open_keys(file, changed + timedelta(days=7), secrets.token_bytes)

    assert both[0] == first
    assert len({key.id for key in both}) == 2
    assert a_week_later == both[1:]


@pytest.mark.parametrize(
    "content",
    [
        "",
        "{}",
        "[]",
        '{"keys": [{"id": "00000000", "secret": "00", "made_at": "2026-03-01T12:00:00+00:00"}]}',
        '{"keys": [{"id": "zz", "secret": "00", "made_at": "2026-03-01T12:00:00+00:00"}]}',
        '{"keys": [7]}',
    ],
)
def test_a_damaged_file_is_not_replaced_in_silence(file: Path, content: str) -> None:
    file.write_text(content)

    with pytest.raises(StoreUnusable, match=r"is damaged\. Put a copy"):
        open_keys(file, NOW, secrets.token_bytes)
    assert file.read_text() == content


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    with pytest.raises(StoreUnusable, match="MATINEE_DATA_DIR"):
        open_keys(tmp_path / "missing" / "link-keys.json", NOW, secrets.token_bytes)
