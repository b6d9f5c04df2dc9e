"""The text of `/help`: what is possible in this place, for this member."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from core.community.gallery import Gallery

_MOST_NAMED: Final = 10

_MAKING: Final = """\
**/video** makes a video from words, a picture or both; **/animate** brings a picture to life.
Options may stand in the prompt: `a paper boat --ar 9:16 --duration 10 --pro --audio --count 2 --private`."""
_UNDER_A_VIDEO: Final = """\
**Under a video** 🔁 makes it again, ✏️ with other words or options, ⏭️ goes on from its last picture, ✉️ sends
you a copy, 🗑️ deletes it. While it is made, ❌ stops what is not sent yet."""
_REACTIONS: Final = "🔁 ✉️ ❌ work as reactions, too."
_ANSWERS: Final = "**Answer a video** with other words, or call me by name with a prompt: both make a video."
_PROMPTS: Final = """\
**In {channels}** every message is a prompt, and its picture is where the video starts. It is marked ⏳,
then ✅ or ⚠️; edit or delete it while it waits, and that counts. `// …` and `(…)` are talk."""
_VOTES: Final = "⭐ from {voters} copies a video to <#{channel_id}>, once."
_DIRECT: Final = "**Here, in direct messages,** only you see what you make."
_GUEST: Final = """\
**I am not a member here:** I can answer you, and cannot hear messages or reactions. A finished video comes by
direct message, and 📥 brings it here."""
_MENU: Final = "**In the menu of any message** (Apps): *Animate this*, *Use as prompt*, *Video details*."
_FINDING: Final = """\
**/jobs** shows what you have made, **/job** everything about one of them, **/queue** what is under way.
**/models** shows what can be made here and what it costs, **/usage** what you have used.
**/settings** keeps your own defaults. **/privacy** shows what is kept about you, and erases it."""
_STUDIO: Final = (
    "**/studio** is for you, since you manage this server: prompt channels and what counts in them."
)
_PROMISE: Final = """\
A video that has been sent to the provider is charged, and cannot be stopped there. It always arrives: here,
or by direct message."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """The place of `/help`. `prompt_channels` are those that the member may prompt in.

    `gallery` is the server's, if it has one that the member sees.
    """

    is_direct: bool = False
    is_guest: bool = False
    manages: bool = False
    prompt_channels: tuple[int, ...] = ()
    gallery: Gallery | None = None


def help_text(place: Place) -> str:
    """Name everything that is possible in a place, and nothing else."""
    finding = [_FINDING, *([_STUDIO] if place.manages and not place.is_guest else [])]
    parts = [_MAKING, "\n".join(_with_videos(place)), "\n".join(finding), _PROMISE]
    return "\n\n".join(parts)


def _with_videos(place: Place) -> Iterator[str]:
    if place.is_guest:
        yield _UNDER_A_VIDEO
        yield _GUEST
    else:
        yield f"{_UNDER_A_VIDEO} {_REACTIONS}"
        yield _ANSWERS
        if place.is_direct:
            yield _DIRECT
        else:
            yield from _in_a_server(place)
    yield _MENU


def _in_a_server(place: Place) -> Iterator[str]:
    if place.prompt_channels:
        named = ", ".join(f"<#{channel_id}>" for channel_id in place.prompt_channels[:_MOST_NAMED])
        more = len(place.prompt_channels) - _MOST_NAMED
        yield _PROMPTS.format(channels=f"{named} and {more} more" if more > 0 else named)
    if place.gallery is not None:
        yield _VOTES.format(voters=place.gallery.voters, channel_id=place.gallery.channel_id)
