"""Where a video goes, and what is tried to deliver it there."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Way(StrEnum):
    """How a video is delivered. UNDECIDED stands for a way that is still to be chosen."""

    UNDECIDED = "anew"
    ATTACH = "attach"
    REENCODE = "fit"
    LINK = "link"


class Obstacle(StrEnum):
    """Why a way did not lead to the member."""

    TOO_LARGE = "too_large"
    NOT_FITTED = "not_fitted"
    NO_LINK = "no_link"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Destination:
    """Where the video goes, as plain ids. No interaction token: it expires after 15 minutes.

    `guild_id` is the server in which it was asked for, also where the video goes to a direct message.
    `card_id` is the message that shows the job and becomes the result. `upload_limit` is what
    Discord said a file may weigh there, in bytes: a hint. `is_guest` means that we are not in that place
    ourselves and can only answer there. `prompt_id` is the message that asked for it in a prompt channel,
    `prompt_channel_id` is that channel, also where the video goes to a thread or a direct message.
    """

    requester_id: int
    channel_id: int
    guild_id: int | None = None
    card_id: int | None = None
    upload_limit: int | None = None
    is_private: bool = False
    wants_ping: bool = True
    is_guest: bool = False
    prompt_id: int | None = None
    prompt_channel_id: int | None = None

    @property
    def asked_in(self) -> tuple[int, int | None, int | None, int]:
        """The requester, the server, the message that asked, if any, and the place; not a thread of ours."""
        place = self.channel_id if self.prompt_channel_id is None else self.prompt_channel_id
        return self.requester_id, self.guild_id, self.prompt_id, place


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """What is tried, or done, to deliver the video to the member.

    `attempt` counts the ways of a job, `why` is the obstacle of the one before. `refused` counts
    files that were too large for the place. `is_direct` stands for a direct message, since the video can go
    nowhere else; `may_be_there` means that an earlier try may have worked without
    an answer.
    """

    plan: Way
    attempt: int = 1
    channel_id: int | None = None
    message_id: int | None = None
    why: Obstacle | None = None
    refused: int = 0
    is_direct: bool = False
    may_be_there: bool = False
