"""Every effect of the program may succeed, fail, take effect unheard, or be where the program ends.

With the store in memory all histories with at most two faults are lived in every run, and with three in
the long one. With the real SQLite file, reply log and folder, which a crash leaves as they are at that
moment, all histories with one fault and each fortieth of those with two are lived in every run, and all
with two in the long one.
"""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.proof.channels import CARDS
from tests.proof.checker import double_bills, double_videos, silent_losses
from tests.proof.disk import RealDisk
from tests.proof.explorer import History, Scene, explored
from tests.proof.failpoints import AGAIN, CANCEL, REPLAY, STOP
from tests.proof.straightforward import Straightforward
from tests.proof.world import Bot, World

pytestmark = pytest.mark.usefixtures("unlogged")

ONE_VIDEO = Scene(events=(STOP,))
BUSY_PEOPLE = Scene(events=(STOP, CANCEL, AGAIN, REPLAY))
ON_DISK = Scene(events=(STOP,), disk=RealDisk)


async def order_and_remove_the_card(world: World, bot: Bot) -> None:
    """A moderator tidies up: the video needs a message of its own."""
    if world.starts == 0:
        await bot.order(1)
        del world.town.messages[CARDS + 1]


NO_CARD = Scene(people=order_and_remove_the_card)
TWO_GATEWAYS = Scene(providers=("anyint", "worldrouter"), events=(STOP,))


async def number_lived(histories: AsyncIterator[History]) -> int:
    """Count histories; stop at the first that breaks a promise, and show it."""
    count = 0
    async for history in histories:
        count += 1
        assert not history.broken, history
    return count


async def test_whatever_two_things_go_wrong_every_promise_is_kept() -> None:
    assert await number_lived(explored(ONE_VIDEO, faults=2)) >= 3000


async def test_whatever_people_do_meanwhile_every_promise_is_kept() -> None:
    assert await number_lived(explored(BUSY_PEOPLE, faults=2, every=8)) >= 1200


async def test_where_the_card_was_removed_every_promise_is_kept() -> None:
    assert await number_lived(explored(NO_CARD, faults=2)) >= 2000


async def test_a_move_to_another_gateway_keeps_every_promise() -> None:
    assert await number_lived(explored(TWO_GATEWAYS, faults=2, every=8)) >= 450


async def test_what_is_on_the_disk_at_a_crash_is_enough_to_keep_every_promise() -> None:
    assert await number_lived(explored(ON_DISK, faults=2, every=40)) >= 150


@pytest.mark.long
async def test_whatever_three_things_go_wrong_every_promise_is_kept() -> None:
    assert await number_lived(explored(ONE_VIDEO, faults=3)) >= 80_000


@pytest.mark.long
@pytest.mark.parametrize(
    ("scene", "least"),
    [(BUSY_PEOPLE, 11_000), (NO_CARD, 3400), (TWO_GATEWAYS, 4200), (ON_DISK, 4100)],
    ids=["people", "card", "gateways", "disk"],
)
async def test_no_pair_of_troubles_breaks_a_promise(scene: Scene, least: int) -> None:
    assert await number_lived(explored(scene, faults=2, is_thorough=True)) >= least


async def test_a_straightforward_bot_is_caught() -> None:
    worlds = [history.world async for history in explored(Scene(make=Straightforward), faults=2)]

    assert len(worlds) >= 380
    assert sum(bool(list(double_bills(world))) for world in worlds) >= 50
    assert sum(bool(list(double_videos(world))) for world in worlds) >= 50
    assert sum(bool(list(silent_losses(world))) for world in worlds) >= 10
