from __future__ import annotations

import pytest

from core.community.gallery import Galleries, Gallery, Voter
from storage.memory.stores import MemoryKeyValues

WALL = Gallery(channel_id=10, threshold=2)
MEMBER = 1


@pytest.mark.parametrize(
    ("voter", "counts"), [(Voter(2), True), (Voter(MEMBER), False), (Voter(3, is_bot=True), False)]
)
def test_votes_of_others_count_and_those_of_the_requester_and_of_bots_do_not(
    voter: Voter, *, counts: bool
) -> None:
    assert voter.counts_for(MEMBER) is counts


async def test_a_gallery_is_known_again_after_a_restart_until_it_is_closed() -> None:
    notes = MemoryKeyValues()
    await Galleries(notes).open(7, WALL)

    again = Galleries(notes)
    before = await again.of(7)
    await again.close(7)

    assert before == WALL
    assert await again.of(7) is None
    assert await Galleries(notes).of(7) is None


async def test_a_clip_hangs_only_once_that_is_certain() -> None:
    galleries = Galleries(MemoryKeyValues())
    steps: list[tuple[bool, bool]] = []

    steps.append((await galleries.is_begun(5), await galleries.holds(5)))
    await galleries.begin(5)
    steps.append((await galleries.is_begun(5), await galleries.holds(5)))
    await galleries.finish(5, 99)
    steps.append((await galleries.is_begun(5), await galleries.holds(5)))

    assert steps == [(False, False), (True, False), (False, True)]
