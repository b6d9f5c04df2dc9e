"""The layer of services: the runner of jobs, and the care of the data folder."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from bot.compose import providers as gateways
from bot.compose.disk import INCOMING, REPLIES, Disk
from bot.process.data_folder_care import DataFolderCare
from bot.settings.settings import Settings
from core.delivery.attempt import DeliveryTools
from core.dispatch.fair_queue import FairQueue
from core.dispatch.provider_registry import ProviderRegistry
from core.engine.build import engine
from core.engine.runner import Runner
from core.engine.step import Allowance, StepContext
from core.model.limits import Limit
from core.polling.task_durations import DurationModel
from core.ports import AlertChannel, Clock
from core.requests.stored_pictures import PicturePublisher
from core.services.budget_alerts import BudgetAlerts
from storage.retention import Retention, Room
from storage.sqlite.shared_links import SqliteSharedLinks


def runner(
    *,
    settings: Settings,
    clock: Clock,
    disk: Disk,
    registry: ProviderRegistry,
    alerts: AlertChannel,
    tools: DeliveryTools,
    limits: Sequence[Limit],
    budget_alerts: BudgetAlerts,
    picture_publisher: PicturePublisher,
    durations: DurationModel,
) -> Runner:
    """Build the runner that moves the jobs of this disk."""
    schedule = gateways.schedule(settings, durations)
    context = StepContext(
        store=disk.store,
        clock=clock,
        schedule=schedule,
        alerts=alerts,
        allowance=Allowance(tuple(limits), budget_alerts),
        confirmations=disk.restored_copy.confirmations,
        notes=disk.notes,
    )
    fair_queue = FairQueue(
        places=settings.matinee_provider_running,
        places_for_member=settings.matinee_member_running,
        places_for_server=settings.matinee_server_running,
    )
    return engine(
        store=disk.store,
        context=context,
        schedule=schedule,
        registry=registry,
        tools=tools,
        replies=disk.replies,
        fair_queue=fair_queue,
        host=picture_publisher,
    ).runner


def data_folder_care(settings: Settings, clock: Clock, disk: Disk, alerts: AlertChannel) -> DataFolderCare:
    folder = settings.matinee_data_dir
    return DataFolderCare(
        notes=disk.notes,
        alerts=alerts,
        clock=clock,
        folders=(folder, disk.clips.folder, disk.pictures.folder, folder / INCOMING),
        files={disk.database.path.name: disk.database, REPLIES: disk.replies},
    )


def retention(settings: Settings, clock: Clock, disk: Disk) -> Retention:
    return Retention(
        store=disk.store,
        clips=disk.clips,
        folder=disk.clips.folder,
        pictures=disk.pictures,
        clock=clock,
        keep=timedelta(days=settings.matinee_keep_days),
        room=Room(int(settings.matinee_disk_quota_gb * 1e9)),
        shared=SqliteSharedLinks(disk.database),
    )
