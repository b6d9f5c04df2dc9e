"""Every effect of the program may succeed, fail, take effect unheard, or be where the program ends.

A gateway may answer whatever `tests/proof/harness/answers.py` has; prices change and what is queued waits for
a yes between two lives; members and the operator act at any moment.

Of every scene all histories with one thing that goes wrong are lived in every run. Of those with two: in
memory, all of one video (but for SIGTERM, and an ending that is never proved, which other scenes have), each
third where the card was removed, each fourth to forty-eighth of all others, and on the disk, with the real
SQLite file, reply log and folder, each eightieth. What `explored` takes for granted saves about a tenth of
them their end. In the long run all pairs of every scene are lived in full, and all three of one
video.
"""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from core.model.ledger import Measure, Scope
from core.model.limits import Limit
from tests.proof.harness.answers import FORGETS, KNOWS_NONE, NAMES_ANY
from tests.proof.harness.channels import CARDS
from tests.proof.harness.checker import double_bills, double_videos, silent_losses, strangers_clips
from tests.proof.harness.disk import RealDisk
from tests.proof.harness.explorer import History, Scene, explored
from tests.proof.harness.failpoints import AGAIN, CANCEL, COMMANDS, JOBS_DELIVER, REPLAY, STOP
from tests.proof.harness.program import Program
from tests.proof.harness.straightforward import Straightforward
from tests.proof.harness.world import Bot, World, one_order

pytestmark = pytest.mark.usefixtures("unlogged")

PRICE = 420_000
BOTH = ("anyint", "worldrouter")
ROOM_FOR_ONE = [Limit(scope=Scope.BOT, measure=Measure.MONEY, most=PRICE + 80_000)]
AT_GATEWAYS = ("create", "check", "look up", "fetch")
"""Failpoints at which a gateway answers."""

ONE_VIDEO = Scene(limits=ROOM_FOR_ONE, without=(NAMES_ANY,))
STOPPED = Scene(events=(STOP,), limits=ROOM_FOR_ONE, without=(NAMES_ANY,))
BUSY_PEOPLE = Scene(events=(STOP, CANCEL, AGAIN, REPLAY), without=(NAMES_ANY,))
ON_DISK = Scene(events=(STOP,), disk=RealDisk, without=(NAMES_ANY,))


async def order_and_remove_the_card(world: World, bot: Bot) -> None:
    """A moderator tidies up: the video needs a message of its own."""
    if world.starts == 0:
        await bot.order(1)
        del world.town.messages[CARDS + 1]


async def order_three(world: World, bot: Bot) -> None:
    """Three members order at the same time; a gateway is sent two of these at once."""
    if world.starts == 0:
        assert isinstance(bot, Program)
        for job_id in (1, 2, 3):
            await bot.order(job_id, member_id=100 + job_id)


async def order_and_have_an_operator(world: World, bot: Bot) -> None:
    """An operator delivers what was offered without proof or is kept, a day or two later."""
    await one_order(world, bot)
    assert isinstance(bot, Program)
    for _ in range(2):
        await world.clock.sleep(26 * 3600.0)
        await bot.command(JOBS_DELIVER, 1)


NO_CARD = Scene(people=order_and_remove_the_card, since="save STORED", without=(NAMES_ANY,))
TWO_GATEWAYS = Scene(providers=BOTH, events=(STOP,), without=(NAMES_ANY,))
THREE_ORDERS = Scene(people=order_three, only=AT_GATEWAYS)
ELSEWHERE = Scene(providers=BOTH, people=order_three, only=("create", "look up"))
COMMANDED = Scene(people=order_and_have_an_operator, events=COMMANDS, only=(*AT_GATEWAYS, "restart", "admit"))
STRAIGHT = Scene(make=Straightforward, without=(FORGETS, KNOWS_NONE))
IN_DOUBT = Scene(only=("create", "look up", "save UNKNOWN", "restart"), closes_doubts=True, days=9)


async def number_lived(histories: AsyncIterator[History]) -> int:
    """Count histories; stop at the first that breaks a promise, and show it."""
    count = 0
    async for history in histories:
        count += 1
        assert not history.broken, history
    return count


@pytest.mark.parametrize("turn", [0, 1, 2])
async def test_whatever_two_things_go_wrong_every_promise_is_kept(turn: int) -> None:
    assert await number_lived(explored(ONE_VIDEO, faults=2, every=3, turn=turn)) >= 700


async def test_whatever_goes_wrong_around_a_sigterm_every_promise_is_kept() -> None:
    assert await number_lived(explored(STOPPED, faults=2, every=24)) >= 150


async def test_whatever_people_do_meanwhile_every_promise_is_kept() -> None:
    assert await number_lived(explored(BUSY_PEOPLE, faults=2, every=32)) >= 400


async def test_where_the_card_was_removed_every_promise_is_kept() -> None:
    assert await number_lived(explored(NO_CARD, faults=2, every=3)) >= 500


async def test_a_move_to_another_gateway_keeps_every_promise() -> None:
    assert await number_lived(explored(TWO_GATEWAYS, faults=2, every=12)) >= 400


async def test_what_is_on_the_disk_at_a_crash_is_enough_to_keep_every_promise() -> None:
    assert await number_lived(explored(ON_DISK, faults=2, every=80)) >= 130


@pytest.mark.parametrize(
    ("scene", "every", "least"),
    [(THREE_ORDERS, 48, 120), (ELSEWHERE, 4, 150), (COMMANDED, 10, 100), (IN_DOUBT, 3, 80)],
    ids=["three", "elsewhere", "operator", "doubt"],
)
async def test_whatever_gateways_and_operators_say_every_promise_is_kept(
    scene: Scene, every: int, least: int
) -> None:
    assert await number_lived(explored(scene, faults=2, every=every)) >= least


@pytest.mark.long
async def test_whatever_three_things_go_wrong_every_promise_is_kept() -> None:
    assert await number_lived(explored(STOPPED, faults=3)) >= 80_000


@pytest.mark.long
@pytest.mark.parametrize(
    ("scene", "least"),
    [
        *((BUSY_PEOPLE, 11_000), (NO_CARD, 1700), (TWO_GATEWAYS, 4200), (ON_DISK, 4100)),
        *((THREE_ORDERS, 3000), (ELSEWHERE, 600), (COMMANDED, 1000), (IN_DOUBT, 250)),
    ],
    ids=["people", "card", "gateways", "disk", "three", "elsewhere", "operator", "doubt"],
)
async def test_no_pair_of_troubles_breaks_a_promise(scene: Scene, least: int) -> None:
    assert await number_lived(explored(scene, faults=2, is_thorough=True)) >= least


async def test_a_straightforward_bot_is_caught() -> None:
    worlds = [history.world async for history in explored(STRAIGHT, faults=2)]

    assert len(worlds) >= 380
    assert sum(bool(list(double_bills(world))) for world in worlds) >= 50
    assert sum(bool(list(double_videos(world))) for world in worlds) >= 50
    assert sum(bool(list(silent_losses(world))) for world in worlds) >= 10
    assert sum(bool(list(strangers_clips(world))) for world in worlds) >= 10
