"""What core needs from the outside, in its own words. Each docstring is the promise adapters keep."""

from core.ports.around import Alarm, Clock, PictureFile, Pictures
from core.ports.bringing import Courier, Encoder, Glance, Link, Links
from core.ports.keeping import Archive, Event, JobStore, Notes
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
    "Encoder",
    "Event",
    "Failed",
    "Finished",
    "Glance",
    "JobStore",
    "Link",
    "Links",
    "Notes",
    "Order",
    "PictureFile",
    "Pictures",
    "Progress",
    "Provider",
    "Reply",
    "ReplyLog",
    "Stage",
    "Working",
    "silence",
]
