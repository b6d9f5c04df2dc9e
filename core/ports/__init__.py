"""What core needs from the outside, in its own words. Each docstring is the promise adapters keep."""

from core.ports.around import Alarm, Clock, PictureFile, Pictures
from core.ports.bringing import Courier, Encoder, Glance, Link, Links
from core.ports.keeping import Archive, Event, JobStore, Notes
from core.ports.personal import Dossier, Erasure, Erasures, PersonalData, ReplyArchive
from core.ports.providing import (
    Created,
    Failed,
    Finished,
    Order,
    Progress,
    Provider,
    Reply,
    ReplyLog,
    Stage,
    Working,
    silence,
)

__all__ = [
    "Alarm",
    "Archive",
    "Clock",
    "Courier",
    "Created",
    "Dossier",
    "Encoder",
    "Erasure",
    "Erasures",
    "Event",
    "Failed",
    "Finished",
    "Glance",
    "JobStore",
    "Link",
    "Links",
    "Notes",
    "Order",
    "PersonalData",
    "PictureFile",
    "Pictures",
    "Progress",
    "Provider",
    "Reply",
    "ReplyArchive",
    "ReplyLog",
    "Stage",
    "Working",
    "silence",
]
