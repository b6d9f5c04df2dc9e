from __future__ import annotations

import os
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from core.model.errors import StoreFull
from core.ports import PictureFile
from core.requests.stored_pictures import PictureStore, file_of, name_of
from storage.files.pictures import FolderPictures

BOAT = PictureFile(b"a boat, in a way", ".png", is_changed=False)
NEVER_KEPT = name_of("ab" * 32, ".jpg")


@pytest.fixture
def picture_store(tmp_path: Path) -> PictureStore:
    return FolderPictures(tmp_path / "data" / "pictures")


async def test_a_picture_comes_back_as_it_was(picture_store: PictureStore) -> None:
    name = await picture_store.keep(BOAT)

    assert await picture_store.read(name) == BOAT.data


async def test_the_same_picture_has_the_same_name(picture_store: PictureStore) -> None:
    other = PictureFile(b"a ship", ".jpg", is_changed=True)

    assert await picture_store.keep(BOAT) == await picture_store.keep(BOAT)
    assert await picture_store.keep(other) != await picture_store.keep(BOAT)


async def test_what_was_never_kept_is_not_there(picture_store: PictureStore) -> None:
    assert await picture_store.read(NEVER_KEPT) is None
    assert not await picture_store.use(NEVER_KEPT)


@pytest.mark.parametrize("forged", ["picture:../matinee.db", "https://a.example/boat.png", ""])
async def test_other_names_lead_nowhere(picture_store: PictureStore, forged: str) -> None:
    with pytest.raises(ValueError, match="no name of a picture"):
        await picture_store.read(forged)


# ------------------------------------------------------------ the folder


async def test_the_folder_and_its_files_are_their_owners_alone(tmp_path: Path) -> None:
    picture_store = FolderPictures(tmp_path / "pictures")
    path = picture_store.folder / str(file_of(await picture_store.keep(BOAT)))

    modes = [stat.S_IMODE(found.stat().st_mode) for found in (picture_store.folder, path)]

    assert modes == [0o700, 0o600]
    assert list(picture_store.folder.iterdir()) == [path]


async def test_what_is_used_is_kept_on_and_what_is_not_goes(tmp_path: Path) -> None:
    picture_store = FolderPictures(tmp_path / "pictures")
    old = await picture_store.keep(BOAT)
    used = await picture_store.keep(PictureFile(b"a ship", ".jpg", is_changed=False))
    for path in picture_store.folder.iterdir():
        os.utime(path, (0, 0))
    await picture_store.use(used)

    gone = await picture_store.sweep(datetime.now(UTC) - timedelta(days=30))

    assert gone == 1
    assert [await picture_store.use(name) for name in (old, used)] == [False, True]


async def test_a_picture_that_cannot_be_written_is_said_to_be_so(tmp_path: Path) -> None:
    picture_store = FolderPictures(tmp_path / "pictures")
    picture_store.folder.rmdir()

    with pytest.raises(StoreFull):
        await picture_store.keep(BOAT)
