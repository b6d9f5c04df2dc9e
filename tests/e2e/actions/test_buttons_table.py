"""Every control of a result: as button and as reaction, for each kind of member, also after a kill."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio

from tests.e2e.harness import town as towns
from tests.e2e.harness.controls import Cell, Row
from tests.e2e.harness.outcomes import OUTCOMES
from tests.e2e.harness.stage import Stage, stage_of

pytestmark = pytest.mark.asyncio(loop_scope="module")

LIVES = ("in its first life", "after a kill")

TABLE = """
video   | 🔁 re-run | button   | requester, moderator, another | again on their own account
video   | 🔁 re-run | reaction | requester, moderator, another | again on their own account
video   | ✏️ edit   | form     | requester, moderator, another | again in their words
video   | ⏭️ extend | form     | requester, another            | on from its last picture
video   | ✉️ mail   | button   | requester, moderator, another | a copy for them alone
video   | ✉️ mail   | reaction | requester, moderator, another | a copy for them alone
video   | 🗑️ delete | button   | requester, moderator          | gone
video   | 🗑️ delete | button   | another                       | refused
video   | ❌ cancel | reaction | requester, moderator          | gone
video   | ❌ cancel | reaction | another                       | nothing
video   | ⭐ vote   | reaction | moderator, another            | in the gallery
video   | ⭐ vote   | reaction | requester                     | nothing
private | 🔁 re-run | button   | requester                     | again for them alone
private | 🔁 re-run | reaction | requester                     | again for them alone
private | 🗑️ delete | button   | requester                     | gone
private | ❌ cancel | reaction | requester                     | gone
failed  | 🔁 re-run | button   | requester, another            | again on their own account
failed  | 🔁 re-run | reaction | requester, another            | again on their own account
failed  | ✏️ edit   | form     | requester, another            | again in their words
failed  | 🗑️ delete | button   | requester, moderator          | gone
failed  | 🗑️ delete | button   | another                       | refused
failed  | ❌ cancel | reaction | requester, moderator          | gone
failed  | ❌ cancel | reaction | another                       | nothing
waiting | ❌ cancel | button   | requester, moderator          | cancelled
waiting | ❌ cancel | button   | another                       | refused
waiting | ❌ cancel | reaction | requester, moderator          | cancelled
waiting | ❌ cancel | reaction | another                       | nothing
running | ❌ cancel | button   | requester, moderator          | too late
running | ❌ cancel | button   | another                       | refused
running | ❌ cancel | reaction | requester, moderator          | too late
running | ❌ cancel | reaction | another                       | nothing
kept    | 📥 get    | button   | requester, moderator          | brought
kept    | 📥 get    | button   | another                       | refused
"""


def rows() -> Iterator[Row]:
    for line in TABLE.strip().splitlines():
        shown, named, way, people, outcome = (cell.strip() for cell in line.split("|"))
        control, name = named.split()
        yield Row(shown, control, name, way, tuple(people.split(", ")), outcome)


ROWS = tuple(rows())


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def stage(tmp_path_factory: pytest.TempPathFactory, clip: bytes) -> AsyncIterator[Stage]:
    """Everything that is acted on was made in the bot's first life."""
    async with towns.opened(tmp_path_factory.mktemp("stage") / "data", clip=clip) as town:
        stage = stage_of(town)
        await stage.start()
        await stage.fill({row.prop(life, role) for row in ROWS for life in LIVES for role in row.people})
        yield stage
        await stage.kill()


@pytest_asyncio.fixture(scope="module", loop_scope="module", params=LIVES)
async def life(request: pytest.FixtureRequest, stage: Stage) -> str:
    if request.param == LIVES[1]:
        await stage.kill()
        await stage.start()
    return str(request.param)


@pytest.mark.parametrize("row", ROWS, ids=str)
async def test_a_control_does_this_for_these_people(stage: Stage, life: str, row: Row) -> None:
    cells = [Cell(stage, row, life, role) for role in row.people]

    await asyncio.gather(*(OUTCOMES[row.outcome](cell) for cell in cells))


async def test_nothing_was_paid_for_but_what_was_asked_for(stage: Stage, life: str) -> None:
    sent = [job for job in await towns.jobs(stage.town) if job.submitted_at]

    assert len(stage.town.gateways.creates()) == len(sent), life
