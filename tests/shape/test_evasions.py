from __future__ import annotations

from pathlib import Path

import pytest

from tests.shape.evasions import evasions

OWNED = """
async def work(group: asyncio.TaskGroup) -> None:
    group.create_task(one())
    async with asyncio.TaskGroup() as others:
        others.create_task(two())
"""


def found(root: Path, text: str) -> list[str]:
    (root / "core").mkdir()
    (root / "core" / "part.py").write_text(text)
    return evasions(root)


@pytest.mark.parametrize(
    "text",
    [
        "asyncio.create_task(work())",
        "asyncio.get_running_loop().create_task(work())",
        "asyncio.ensure_future(work())",
        "asyncio.run_coroutine_threadsafe(work(), loop)",
        "asyncio.Task(work())",
        "from asyncio import create_task as start",
        "start = loop.create_task",
        "getattr(loop, 'create_task')(work())",
        "async with asyncio.TaskGroup() as group:\n    loop.create_task(work())",
    ],
)
def test_a_task_without_an_owner_is_named(tmp_path: Path, text: str) -> None:
    (problem,) = found(tmp_path, text)

    assert problem.startswith("core/part.py:")
    assert problem.endswith("starts a task without an owner: core/primitives/tasks.py")


def test_a_group_owns_what_it_starts(tmp_path: Path) -> None:
    assert found(tmp_path, OWNED) == []


@pytest.mark.parametrize(
    "text",
    [
        "vars(command)['__signature__'] = signature",
        "vars(self).get('ws')",
        "setattr(client, name, value)",
        "client.__dict__['ws'] = None",
        "client.__dict__.update(ws=None)",
    ],
)
def test_what_goes_past_the_type_checker_is_named(tmp_path: Path, text: str) -> None:
    assert found(tmp_path, text) == ["core/part.py:1 reads or writes attributes past the type checker"]
