"""The texts of `/privacy`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from discord.utils import format_dt

from core.model.ledger import Usage
from core.model.limits import dollars
from core.ports import DataSummary
from core.privacy.erasure import Progress

_NOTHING: Final = "**Nothing is kept about you.**"
_AWAITED: Final = (
    "**You have asked to be erased.** What is under way goes when it has ended; your number beside what you "
    "used goes when that no longer counts."
)
_ELSEWHERE: Final = """\
⭐ votes are counted in the messages themselves and not kept. Others' videos made from yours are theirs. The \
provider that made your videos has rules of its own."""
SURE: Final = """\
**Erase all that is kept about you?** That cannot be undone.
**Goes:** your prompts and options, my copies of your videos and pictures, links to the videos, what the \
providers answered, your defaults, and your number in all of it. Videos that I keep for you because I could \
not bring them go, too.
**Stays:** messages in channels, for they are the channel's, and copies in the gallery. Press 🗑️ under those \
that are to go **first**: afterwards I no longer know that they are yours. What videos cost stays in the \
books, under a number that chance gives, so that budgets stay right. Where videos a day are limited, those \
of today go on counting.
**Under way:** is brought to you as usual, and erased when it has ended; what is ❓ not confirmed, when you \
or a moderator have decided about it."""
_NOTED: Final = (
    "Your wish is noted. Something is in the way just now, so I erase what is kept about you as soon as I "
    "can; you need not ask again."
)
_ON_DISK: Final = (
    "-# The file that it stood in is written anew within the hour, so that the disk holds nothing of it. "
    "Copies that whoever runs this bot made before still do, until they are replaced."
)


@dataclass(frozen=True, slots=True)
class Terms:
    """For how many days files are stored, and how long links to them work; None where there are none."""

    keep_days: float
    link_days: float | None


@dataclass(frozen=True, slots=True)
class MemberData:
    """The data about a member. `is_awaited`: they have asked to be erased already."""

    summary: DataSummary
    usage: Usage
    beside_jobs: Mapping[str, Any]
    is_awaited: bool

    @property
    def is_nothing(self) -> bool:
        return not (self.summary.jobs or self.beside_jobs or self.is_awaited)


def summary_text(kept: MemberData, terms: Terms) -> str:
    """Say what is stored about a member, in figures, and for how long."""
    return "\n".join([*_summary_lines(kept), *_long(terms), f"-# {_ELSEWHERE}"])


def _summary_lines(kept: MemberData) -> Iterator[str]:
    if kept.is_nothing:
        yield _NOTHING
        return
    if kept.is_awaited:
        yield _AWAITED
    yield "**What is kept about you**"
    yield from _figures(kept.summary, kept.usage)
    if kept.summary.acts:
        yield f"- {_count(kept.summary.acts, 'decision')} of yours about somebody else's video"
    yield f"- your defaults from /settings: {'yes' if 'preferences' in kept.beside_jobs else 'none'}"
    if "direct_messages" in kept.beside_jobs:
        yield "- how large a file may be that I send you directly"
    if "copies_of" in kept.beside_jobs:
        yield f"- of which videos I sent you a copy (✉️): {len(kept.beside_jobs['copies_of'])}"


def _long(terms: Terms) -> Iterator[str]:
    yield "**For how long**"
    yield f"- files of videos and pictures: {_days(terms.keep_days)} after they were used last"
    if terms.link_days is not None:
        yield f"- links to videos: {_days(terms.link_days)}; their files as long"
    yield "- all else: until you erase it"


def _figures(summary: DataSummary, usage: Usage) -> Iterator[str]:
    if summary.since is None:
        return
    open_now = f", {summary.open_jobs} of them under way" if summary.open_jobs else ""
    yield (
        f"- {_count(summary.jobs, 'video')} that you asked for since {format_dt(summary.since, 'f')}"
        f"{open_now}: prompt, options, where, when, and how it came out"
    )
    yield f"- {_count(summary.pictures, 'picture')} that you gave with them"
    yield f"- {_count(summary.clips, 'video file')} on my disk"
    yield (
        f"- {_count(summary.bookings, 'line')} in the books: about {dollars(usage.spent)} spent, "
        f"{dollars(usage.reserved)} reserved"
    )


def erased_text(progress: Progress | None) -> str:
    """Say what was erased, what is left, and when that is erased."""
    return _NOTED if progress is None else "\n".join(_erased_lines(progress))


def _erased_lines(progress: Progress) -> Iterator[str]:
    if progress.erased:
        videos = _count(progress.erased, "video")
        yield f"🧹 **Erased:** {videos}, with prompt, picture, file and links; and your defaults."
    else:
        yield "🧹 **Erased:** your defaults. There is no video to erase now."
    if progress.waiting:
        yield (
            f"**Under way:** {_count(progress.waiting, 'video')}. Each arrives as usual, and is erased when "
            "it has ended; you need not ask again."
        )
    if progress.counts_until is not None:
        yield (
            f"What you used goes on counting until {format_dt(progress.counts_until, 'f')}, "
            "beside your number and nothing else. Then that goes, too."
        )
    yield _ON_DISK


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'s' * (number != 1)}"


def _days(number: float) -> str:
    return f"{number:g} day{'s' * (number != 1)}"
