from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio

from core.delivery.plan import HEADROOM
from core.model.job import JobState
from tests.e2e.harness import town as towns
from tests.e2e.harness.bots import bot_inside
from tests.e2e.harness.deliveries import (
    finished_late,
    forget_limits,
    noisy_film,
    padded,
    uploads,
    ways,
    weight,
)
from tests.e2e.harness.scenes import buttons, clips, order, playing, private_answer, words
from tests.e2e.harness.town import Town

pytestmark = pytest.mark.asyncio(loop_scope="module")

FILM = noisy_film()
PLENTY = 20 * 2**20


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def film_town(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Town]:
    """A town whose films are as large as films are."""
    folder = tmp_path_factory.mktemp("sizes") / "data"
    async with towns.opened(folder, clip=FILM) as town, bot_inside(town):
        yield town


@pytest.fixture(autouse=True)
def as_always(film_town: Town) -> Iterator[None]:
    """Leave the town as it was found."""
    yield
    film_town.discord.upload_limit = PLENTY
    film_town.discord.faults.clear()
    forget_limits(film_town)


async def test_what_is_just_under_the_limit_is_attached_as_it_is(film_town: Town) -> None:
    film_town.discord.upload_limit = int(len(FILM) / HEADROOM) + 1

    card = await order(film_town, "A boat that just fits")
    message = await card.plays()

    assert weight(message) == len(FILM)
    assert ways(film_town, card.job_id) == ["attach"]


@pytest.mark.parametrize("limit", [len(FILM), len(FILM) - 1, len(FILM) // 2, len(FILM) // 5])
async def test_what_is_at_or_over_the_limit_is_made_smaller(film_town: Town, limit: int) -> None:
    film_town.discord.upload_limit = limit

    card = await order(film_town, f"A boat for {limit}")
    message = await card.plays()
    await card.replied()

    assert limit // 2 < weight(message) <= limit
    assert message["id"] == card.message_id
    assert len(playing(film_town, card.job_id)) == 1
    assert len(uploads(film_town, card.job_id)) == 1
    assert ways(film_town, card.job_id) == ["fit"]


async def test_a_limit_that_was_not_true_is_found_out_once(film_town: Town) -> None:
    card, held = await finished_late(film_town, "A boat that was lied to")
    film_town.discord.upload_limit = len(FILM) * 9 // 10

    held.times = 0
    message = await card.plays()
    film_town.discord.upload_limit = PLENTY
    second = await order(film_town, "A boat that was warned")
    await second.plays()

    assert weight(message) <= len(FILM) * 9 // 10
    assert [one.status for one in uploads(film_town, card.job_id)] == [413, 200]
    assert ways(film_town, card.job_id) == ["attach", "fit after too_large"]
    assert [one.status for one in uploads(film_town, second.job_id)] == [200]
    assert ways(film_town, second.job_id) == ["fit"]


async def test_a_refusal_at_the_very_limit_that_was_reported_is_survived(film_town: Town) -> None:
    film_town.discord.upload_limit = len(FILM) // 2
    card, held = await finished_late(film_town, "A boat that was lied to twice")
    film_town.discord.upload_limit = len(FILM) // 4

    held.times = 0
    message = await card.plays()

    answers = [one.status for one in uploads(film_town, card.job_id)]
    assert weight(message) <= len(FILM) // 4
    assert (answers[0], answers[-1]) == (413, 200)
    assert len(answers) <= 3


async def test_what_no_place_takes_is_kept_until_a_member_presses_for_it(film_town: Town) -> None:
    film_town.discord.upload_limit = 5_000
    card = await order(film_town, "A boat without a berth")
    message = await card.says("Finished, but not delivered", "larger than Discord takes", "It is kept")
    await card.replied()
    assert buttons(message) == ["📥", "🗑️"]

    told = await private_answer(film_town, await film_town.discord.member("member").press(message, "📥"))
    film_town.discord.upload_limit = PLENTY
    await film_town.discord.member("member").press(message, "📥")
    result = await card.plays()
    job = await towns.reached(film_town, card.job_id, JobState.DONE)

    assert "larger than Discord takes" in told
    assert weight(result) == len(FILM)
    assert buttons(result) == ["🔁", "✏️", "⏭️", "✉️", "🗑️"]
    assert job.delivery is not None
    assert str(job.delivery.message_id) == card.message_id


async def test_a_hundred_megabytes_arrive(tmp_path: Path) -> None:
    film = padded(FILM, 100 * 2**20)
    async with towns.opened(tmp_path / "data", clip=film) as town, bot_inside(town):
        card = await order(town, "A ship of the line")

        message = await card.plays()

        assert len(clips(message)) == 1
        assert weight(message) < PLENTY
        assert "A ship of the line" in words(message)
        assert len(uploads(town, card.job_id)) == 1
