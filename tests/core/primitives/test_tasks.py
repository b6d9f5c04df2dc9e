from __future__ import annotations

import asyncio

import pytest

from core.primitives.tasks import OwnedTasks, running


async def test_what_is_started_goes_on_though_its_caller_is_cancelled() -> None:
    tasks, may_end = OwnedTasks(), asyncio.Event()

    async def call() -> None:
        await asyncio.shield(tasks.start(work()))

    async def work() -> None:
        await may_end.wait()
        ended.append("work")

    ended: list[str] = []
    async with asyncio.TaskGroup() as group:
        caller = group.create_task(call())
        await asyncio.sleep(0)
        caller.cancel()
    may_end.set()
    await tasks.wait()

    assert ended == ["work"]


async def test_a_fault_is_raised_where_its_task_is_awaited() -> None:
    async def break_down() -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await OwnedTasks().start(break_down())


async def test_what_runs_beside_a_block_ends_with_it() -> None:
    begun, ended = asyncio.Event(), asyncio.Event()

    async def work() -> None:
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    async with running(work):
        await begun.wait()

    assert ended.is_set()


async def test_what_a_block_raises_is_handed_on_as_it_is() -> None:
    async def work() -> None:
        await asyncio.Event().wait()

    with pytest.raises(ZeroDivisionError):
        async with running(work):
            raise ZeroDivisionError


async def test_a_fault_beside_a_block_is_logged_at_once(caplog: pytest.LogCaptureFixture) -> None:
    async def break_down() -> None:
        raise ZeroDivisionError

    async with running(break_down):
        await asyncio.sleep(0)

        assert "ZeroDivisionError" in caplog.text
