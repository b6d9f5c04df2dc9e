"""What core needs from the outside, in its own words. Each docstring is the promise adapters keep."""

from core.ports.delivery import Courier, Encoder, Glance, Link, Links
from core.ports.environment import Alarm, Bounds, Clock, Done, PictureFile, PictureIntake, Pictures, RunChild
from core.ports.privacy import Dossier, Erasure, Erasures, PersonalData, ReplyArchive
from core.ports.provider import (
    Created,
    Failed,
    Finished,
    Order,
    Progress,
    Provider,
    Reply,
    ReplyLog,
    Stage,
    Unproved,
    Working,
    silence,
)
from core.ports.storage import Archive, Claim, Event, Figures, JobStore, Notes

__all__ = [
    "Alarm",
    "Archive",
    "Bounds",
    "Claim",
    "Clock",
    "Courier",
    "Created",
    "Done",
    "Dossier",
    "Encoder",
    "Erasure",
    "Erasures",
    "Event",
    "Failed",
    "Figures",
    "Finished",
    "Glance",
    "JobStore",
    "Link",
    "Links",
    "Notes",
    "Order",
    "PersonalData",
    "PictureFile",
    "PictureIntake",
    "Pictures",
    "Progress",
    "Provider",
    "Reply",
    "ReplyArchive",
    "ReplyLog",
    "RunChild",
    "Stage",
    "Unproved",
    "Working",
    "silence",
]
