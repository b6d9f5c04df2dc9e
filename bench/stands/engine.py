"""The bot's engine by itself, without Discord: no member sees a card then."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from core.delivery.attempt import DeliveryTools
from core.delivery.plan import UploadLimits
from core.dispatch.fair_queue import FairQueue
from core.dispatch.provider_registry import ProviderRegistry
from core.engine.build import Engine, engine
from core.engine.step import StepContext
from core.model.catalog import Catalog
from core.model.delivery import Delivery
from core.model.errors import NobodyThere
from core.model.job import Job
from core.model.video import Result
from core.polling.schedule import AdaptiveSchedule
from core.ports import Clock, Courier, JobStore, JobView, Link, Provider
from storage.ffmpeg.encoder import FfmpegEncoder
from storage.files.clips import FolderClips
from storage.memory.stores import MemoryKeyValues, MemoryReplyLog

_PLENTY = 1_000_000


class NoCourier:
    """Implements `core.ports.Courier` where no member is."""

    def show(self, job_view: JobView) -> None:
        del job_view

    async def notify(self, job: Job) -> None:
        raise NobodyThere(str(job.id))

    async def deliver(self, job: Job, video: Path, *, original: Link | None = None) -> Delivery:
        raise NobodyThere(f"{job.id}: {video} {original}")

    async def deliver_link(self, job: Job, link: Link) -> Delivery:
        raise NobodyThere(f"{job.id}: {link}")

    async def ping(self, job: Job, *, was_tried: bool) -> None:
        raise NobodyThere(f"{job.id}: {was_tried}")


class NoLinks:
    """Implements `core.ports.Links` where none can be made."""

    async def offer(self, job: Job, result: Result | None) -> Link | None:
        del job, result
        return None

    async def withdraw(self, job_id: int) -> bool:
        del job_id
        return True


def build(
    store: JobStore,
    clock: Clock,
    providers: Mapping[str, Provider],
    schedule: AdaptiveSchedule,
    folder: Path,
    courier: Courier | None = None,
) -> Engine:
    """Wire the engine as `bot/compose/services.py` does; without a courier no member sees a card."""
    return engine(
        store=store,
        context=StepContext(store=store, clock=clock, schedule=schedule),
        schedule=schedule,
        registry=ProviderRegistry(providers, Catalog.shipped().of(providers), clock),
        tools=DeliveryTools(
            courier or NoCourier(),
            FolderClips(folder),
            FfmpegEncoder(),
            NoLinks(),
            UploadLimits(MemoryKeyValues(), clock),
        ),
        replies=MemoryReplyLog(),
        fair_queue=FairQueue(places=_PLENTY, places_for_member=_PLENTY),
    )
