"""The layer of privacy: exports and erases what is stored about people, for the bot and without one."""

from __future__ import annotations

from collections.abc import Sequence
from secrets import randbits
from typing import Final

from bot.compose import limits as bounds
from bot.compose.disk import PICTURES, REPLIES, VIDEOS
from bot.compose.links import sharing
from bot.process.control_socket import Action
from bot.settings.settings import Settings
from core.delivery.message_notes import SentCopies
from core.delivery.plan import UploadLimits
from core.model.limits import Limit
from core.ports import Clock, JobStore, Links, ReplyArchive
from core.privacy.erasure import ErasureService, Progress
from core.privacy.export import Export
from core.privacy.job_files import JobFiles
from core.requests.preferences import PreferenceStore
from storage.files.clips import FolderClips
from storage.files.pictures import FolderPictures
from storage.files.reply_log import FileReplyLog
from storage.sqlite.database import Database
from storage.sqlite.erasures import SqliteErasures
from storage.sqlite.notes import SqliteKeyValues
from storage.sqlite.personal_data import SqlitePersonalData

ERASE: Final = "erase"


def erasure_service(
    *,
    database: Database,
    clips: FolderClips,
    pictures: FolderPictures,
    replies: ReplyArchive,
    links: Links,
    clock: Clock,
    preferences: PreferenceStore,
    limits: Sequence[Limit],
) -> ErasureService:
    return ErasureService(
        personal=SqlitePersonalData(database),
        erasures=SqliteErasures(database),
        job_files=JobFiles(clips, links, pictures, replies),
        notes=SqliteKeyValues(database),
        preferences=preferences,
        limits=limits,
        clock=clock,
        chance=_pseudonym,
    )


async def eraser_alone(settings: Settings, clock: Clock, database: Database) -> ErasureService:
    """Build it where no bot runs. Raise SettingsUnusable or StoreUnusable."""
    folder = settings.matinee_data_dir
    clips, pictures = FolderClips(folder / VIDEOS), FolderPictures(folder / PICTURES)
    shared = await sharing(settings, clock, database, clips, pictures)
    return erasure_service(
        database=database,
        clips=clips,
        pictures=pictures,
        replies=FileReplyLog(folder / REPLIES),
        links=shared.links,
        clock=clock,
        preferences=PreferenceStore(SqliteKeyValues(database)),
        limits=bounds.limits(settings),
    )


def erasing(erasure_service: ErasureService) -> Action:
    """Return the action by which an operator erases a member."""

    async def erase(member_id: int) -> str:
        return _describe(member_id, await erasure_service.ask(member_id))

    return erase


def _describe(member_id: int, progress: Progress | None) -> str:
    if progress is None:
        return f"The wish of {member_id} is noted. Something is in the way; it is done as soon as it can be."
    parts = [f"Erased: {progress.erased} job{'s' * (progress.erased != 1)} of {member_id} and what they had."]
    if progress.waiting:
        parts.append(f"Under way: {progress.waiting}; the bot erases them when they have ended.")
    if progress.counts_until is not None:
        parts.append(
            f"The day's use counts until {progress.counts_until:%Y-%m-%d %H:%M} UTC; then that goes."
        )
    return " ".join([*parts, "Copies in backups are yours to delete."])


def export(database: Database, store: JobStore, clock: Clock, preferences: PreferenceStore) -> Export:
    notes = SqliteKeyValues(database)
    personal, places, copies = SqlitePersonalData(database), UploadLimits(notes, clock), SentCopies(notes)
    return Export(store, personal, preferences, places, copies)


def _pseudonym() -> int:
    return -1 - randbits(62)
