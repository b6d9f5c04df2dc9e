from __future__ import annotations

import asyncio

import pytest

from core.primitives.keyed_locks import KeyedLocks


async def test_one_key_is_held_by_one_caller_after_another() -> None:
    locks, order = KeyedLocks[str](), list[str]()

    async def use(name: str) -> None:
        async with locks.hold("card"):
            order.append(f"{name} begins")
            await asyncio.sleep(0)
            order.append(f"{name} ends")

    await asyncio.gather(*(use(name) for name in "abc"))

    assert order == [f"{name} {what}" for name in "abc" for what in ("begins", "ends")]


async def test_another_key_is_not_waited_for() -> None:
    locks = KeyedLocks[str]()

    async with locks.hold("a"), asyncio.timeout(5), locks.hold("b"):
        assert len(locks) == 2


async def test_nothing_is_left_of_a_key_that_no_caller_holds() -> None:
    locks = KeyedLocks[int]()

    async with locks.hold(1):
        waiting = asyncio.ensure_future(locks.hold(1).__aenter__())
        await asyncio.sleep(0)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        assert len(locks) == 1

    assert len(locks) == 0
