"""LiteLLM dies, or gets another key of its upstream's, while tasks that are paid for are under way."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.bot.command_line import Ran
from tests.e2e.harness.scenes import order
from tests.interop.conftest import FIRST_KEY
from tests.interop.orders import Way, played, until
from tests.interop.proxy import Proxy
from tests.interop.upstream import Case, Upstream

pytestmark = [pytest.mark.interop, pytest.mark.asyncio(loop_scope="session")]


@pytest.mark.parametrize("key", [FIRST_KEY, "sk-upstream-2"])
async def test_the_clips_of_tasks_arrive_when_litellm_comes_back(
    proxy: Proxy, upstream: Upstream, tmp_path: Path, key: str
) -> None:
    """With another key its own video API gives the tasks that are under way other ids."""
    upstream.keys.add(key)
    ways = {name: _way(upstream, url, tmp_path / name) for name, url in _addresses(proxy).items()}
    cases = {
        (name, by): upstream.expect(f"A boat by {by}, {name}, {key}", Case(ends=asyncio.Event()))
        for name in ways
        for by in ("command", "bot")
    }

    async with asyncio.TaskGroup() as group:
        made = {
            (name, by): group.create_task(_ordered(way, by, f"A boat by {by}, {name}, {key}"))
            for name, way in ways.items()
            for by in ("command", "bot")
        }
        await until(lambda: all(case.tasks and case.tasks[0].asked for case in cases.values()))
        await proxy.kill()
        await proxy.start(key)
        for case in cases.values():
            case.ends.set()

    for about, case in cases.items():
        (task,) = case.tasks
        assert made[about].result() == task.clip, about
        assert (case.posts, task.keys[-1]) == (1, key), about


async def test_a_task_outlives_the_budget_of_litellm_and_nothing_more_is_made(
    proxy: Proxy, upstream: Upstream, tmp_path: Path
) -> None:
    """Over its budget LiteLLM refuses questions as it does creates: 429, in words and without a code."""
    way, late = (_way(upstream, proxy.own, tmp_path / name) for name in ("first", "late"))
    case, refused = (upstream.expect(prompt, Case()) for prompt in ("A dear boat", "A boat too dear"))

    async with asyncio.TaskGroup() as group:
        first = group.create_task(way.generate("A dear boat", "kling-v3-omni"))
        await until(lambda: "crossed budget" in proxy.said())
        second = await late.generate("A boat too dear", "kling-v3-omni")
        await proxy.kill()
        await proxy.start(FIRST_KEY)

    (task,) = case.tasks
    assert (second.code, second.last["event"], refused.posts) == (3, "refused", 0), second.out + second.err
    assert "crossed budget" in second.last["message"]
    assert (first.result().code, case.posts) == (0, 1), first.result()
    assert way.file.read_bytes() == task.clip


def _addresses(proxy: Proxy) -> Mapping[str, str]:
    return {"own": proxy.own, "through": proxy.through}


def _way(upstream: Upstream, gateway: str, folder: Path) -> Way:
    folder.mkdir()
    return Way(upstream, gateway, folder)


async def _ordered(way: Way, by: str, prompt: str) -> bytes:
    """Order by the command or by the bot, and return the clip that arrives."""
    if by == "command":
        ran: Ran = await way.generate(prompt)
        assert ran.code == 0, ran.out + ran.err
        return way.file.read_bytes()
    async with way.town() as town:
        return await played(await order(town, prompt), seconds=300)
