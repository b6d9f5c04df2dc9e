"""One odd answer to a status question ends no paid job, and brings no member another member's clip."""

from __future__ import annotations

from typing import Final

import pytest

from core.model.job import JobState
from core.model.operator_alerts import TasksUnknown
from tests.identity.town import Lies, Play, Says, Town, says
from tests.stranger.made_up.answers import ID, LINK, OTHER_ID, OTHER_LINK, PAGE, Answer
from tests.stranger.made_up.documents import FAILED, RUNNING, SUCCEEDED, UNKNOWN_TASK, Surface, document
from tests.stranger.made_up.gateway import Task

SURFACES: Final = list(Surface)

ODD: Final[dict[str, Answer]] = {
    "status error": says({"status": "error", "message": "temporarily unavailable"}),
    "status error about our own task": says(
        {"id": ID, "status": "error", "message": "temporarily unavailable"}
    ),
    "status failed without an id": says({"status": "failed", "error": {"message": "overloaded"}}),
    "an error in an envelope": says(
        {"status": "fail", "error": {"message": "try later", "task_id": ID}, "data": None}
    ),
    "the id in words only": says(
        {"status": "error", "message": f'{{"task_id": "{ID}", "status": "failed"}}'}
    ),
    "success without an id": says({"status": "success", "message": "ok"}),
    "somebody else's failure": says({"id": OTHER_ID, "task_id": OTHER_ID, "status": "failed"}),
    "somebody else's clip": says(
        {
            "id": OTHER_ID,
            "status": "completed",
            "task_status": "succeed",
            "download_url": OTHER_LINK,
            "content": {"video_url": OTHER_LINK},
            "task_result": {"videos": [{"url": OTHER_LINK}]},
        }
    ),
    "cancelled with null ids": says({"id": None, "data": {"task_id": "", "task_status": "cancelled"}}),
}


def _runs(surface: Surface, town: Town) -> Answer | None:
    """Say that a task goes on, for most of an hour."""
    is_running = town.clock.monotonic() < 3000
    return Answer("document", 200, document(surface, RUNNING[surface])) if is_running else None


def for_the_first(count: int, answer: Answer) -> Says:
    return lambda _task, number: answer if number < count else None


@pytest.mark.parametrize("count", [1, 5])
@pytest.mark.parametrize("what", ODD)
@pytest.mark.parametrize("surface", SURFACES)
def test_a02_an_odd_answer_ends_nothing(play: Play, surface: Surface, what: str, count: int) -> None:
    async def scene(town: Town) -> None:
        await town.order()
        await town.until_notified()

        assert town.has_own_clip(), (town.job().state, town.job().reason)
        assert town.gateway.asked.total() > count

    play(surface, scene, Lies(status=for_the_first(count, ODD[what])))


@pytest.mark.parametrize("surface", SURFACES)
def test_a02_alices_clip_never_reaches_bob(play: Play, surface: Surface) -> None:
    """Whatever is asked is answered by the document about the first order, for the first minutes."""

    def status(task: Task, number: int) -> Answer | None:
        if task.order == 1 or number > 20:
            return None
        alice = next(iter(towns[0].gateway.truth.tasks.values()))
        link = f"{towns[0].gateway.origin}/media/{alice.id}.mp4"
        over = SUCCEEDED[surface]
        return Answer("alice's", 200, document(surface, over, task_id=alice.id, link=link))

    towns: list[Town] = []

    async def scene(town: Town) -> None:
        towns.append(town)
        await town.order(2)
        await town.until_notified()

        assert town.has_own_clip(1)
        assert town.has_own_clip(2)

    play(surface, scene, Lies(status=status))


@pytest.mark.parametrize("surface", SURFACES)
def test_a02_a_page_in_place_of_every_answer_for_ten_minutes_loses_no_job(
    play: Play, surface: Surface
) -> None:
    page = Answer("a proxy's", 404, "<html><h1>404 Not Found</h1></html>", PAGE)

    def status(_task: Task, _number: int) -> Answer | None:
        return page if towns[0].clock.monotonic() < 700 else None

    towns: list[Town] = []

    async def scene(town: Town) -> None:
        towns.append(town)
        await town.order(3)
        await town.until_notified()

        assert [town.has_own_clip(number) for number in (1, 2, 3)] == [True] * 3

    play(surface, scene, Lies(status=status))


@pytest.mark.parametrize(
    "answer",
    [
        Answer("empty", 404),
        Answer("words", 404, "404 page not found", "text/plain"),
        says({"detail": "Not Found"}, 404),
        says({"message": "no Route matched with those values"}, 404),
        says({"timestamp": 1, "status": 404, "error": "Not Found", "path": "/v1"}, 404),
        says({"code": 404, "message": "Not Found"}, 404),
        Answer("gone", 410, "<h1>Gone</h1>", PAGE),
    ],
    ids=lambda answer: answer.body[:30],
)
@pytest.mark.parametrize("surface", SURFACES)
def test_a02_a_404_that_is_not_the_gateways_own_loses_no_task(
    play: Play, surface: Surface, answer: Answer
) -> None:
    def status(_task: Task, _number: int) -> Answer | None:
        return answer if towns[0].clock.monotonic() < 1500 else None

    towns: list[Town] = []

    async def scene(town: Town) -> None:
        towns.append(town)
        await town.order(1)
        await town.until_notified()

        assert town.has_own_clip()

    play(surface, scene, Lies(status=status))


@pytest.mark.parametrize("surface", SURFACES)
def test_a02_a_gateway_that_knows_none_of_its_tasks_is_down_and_loses_none(
    play: Play, surface: Surface
) -> None:
    def status(_task: Task, _number: int) -> Answer | None:
        return UNKNOWN_TASK[surface] if 70 < towns[0].clock.monotonic() < 3000 else _runs(surface, towns[0])

    towns: list[Town] = []

    async def scene(town: Town) -> None:
        towns.append(town)
        await town.order(2)
        await town.until_notified()

        assert [town.has_own_clip(number) for number in (1, 2)] == [True, True]
        assert TasksUnknown(surface) in town.alerts.raised_events

    play(surface, scene, Lies(status=status))


@pytest.mark.parametrize("surface", SURFACES)
def test_a02_a_task_that_alone_is_unknown_for_ten_minutes_is_lost(play: Play, surface: Surface) -> None:
    def status(task: Task, _: int) -> Answer | None:
        if task.order == 1:
            return UNKNOWN_TASK[surface]
        return _runs(surface, towns[0])

    towns: list[Town] = []

    async def scene(town: Town) -> None:
        towns.append(town)
        await town.order(2)
        await town.until_notified(1)

        assert town.job(1).state is JobState.LOST
        assert 600 < town.clock.monotonic() < 1200
        await town.until_notified()
        assert town.has_own_clip(2)

    play(surface, scene, Lies(status=status))


@pytest.mark.parametrize("surface", SURFACES)
def test_a_failure_that_names_our_task_ends_it_at_once(play: Play, surface: Surface) -> None:
    async def scene(town: Town) -> None:
        await town.order()
        await town.until_notified(most=120)

        assert town.job().state is JobState.FAILED

    failed = Answer("document", 200, document(surface, FAILED[surface][0], link=LINK, why="no picture"))
    play(surface, scene, Lies(status=lambda _task, _number: failed))
