from __future__ import annotations

from dataclasses import replace
from itertools import count
from pathlib import Path

from core.model.ledger import Account, Scope, Usage
from core.ports import PictureFile
from core.requests.preferences import Preferences, PreferenceScope, PreferenceStore
from tests.contracts.examples import ALICE, life
from tests.fakes.erasure import REPLY, World, drawn, kept
from tests.fakes.fuse import Fuse
from tests.fakes.store import PowerCut


async def test_the_power_may_go_at_any_moment(tmp_path: Path) -> None:
    """Whatever was done by then, the next start does the rest; what was never noted is asked for again."""
    cuts = 0
    for number in count(1):
        outcomes = [
            await _cut(tmp_path / f"{number}-{is_before}", number, is_before=is_before)
            for is_before in (True, False)
        ]
        cuts += sum(outcomes)
        if not any(outcomes):
            break

    assert cuts > 30


async def _cut(folder: Path, number: int, *, is_before: bool) -> bool:
    """Whether the power went; if so, see that the next start leaves nothing."""
    world = await _filled_world(folder)
    everybody = await world.store.usage(Account(Scope.BOT, 0, ""))
    try:
        await world.erasure_service(Fuse(number, is_before=is_before)).ask(ALICE)
        return False
    except PowerCut:
        erasure_service = world.erasure_service()
        if not await world.erasures.under_way() and await world.of_alice():
            await erasure_service.ask(ALICE)
        await erasure_service.go_on()

    assert await world.of_alice() == []
    assert world.files() == []
    for job_id in (1, 2, 3):
        assert await world.replies.last(job_id) == replace(REPLY, body=b"")
    assert await world.notes.keys("") == []
    assert await world.erasures.under_way() == []
    assert await world.used(ALICE) == Usage()
    assert await world.store.usage(Account(Scope.BOT, 0, "")) == everybody
    return True


async def _filled_world(folder: Path) -> World:
    world = World(folder)
    picture = await world.pictures.keep(PictureFile(b"a drawing", ".png", is_changed=False))
    await world.has(drawn(life(1), picture))
    await world.has(life(2))
    await world.has(kept(3))
    await PreferenceStore(world.notes).change(PreferenceScope.MEMBER, ALICE, Preferences(mode="pro"))
    return world
