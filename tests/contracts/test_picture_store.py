from __future__ import annotations

import os
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from core.model.errors import StoreFull
from core.ports import PictureFile
from core.requests.stored_pictures import PictureShelf, file_of, name_of
from storage.files.pictures import FolderPictures

BOAT = PictureFile(b"a boat, in a way", ".png", is_changed=False)
NEVER_KEPT = name_of("ab" * 32, ".jpg")


@pytest.fixture
def shelf(tmp_path: Path) -> PictureShelf:
    return FolderPictures(tmp_path / "data" / "pictures")


async def test_a_picture_comes_back_as_it_was(shelf: PictureShelf) -> None:
    name = await shelf.keep(BOAT)

    assert await shelf.read(name) == BOAT.data


async def test_the_same_picture_has_the_same_name(shelf: PictureShelf) -> None:
    other = PictureFile(b"a ship", ".jpg", is_changed=True)

    assert await shelf.keep(BOAT) == await shelf.keep(BOAT)
    assert await shelf.keep(other) != await shelf.keep(BOAT)


async def test_what_was_never_kept_is_not_there(shelf: PictureShelf) -> None:
    assert await shelf.read(NEVER_KEPT) is None
    assert not await shelf.use(NEVER_KEPT)


@pytest.mark.parametrize("forged", ["picture:../matinee.db", "https://a.example/boat.png", ""])
async def test_other_names_lead_nowhere(shelf: PictureShelf, forged: str) -> None:
    with pytest.raises(ValueError, match="no name of a picture"):
        await shelf.read(forged)


# ------------------------------------------------------------ the folder


async def test_the_folder_and_its_files_are_their_owners_alone(tmp_path: Path) -> None:
    shelf = FolderPictures(tmp_path / "pictures")
    path = shelf.folder / str(file_of(await shelf.keep(BOAT)))

    modes = [stat.S_IMODE(found.stat().st_mode) for found in (shelf.folder, path)]

    assert modes == [0o700, 0o600]
    assert list(shelf.folder.iterdir()) == [path]


async def test_what_is_used_is_kept_on_and_what_is_not_goes(tmp_path: Path) -> None:
    shelf = FolderPictures(tmp_path / "pictures")
    old = await shelf.keep(BOAT)
    used = await shelf.keep(PictureFile(b"a ship", ".jpg", is_changed=False))
    for path in shelf.folder.iterdir():
        os.utime(path, (0, 0))
    await shelf.use(used)

    gone = await shelf.sweep(datetime.now(UTC) - timedelta(days=30))

    assert gone == 1
    assert [await shelf.use(name) for name in (old, used)] == [False, True]


async def test_a_picture_that_cannot_be_written_is_said_to_be_so(tmp_path: Path) -> None:
    shelf = FolderPictures(tmp_path / "pictures")
    shelf.folder.rmdir()

    with pytest.raises(StoreFull):
        await shelf.keep(BOAT)
