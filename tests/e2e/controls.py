"""What people do with the controls of a message, and what may come of it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace

from core.jobs import Job, JobState
from sandbox.discord import Call, Member
from tests.e2e import town as towns
from tests.e2e.scenes import EPHEMERAL, Card, Message, buttons, clips, ids, playing, told_privately, words
from tests.e2e.stage import Prop, Stage
from tests.e2e.town import Town

MINE_ALONE = "Only the person who asked for this video, or a moderator, can do that."

ENDINGS = {"gone", "in the gallery", "cancelled", "brought"}
"""What happens to a message once: each person has one of their own for it."""


@dataclass(frozen=True, slots=True)
class Row:
    shown: str
    control: str
    name: str
    way: str
    people: tuple[str, ...]
    outcome: str

    def __str__(self) -> str:
        return f"{self.shown}: {self.name} by {self.way}, {' and '.join(self.people)}"

    def prop(self, life: str, role: str) -> Prop:
        """Which message this person does it to, in this life."""
        use = f"{self.control} {self.way} {role}" if self.outcome in ENDINGS else "all"
        return self.shown, f"{use}, {life}"


AGAIN = Row("video", "🔁", "re-run", "button", ("owner",), "")
"""A long way, to the provider and back: what was done before it was heard before it ends."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One person and one control of one message."""

    stage: Stage
    row: Row
    life: str
    role: str

    @property
    def town(self) -> Town:
        return self.stage.town

    @property
    def card(self) -> Card:
        return self.stage.cards[self.row.prop(self.life, self.role)]

    @property
    def actor(self) -> Member:
        return self.stage.person(self.role, self.row.shown)

    @property
    def prompt(self) -> str:
        """What they write into a form."""
        return f"{self.card.job_id} {self.row.control} by {self.role}"

    async def act(self) -> Call | None:
        """Press, react, or fill in the form that opens."""
        message = self.card.look()
        if self.row.way == "reaction":
            await self.actor.react(message, self.row.control)
            return None
        call = await self.actor.press(message, self.row.control)
        if self.row.way == "button":
            return call
        form = await self.town.discord.until(call.modal)
        return await self.actor.submit(form, prompt=self.prompt)

    async def job(self) -> Job:
        return await towns.job(self.town, self.card.job_id)

    async def orders(self) -> list[Job]:
        """What was ordered on this person's account, by itself."""
        return [job for job in await towns.jobs(self.town) if job.destination.requester_id == self.actor.id]

    async def told(self, call: Call | None) -> str:
        """What this person alone is told."""
        assert call is not None
        return await told_privately(self.town, call)


# ------------------------------------------------------------ what happens


async def again(cell: Cell) -> Job:
    """Exactly one job comes of it: paid for by whoever asked, and linked to the first."""
    before = {job.id for job in await cell.orders()}
    call = await cell.act()

    async def paid() -> list[Job]:
        return [job for job in await cell.orders() if job.id not in before and job.ticket]

    (job,) = await towns.written(paid)
    assert job.parent_id == cell.card.job_id
    shown = await cell.town.discord.until(lambda: answer(cell, call))
    assert f"for <@{cell.actor.id}>" in words(shown)
    assert not shown["flags"] & EPHEMERAL
    return job


def answer(cell: Cell, call: Call | None) -> Message | None:
    """The card that answers a press, or a reaction by this person."""
    if call is not None:
        return call.response() if words(call.response()) else None
    mine = f"for <@{cell.actor.id}>"
    return next((reply for reply in cell.card.replies() if mine in words(reply)), None)


async def the_same(cell: Cell) -> None:
    job = await again(cell)

    assert job.request == (await cell.job()).request


async def in_their_words(cell: Cell) -> None:
    job = await again(cell)

    (body,) = cell.town.creates(cell.prompt)
    assert job.request.prompt == cell.prompt
    assert "image" not in body


async def on_from_its_last_picture(cell: Cell) -> None:
    await again(cell)

    (body,) = cell.town.creates(cell.prompt)
    assert body["image"].startswith(cell.town.discord.cdn_url)


async def copied(cell: Cell) -> None:
    before, orders = len(letters(cell)), len(await cell.orders())
    call = await cell.act()

    await cell.town.discord.until(lambda: len(letters(cell)) > before)
    assert call is None or "I sent you a copy" in await cell.told(call)
    assert len(letters(cell)) == before + 1
    assert len(playing(cell.town, cell.card.job_id)) == 1
    assert len(await cell.orders()) == orders


def letters(cell: Cell) -> list[Message]:
    """The copies of this video in this person's direct messages."""
    return playing(cell.town, cell.card.job_id, "dm", cell.actor.name)


async def gone(cell: Cell) -> None:
    file = cell.town.folder / "videos" / f"video-{cell.card.job_id}.mp4"
    assert file.exists()
    await cell.act()

    async def forgotten() -> bool:
        return (await cell.job()).video is None and not file.exists()

    await cell.town.discord.until(lambda: not playing(cell.town, cell.card.job_id))
    await towns.written(forgotten)


async def in_the_gallery(cell: Cell) -> None:
    await cell.act()

    (copy,) = await cell.town.discord.until(lambda: copies(cell))
    assert f"<@{cell.town.discord.member('member').id}>" in words(copy)
    assert len(clips(copy)) == 1


def copies(cell: Cell) -> list[Message]:
    """The messages of the gallery that lead back to this video."""
    shown = cell.town.discord.messages("gallery")
    return [message for message in shown if f"/{cell.card.message_id})" in words(message)]


async def cancelled(cell: Cell) -> None:
    await cell.act()

    await cell.card.says("Cancelled", "Nothing was charged")
    assert (await cell.job()).state is JobState.CANCELLED
    assert cell.town.creates((await cell.job()).request.prompt) == []


async def too_late(cell: Cell) -> None:
    call = await cell.act()

    told = await (cell.town.discord.until(lambda: slips(cell)[0]) if call is None else cell.told(call))
    assert "already working on this video" in told
    assert (await cell.job()).state is JobState.RUNNING
    assert "making it" in words(cell.card.look())


def slips(cell: Cell) -> list[str]:
    """What this person is told in the channel, as an answer to the message."""
    said = map(words, cell.card.replies())
    return [one for one in said if one.startswith(f"<@{cell.actor.id}> ")]


async def brought(cell: Cell) -> None:
    assert clips(cell.card.look()) == []
    await cell.act()
    message = await cell.card.plays()
    assert [clip["filename"] for clip in clips(message)] == [f"video-{cell.card.job_id}.mp4"]
    await towns.reached(cell.town, cell.card.job_id, JobState.DONE)


async def refused(cell: Cell) -> None:
    before = await traces(cell)
    call = await cell.act()

    assert await cell.told(call) == MINE_ALONE
    assert await traces(cell) == before


async def nothing(cell: Cell) -> None:
    before = await traces(cell)
    await cell.act()

    await again(replace(cell, row=AGAIN, role="owner"))
    assert await traces(cell) == before


async def traces(cell: Cell) -> tuple[object, ...]:
    """What would be different if the bot had done anything."""
    job, message = await cell.job(), cell.card.look()
    shown = (buttons(message), ids(cell.card.replies()), ids(copies(cell)))
    return job.state, job.video, job.delivery, *shown, len(clips(message)), len(await cell.orders())


OUTCOMES: dict[str, Callable[[Cell], Awaitable[None]]] = {
    "again on their own account": the_same,
    "again in their words": in_their_words,
    "on from its last picture": on_from_its_last_picture,
    "a copy for them alone": copied,
    "gone": gone,
    "in the gallery": in_the_gallery,
    "cancelled": cancelled,
    "too late": too_late,
    "brought": brought,
    "refused": refused,
    "nothing": nothing,
}
