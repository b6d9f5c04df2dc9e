"""The layer on the disk: the database, the files, and pictures on their way there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from bot.compose.restored_copy import RestoredCopyGuard
from bot.settings.settings import Settings
from core.dispatch.picture_queue import PictureQueue
from core.ports import Clock
from providers import Network
from providers.pictures.intake import ChildPictures
from storage.ffmpeg import subprocess as child
from storage.files.clips import FolderClips
from storage.files.durable import make_folder
from storage.files.pictures import FolderPictures
from storage.files.reply_log import FileReplyLog
from storage.maintenance.progress_mark import ProgressMark
from storage.sqlite.database import Database
from storage.sqlite.jobs import SqliteJobStore
from storage.sqlite.notes import SqliteKeyValues

VIDEOS: Final = "videos"
PICTURES: Final = "pictures"
INCOMING: Final = "incoming"
REPLIES: Final = "replies.log"


@dataclass(frozen=True, slots=True)
class Disk:
    """What outlives the program, and pictures on their way there."""

    database: Database
    store: SqliteJobStore
    notes: SqliteKeyValues
    clips: FolderClips
    pictures: FolderPictures
    replies: FileReplyLog
    incoming: ChildPictures
    restored_copy: RestoredCopyGuard


def open_disk(settings: Settings, database: Database, network: Network, clock: Clock) -> Disk:
    """Put everything in the data folder around the database."""
    folder = settings.matinee_data_dir
    make_folder(folder / INCOMING)
    replies = FileReplyLog(folder / REPLIES)
    return Disk(
        database=database,
        store=SqliteJobStore(database),
        notes=SqliteKeyValues(database),
        clips=FolderClips(folder / VIDEOS),
        pictures=FolderPictures(folder / PICTURES),
        replies=replies,
        incoming=ChildPictures(
            network=network, run=child.run, queue=PictureQueue(clock), folder=folder / INCOMING
        ),
        restored_copy=RestoredCopyGuard(database, replies, ProgressMark(database, folder), clock),
    )
