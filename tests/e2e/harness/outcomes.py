"""What may come of a control: each waits for it, and fails where anything else comes of it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from core.model.job import Job, JobState
from sandbox.discord import Call
from tests.e2e.harness import town as towns
from tests.e2e.harness.controls import Cell
from tests.e2e.harness.scenes import EPHEMERAL, Card, Message, buttons, clips, ids, order, playing, words

MINE_ALONE = "Only the person who asked for this video, or a moderator, can do that."


async def ordered(cell: Cell) -> tuple[Job, Call | None]:
    """Exactly one job comes of it: paid for by the member who asked, and linked to the first."""
    before = {job.id for job in await cell.orders()}
    call = await cell.act()

    async def paid() -> list[Job]:
        return [job for job in await cell.orders() if job.id not in before and job.ticket]

    (job,) = await towns.written(paid)
    assert job.parent_id == cell.card.job_id
    return job, call


async def again(cell: Cell) -> Job:
    """Every member sees the card of what was ordered."""
    job, call = await ordered(cell)

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


async def for_them_alone(cell: Cell) -> None:
    job, _ = await ordered(cell)

    await cell.town.discord.until(lambda: playing(cell.town, job.id, "dm"))
    assert job.request == (await cell.job()).request
    assert job.destination.is_private
    assert playing(cell.town, job.id, viewer="owner") == []


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
    assert call is None or "I sent you a copy" in await cell.private_answer(call)
    assert len(letters(cell)) == before + 1
    assert len(playing(cell.town, cell.card.job_id)) == 1
    assert len(await cell.orders()) == orders


def letters(cell: Cell) -> list[Message]:
    """The copies of this video in this person's direct messages."""
    return playing(cell.town, cell.card.job_id, "dm", cell.actor.name)


async def gone(cell: Cell) -> None:
    file = cell.town.folder / "videos" / f"video-{cell.card.job_id}.mp4"
    assert file.exists() is (cell.row.shown != "failed")
    await cell.act()

    async def forgotten() -> bool:
        return (await cell.job()).video is None and not file.exists()

    await cell.town.discord.until(lambda: is_away(cell.card))
    await towns.written(forgotten)


def is_away(card: Card) -> bool:
    try:
        card.look()
    except LookupError:
        return True
    return False


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

    told = await (
        cell.town.discord.until(lambda: slips(cell)[0]) if call is None else cell.private_answer(call)
    )
    assert "already working on this video" in told
    assert (await cell.job()).state is JobState.RUNNING
    assert "making it" in words(cell.card.look())


def slips(cell: Cell) -> list[str]:
    """The bot's answer to this member's message in the channel."""
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

    assert await cell.private_answer(call) == MINE_ALONE
    assert await traces(cell) == before


async def nothing(cell: Cell) -> None:
    before = await traces(cell)
    await cell.act()

    await wait_until_handled(cell)
    assert await traces(cell) == before


async def wait_until_handled(cell: Cell) -> None:
    """Wait until a later order has reached the provider: the bot has handled earlier events by then."""
    prompt = f"After {cell.card.job_id} {cell.row.control}"
    await order(cell.town, prompt, by="owner")
    await cell.town.gateways.until(lambda: cell.town.tasks(prompt))


async def traces(cell: Cell) -> tuple[object, ...]:
    """What would be different if the bot had done anything."""
    job, message = await cell.job(), cell.card.look()
    shown = (buttons(message), ids(cell.card.replies()), ids(copies(cell)))
    return job.state, job.video, job.delivery, *shown, len(clips(message)), len(await cell.orders())


OUTCOMES: dict[str, Callable[[Cell], Awaitable[None]]] = {
    "again on their own account": the_same,
    "again for them alone": for_them_alone,
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
