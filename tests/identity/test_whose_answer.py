"""Gateways that change their ids, or leave them out, lose no clip; an unproved ending is asked on."""

from __future__ import annotations

import pickle
from dataclasses import replace
from typing import Any, Final, Protocol

import pytest

from core.dispatch import end_reasons as words
from core.model.job import JobState
from core.model.operator_alerts import EndingUnproved, TaskLost
from core.model.video import Result, link_mark
from core.polling.task_identity import Evidence, Rivals, TaskIdentity, as_believed
from core.ports import Failed, Finished, TaskClaim, Unproved
from tests.fakes.clock import START
from tests.identity.town import Lies, Play, Says, Town, says
from tests.stranger.made_up.answers import ID, LINK, OTHER_ID, OTHER_LINK, Answer
from tests.stranger.made_up.documents import RUNNING, SUCCEEDED, Surface, document
from tests.stranger.made_up.gateway import Task

SURFACES: Final = list(Surface)
LINKED: Final = [Surface.NATIVE, Surface.WORLDROUTER]
ALIAS: Final = "dmlkZW9fbmV3LWlk=="


def renamed(surface: Surface, state: str, link: str = LINK, alias: str = ALIAS) -> Answer:
    """Answer as the document says, with another id in the place of ours."""
    return Answer("renamed", 200, document(surface, state, task_id=alias, link=link))


def bare(surface: Surface, *, is_over: bool, link: str = LINK) -> Answer:
    """Answer without any id."""
    state = (SUCCEEDED if is_over else RUNNING)[surface]
    clip: dict[str, Any] = {"content": {"video_url": link}} if is_over else {}
    if surface is Surface.NATIVE:
        clip = {"task_result": {"videos": [{"url": link}]}} if is_over else {}
        return says({"code": 0, "message": "SUCCEED", "data": {"task_status": state, **clip}})
    return says({"object": "video", "status": state, **clip})


def over(task: Task, town: Town) -> bool:
    return town.clock.monotonic() >= task.ends_at


def link_of(event: object) -> str | None:
    """Return the link that the operator's alert names for an ending that was not proved."""
    return event.link if isinstance(event, EndingUnproved | TaskLost) else None


class SaysWhen(Protocol):
    def __call__(self, task: Task, number: int, /, *, is_over: bool) -> Answer | None: ...


def as_it_stands(town: list[Town], say: SaysWhen) -> Says:
    """Say something else while the task runs than when it is over: `say` is asked which it is."""
    return lambda task, number: say(task, number, is_over=over(task, town[0]))


@pytest.mark.parametrize("surface", SURFACES)
def test_an_id_that_changes_while_the_task_runs_loses_no_clip(play: Play, surface: Surface) -> None:
    """As LiteLLM does after its operator has changed the key upstream."""

    def say(_task: Task, number: int, *, is_over: bool) -> Answer | None:
        if number == 0:
            return None
        return renamed(surface, (SUCCEEDED if is_over else RUNNING)[surface])

    async def scene(town: Town) -> None:
        towns.append(town)
        await town.bring_its_clip(most=120)

    towns: list[Town] = []
    play(surface, scene, Lies(status=as_it_stands(towns, say)))


@pytest.mark.parametrize("surface", LINKED)
def test_an_alias_that_is_another_task_of_ours_proves_nothing(play: Play, surface: Surface) -> None:
    """The second order is answered by the first one's documents, from its beginning to its end."""

    def say(task: Task, number: int, *, is_over: bool) -> Answer | None:
        first = towns[0].gateway.of_order(1)
        if task.order == 1 or number > 60:
            return None
        link = f"{towns[0].gateway.origin}/media/{first.id}.mp4"
        return renamed(surface, (SUCCEEDED if is_over else RUNNING)[surface], link, first.id)

    async def scene(town: Town) -> None:
        towns.append(town)
        await town.order(2)
        await town.until_notified()

        assert town.has_own_clip(1)
        assert town.has_own_clip(2)

    towns: list[Town] = []
    play(surface, scene, Lies(status=as_it_stands(towns, say)))


@pytest.mark.parametrize("surface", LINKED)
def test_an_alias_may_be_the_task_of_an_order_that_was_never_confirmed(play: Play, surface: Surface) -> None:
    """The first order's task exists and we never got its id; its documents answer for the second order."""

    def status(task: Task, number: int) -> Answer | None:
        if task.order != 2 or number > 5:
            return None
        lost = towns[0].gateway.of_order(1)
        link = f"{towns[0].gateway.origin}/media/{lost.id}.mp4"
        return renamed(surface, (RUNNING if number == 0 else SUCCEEDED)[surface], link, lost.id)

    async def scene(town: Town) -> None:
        towns.append(town)
        await town.order(2)
        await town.until_notified(2)

        assert town.job(1).state is JobState.UNKNOWN
        assert town.has_own_clip(2)

    towns: list[Town] = []
    play(surface, scene, Lies(status=status, lost_creates=1))


@pytest.mark.parametrize("surface", SURFACES)
def test_a_gateway_that_names_no_task_at_all_loses_no_clip(play: Play, surface: Surface) -> None:
    async def scene(town: Town) -> None:
        towns.append(town)
        await town.order(3)
        await town.until_notified(most=600)

        assert [town.has_own_clip(number) for number in (1, 2, 3)] == [True] * 3
        assert surface is Surface.ANYINT or town.clock.monotonic() >= 150, "two minutes of equal answers"

    towns: list[Town] = []

    def say(_task: Task, _number: int, *, is_over: bool) -> Answer:
        return bare(surface, is_over=is_over)

    play(surface, scene, Lies(status=as_it_stands(towns, say)))


@pytest.mark.parametrize("surface", LINKED)
def test_signatures_that_change_from_answer_to_answer_are_equal_answers(play: Play, surface: Surface) -> None:
    def say(_task: Task, number: int, *, is_over: bool) -> Answer:
        return bare(surface, is_over=is_over, link=f"{LINK}?X-Amz-Signature={number}&Expires={number}")

    async def scene(town: Town) -> None:
        towns.append(town)
        await town.bring_its_clip(most=600)

    towns: list[Town] = []
    play(surface, scene, Lies(status=as_it_stands(towns, say)))


@pytest.mark.parametrize("surface", LINKED)
def test_one_answer_for_all_tasks_is_believed_by_none(play: Play, surface: Surface) -> None:
    """A clip that is offered to two tasks without an id may be the clip of either."""

    def say(_task: Task, number: int, *, is_over: bool) -> Answer | None:
        link = f"{towns[0].gateway.origin}/media/{towns[0].gateway.of_order(1).id}.mp4"
        return bare(surface, is_over=is_over, link=link) if number < 60 else None

    async def scene(town: Town) -> None:
        towns.append(town)
        await town.order(2)
        await town.until_notified()

        assert town.has_own_clip(1)
        assert town.has_own_clip(2)

    towns: list[Town] = []
    play(surface, scene, Lies(status=as_it_stands(towns, say)))


@pytest.mark.parametrize("surface", LINKED)
def test_a_link_that_another_job_has_proves_nothing(play: Play, surface: Surface) -> None:
    """The first job has its clip already when its link is offered to the second without an id."""

    def say(task: Task, number: int, *, is_over: bool) -> Answer | None:
        if task.order == 1:
            return None
        if town_of(towns).job(1).state is not JobState.DONE:
            return Answer("document", 200, document(surface, RUNNING[surface]))
        link = f"{towns[0].gateway.origin}/media/{towns[0].gateway.of_order(1).id}.mp4"
        return bare(surface, is_over=is_over, link=link) if number < 60 else None

    async def scene(town: Town) -> None:
        towns.append(town)
        await town.order(2)
        await town.until_notified()

        assert town.has_own_clip(1)
        assert town.has_own_clip(2)

    towns: list[Town] = []
    play(surface, scene, Lies(status=as_it_stands(towns, say)))


def town_of(towns: list[Town]) -> Town:
    return towns[0]


@pytest.mark.parametrize("surface", LINKED)
def test_what_stays_unproved_is_reported_after_ten_minutes_and_lost_after_a_day(
    play: Play, surface: Surface
) -> None:
    """Its last link is shown, and `matinee jobs deliver` takes it."""

    def say(_task: Task, _number: int, *, is_over: bool) -> Answer:
        ours = f"{LINK}?token=abc"
        return renamed(surface, SUCCEEDED[surface], ours, "never-seen-before") if is_over else running

    async def scene(town: Town) -> None:
        towns.append(town)
        await town.order()
        await town.until(lambda: bool(town.alerts.raised_events))
        told_at = town.clock.monotonic()
        await town.until_notified()

        job, link = town.job(), f"{town.gateway.origin}/media/{town.gateway.of_order(1).id}.mp4?token=abc"
        assert 600 < told_at < 800
        assert [type(event) for event in town.alerts.raised_events] == [EndingUnproved, TaskLost]
        assert {link_of(event) for event in town.alerts.raised_events} == {link}
        assert (job.state, job.reason) == (JobState.LOST, words.UNPROVED)
        assert job.is_offered
        assert town.clock.monotonic() > 86_400
        assert not town.courier.brought

        await town.deliver()
        await town.until_notified(most=600)
        assert town.job().state is JobState.DONE
        assert town.has_own_clip()

    running = Answer("document", 200, document(surface, RUNNING[surface]))
    towns: list[Town] = []
    play(surface, scene, Lies(status=as_it_stands(towns, say)))


@pytest.mark.parametrize("surface", SURFACES)
def test_a_failure_that_names_no_task_ends_nothing_however_often_it_comes(
    play: Play, surface: Surface
) -> None:
    failed = says({"status": "failed", "error": {"message": "no capacity"}})

    def status(_task: Task, _number: int) -> Answer | None:
        return failed if towns[0].clock.monotonic() < 1800 else None

    async def scene(town: Town) -> None:
        towns.append(town)
        await town.bring_its_clip()

    towns: list[Town] = []
    play(surface, scene, Lies(status=status))


def test_anyints_completed_without_our_id_is_fetched_by_our_own_id(play: Play) -> None:
    """Its link is ignored: it may belong to any task."""
    body = {"id": OTHER_ID, "status": "completed", "download_url": f"/v1/videos/{OTHER_ID}/content"}

    async def scene(town: Town) -> None:
        await town.bring_its_clip(most=300)
        assert set(town.gateway.fetched) == {town.gateway.of_order(1).id}

    play(Surface.ANYINT, scene, Lies(status=lambda _task, _number: says({**body, "url": OTHER_LINK})))


def test_anyints_completed_without_our_id_does_not_hide_a_failure(play: Play) -> None:
    """Another task's end sends us to our own content route; it has nothing, and our task has failed."""

    async def scene(town: Town) -> None:
        await town.order()
        await town.until_notified(most=600)

        assert town.job().state is JobState.FAILED

    first = says({"id": OTHER_ID, "status": "completed"})
    play(
        Surface.ANYINT,
        scene,
        Lies(status=lambda _task, number: first if number < 5 else None, fates=[False]),
    )


@pytest.mark.parametrize("spelling", [" {} ", "{}%20", "\n{}"])
@pytest.mark.parametrize("surface", SURFACES)
def test_our_id_counts_in_any_spelling(play: Play, surface: Surface, spelling: str) -> None:
    def status(task: Task, _number: int) -> Answer | None:
        if not over(task, towns[0]):
            return None
        named = spelling.format(ID).replace("%20", "")
        encoded = task.id.replace("=", "%3D") if "%20" in spelling else named
        return Answer("spelled", 200, document(surface, SUCCEEDED[surface], task_id=encoded))

    async def scene(town: Town) -> None:
        towns.append(town)
        await town.bring_its_clip(most=60)

    towns: list[Town] = []
    play(surface, scene, Lies(status=status))


def test_new_api_wraps_klings_inner_id_in_its_own(play: Play) -> None:
    def status(task: Task, _number: int) -> Answer:
        is_over = over(task, towns[0])
        inner: dict[str, Any] = {"task_id": "kling-7", "task_status": "succeed" if is_over else "processing"}
        if is_over:
            inner["task_result"] = {"videos": [{"id": "v", "url": LINK}]}
        outer = "SUCCESS" if is_over else "IN_PROGRESS"
        data = {"task_id": ID, "status": outer, "progress": "50%", "fail_reason": "", "data": inner}
        return says({"code": "success", "message": "", "data": data})

    async def scene(town: Town) -> None:
        towns.append(town)
        await town.bring_its_clip(most=60)

    towns: list[Town] = []
    play(Surface.NATIVE, scene, Lies(status=status))


def test_an_answer_that_names_only_our_own_external_id_is_ours(play: Play) -> None:
    def status(task: Task, _number: int) -> Answer | None:
        data: dict[str, Any] = {"task_status": "succeed", "task_id": "new"}
        data["task_info"] = {"external_task_id": "matinee-1"}
        data["task_result"] = {"videos": [{"url": LINK}]}
        is_over = over(task, towns[0])
        return says({"code": 0, "message": "SUCCEED", "data": data}) if is_over else None

    async def scene(town: Town) -> None:
        towns.append(town)
        await town.bring_its_clip(most=60)

    towns: list[Town] = []
    play(Surface.NATIVE, scene, Lies(status=status), sends_job_id=True)


@pytest.mark.parametrize("echoed", [None, "matinee-2", "", "somebody-else"])
def test_a02_a_task_that_is_looked_up_and_not_ours_is_not_adopted(play: Play, echoed: str | None) -> None:
    """The order was never confirmed; the look-up by our own id finds alice's finished clip."""
    task: dict[str, object] = {
        "task_id": OTHER_ID,
        "task_status": "succeed",
        "task_info": {"external_task_id": echoed},
    }
    task["task_result"] = {"videos": [{"url": OTHER_LINK}]}

    async def scene(town: Town) -> None:
        await town.order()
        await town.until(lambda: town.clock.monotonic() > 90_000)

        assert town.job().state is JobState.UNKNOWN
        assert not town.courier.brought

    found = says({"code": 0, "message": "SUCCEED", "data": task})
    play(
        Surface.NATIVE,
        scene,
        Lies(looked_up=lambda _: found, lost_creates=1),
        sends_job_id=True,
    )


@pytest.mark.parametrize("is_listed", [False, True])
def test_a_task_that_is_looked_up_and_repeats_our_own_id_is_adopted(play: Play, *, is_listed: bool) -> None:
    task = {"task_id": ID, "task_status": "processing", "task_info": {"external_task_id": "matinee-1"}}

    async def scene(town: Town) -> None:
        await town.bring_its_clip()

    found = says({"code": 0, "message": "SUCCEED", "data": [task] if is_listed else task})
    play(
        Surface.NATIVE,
        scene,
        Lies(looked_up=lambda _: found, lost_creates=1),
        sends_job_id=True,
    )


# ------------------------------------------------------------ in memory


async def test_evidence_is_kept_for_doubtful_tasks_only_and_goes_with_the_job() -> None:
    identity = TaskIdentity()
    for number in range(1000):
        identity.note_unfinished(number, "anyint")
    assert len(identity) == 0

    identity.note_unfinished(1, "anyint", ("a", "b"))
    identity.note_unfinished(1, "anyint", tuple(f"x{number}" for number in range(1000)))
    clip = Finished(Result(url="https://clips.example/1.mp4", seen_at=START))
    assert await identity.is_proved(1, "anyint", Unproved(clip, ("a",)), 0.0)
    assert not await identity.is_proved(1, "anyint", Unproved(clip, ("x999",)), 0.0)

    identity.forget(1)
    assert len(identity) == 0
    assert not await identity.is_proved(1, "anyint", Unproved(clip, ("a",)), 0.0)


async def test_an_id_that_several_tasks_go_by_is_no_tasks_id() -> None:
    """A field such as `group_id` stands in every answer: it neither proves nor denies anything."""
    identity = TaskIdentity()
    for number in (1, 2):
        identity.note_unfinished(number, "anyint", ("default",))
    clip = Finished(Result(url="https://clips.example/1.mp4", seen_at=START))

    proved = [await identity.is_proved(1, "anyint", Unproved(clip, ("default",)), at) for at in (0, 61, 122)]

    assert proved == [False, False, True]


async def test_a_failure_in_an_envelope_that_names_our_task_counts_when_it_lasts() -> None:
    identity = TaskIdentity()
    unproved = Unproved(Failed("failed", "temporarily unavailable"), names_task=True)

    proved = [await identity.is_proved(1, "anyint", unproved, at) for at in (0, 30, 60, 119, 120)]

    assert proved == [False, False, False, False, True]


async def test_two_equal_answers_are_too_few_however_far_apart() -> None:
    identity = TaskIdentity()
    unproved = Unproved(Failed("failed", "temporarily unavailable"), names_task=True)

    proved = [await identity.is_proved(1, "anyint", unproved, at) for at in (0, 600, 601)]

    assert proved == [False, False, True]


def clip_at(link: str, *ids: str) -> Unproved:
    return Unproved(Finished(Result(url=link, seen_at=START)), ids)


STRANGERS: Final = "https://clips.example/strangers.mp4"
OURS: Final = "https://clips.example/ours.mp4"


@pytest.mark.parametrize("times", [1, 2])
async def test_one_odd_answer_about_another_task_offers_no_link(times: int) -> None:
    identity = TaskIdentity()
    for at in range(times):
        await identity.is_proved(1, "anyint", clip_at(STRANGERS, "another"), at)

    assert await identity.offered_link(1) is None


async def test_odd_answers_between_others_offer_no_link() -> None:
    identity = TaskIdentity()
    for at in range(9):
        await identity.is_proved(1, "anyint", clip_at(STRANGERS, "another"), at)
        if at % 2:
            identity.note_unfinished(1, "anyint")

    assert await identity.offered_link(1) is None


async def test_an_odd_answer_takes_no_link_from_those_that_named_no_task() -> None:
    identity = TaskIdentity()
    await identity.is_proved(1, "anyint", clip_at(OURS), 0.0)
    for at in range(9):
        await identity.is_proved(1, "anyint", clip_at(STRANGERS, "another"), at)

    assert await identity.offered_link(1) == OURS


async def test_an_id_that_was_seen_while_the_task_ran_offers_its_link_at_once() -> None:
    identity = TaskIdentity()
    identity.note_unfinished(1, "anyint", ("alias",))
    identity.note_unfinished(2, "anyint", ("alias",))
    await identity.is_proved(1, "anyint", clip_at(OURS, "alias"), 0.0)

    assert await identity.offered_link(1) == OURS


@pytest.mark.parametrize(
    ("states", "offered"),
    [((), OURS), ((JobState.UNKNOWN,), OURS), ((JobState.RUNNING,), None), ((JobState.DONE,), None)],
)
@pytest.mark.parametrize("ids", [(), ("new",)])
async def test_a_link_that_may_be_another_jobs_is_never_offered(
    states: tuple[JobState, ...], offered: str | None, ids: tuple[str, ...]
) -> None:
    claims: list[TaskClaim] = []

    async def rivals(claim: TaskClaim) -> tuple[JobState, ...]:
        claims.append(claim)
        return states

    identity = TaskIdentity(rivals)
    for at in range(3):
        await identity.is_proved(1, "anyint", clip_at(OURS, *ids), at)

    assert await identity.offered_link(1) == offered
    assert claims[-1] == TaskClaim(1, "anyint", ids, link_mark(OURS))


async def test_an_answer_that_the_task_runs_starts_a_new_row_of_equal_endings() -> None:
    identity, proved = TaskIdentity(), list[bool]()

    for at in (0, 60, 120, 180, 240):
        proved.append(await identity.is_proved(1, "anyint", clip_at(OURS), at))
        if at == 60:
            identity.note_unfinished(1, "anyint")

    assert proved == [False, False, False, False, True]


@pytest.mark.parametrize(
    ("states", "is_believed"),
    [
        ([], True),
        ([JobState.UNKNOWN], True),
        ([JobState.DONE], False),
        ([JobState.UNKNOWN, JobState.RUNNING], False),
    ],
)
@pytest.mark.parametrize("ids", [(), ("alias",)])
async def test_an_order_in_doubt_holds_up_no_clip_that_came_three_times_over_two_minutes(
    states: list[JobState], ids: tuple[str, ...], *, is_believed: bool
) -> None:
    """An order may be in doubt for a week; other tasks of its gateway get their clips meanwhile."""
    identity = TaskIdentity(rivals_in(states))
    identity.note_unfinished(1, "anyint", ids)

    _, _, proved = [await identity.is_proved(1, "anyint", clip_at(OURS, *ids), at) for at in (0, 60, 120)]

    assert proved == is_believed


@pytest.mark.parametrize(
    ("states", "is_tried"),
    [
        ([], True),
        ([JobState.UNKNOWN], True),
        ([JobState.DONE], False),
        ([JobState.UNKNOWN, JobState.RUNNING], False),
    ],
)
async def test_a_link_beside_an_unknown_state_is_tried_once_it_lasts_and_no_other_task_has_it(
    states: list[JobState], *, is_tried: bool
) -> None:
    clip = Result(url=OURS, seen_at=START, is_proved=False)
    unproved = Unproved(Finished(clip), names_task=True, by_id=clip)
    identity, tried = TaskIdentity(rivals_in(states)), list[bool]()

    for at in (0, 60, 120):
        assert not await identity.is_proved(1, "anyint", unproved, at)
        tried.append(await identity.may_fetch(1, "anyint", unproved, at))

    assert tried == [False, False, is_tried]


def rivals_in(states: list[JobState]) -> Rivals:
    async def rivals(_: TaskClaim) -> list[JobState]:
        return states

    return rivals


async def test_a_clip_that_is_not_there_by_our_own_id_is_tried_every_ten_minutes_at_least() -> None:
    identity = TaskIdentity()
    by_id = Result(url=None, seen_at=START, is_proved=False)
    unproved = replace(clip_at(STRANGERS, "another"), by_id=by_id)
    for _ in range(20):
        identity.fetch_failed(1, "anyint", 0.0)

    tried = [await identity.may_fetch(1, "anyint", unproved, at) for at in (599, 600)]

    assert tried == [False, True]


async def test_equal_answers_about_two_tasks_prove_neither() -> None:
    identity = TaskIdentity()

    proved = [
        await identity.is_proved(job_id, "anyint", clip_at(OURS), at)
        for at in (0, 60, 120, 180)
        for job_id in (1, 2)
    ]

    assert not any(proved)


async def test_an_ending_that_changed_or_whose_task_is_over_delays_no_other_task() -> None:
    identity = TaskIdentity()
    for job_id in (1, 2):
        identity.note_unfinished(job_id, "anyint", ("alias",))
        await identity.is_proved(job_id, "anyint", clip_at(OURS), 0.0)
    await identity.is_proved(1, "anyint", clip_at(STRANGERS), 1.0)
    identity.forget(2)

    proved = [await identity.is_proved(3, "anyint", clip_at(OURS), at) for at in (0, 60, 120)]

    assert proved == [False, False, True]
    assert await identity.is_proved(1, "anyint", clip_at(OURS, "alias"), 121.0), "it goes by that alone now"


async def test_tasks_that_come_and_go_leave_no_evidence_behind() -> None:
    identity = TaskIdentity()
    before = pickle.dumps(identity)

    for job_id in range(9):
        identity.note_unfinished(job_id, "anyint", (f"alias-{job_id}",))
        for link in (OURS, STRANGERS, f"{OURS}?{job_id}"):
            await identity.is_proved(job_id, "anyint", clip_at(link), 0.0)
        identity.forget(job_id)

    assert pickle.dumps(identity) == before


async def test_an_ending_that_has_no_link_takes_none_away() -> None:
    identity = TaskIdentity()
    await identity.is_proved(1, "anyint", clip_at(OURS), 0.0)
    await identity.is_proved(1, "anyint", Unproved(Failed("failed", "no capacity")), 1.0)

    assert await identity.offered_link(1) == OURS


async def test_odd_answers_between_endings_that_named_no_task_offer_no_link() -> None:
    identity = TaskIdentity()
    for at in range(9):
        failed = Unproved(Failed("failed", "no capacity"))
        await identity.is_proved(1, "anyint", failed if at % 2 else clip_at(STRANGERS, "another"), at)

    assert await identity.offered_link(1) is None


@pytest.mark.parametrize(
    "endings",
    [
        [Failed("failed", "no capacity"), Failed("failed", "try later"), Failed("failed", "no capacity")],
        [Failed("failed", "over"), Failed("expired", "over"), Failed("cancelled", "over")],
    ],
)
async def test_failures_in_an_envelope_that_differ_are_not_equal_answers(endings: list[Failed]) -> None:
    identity = TaskIdentity()

    proved = [
        await identity.is_proved(1, "anyint", Unproved(ending, names_task=True), 60.0 * number)
        for number, ending in enumerate(endings)
    ]

    assert not any(proved)


def test_a_clip_is_fetched_by_our_own_id_before_any_link_of_an_answer_that_did_not_name_it() -> None:
    ending = Finished(Result(url=OURS, seen_at=START, others=(STRANGERS,), seconds=5))
    unproved = Unproved(ending, ("alias",), by_id=Result(url=None, seen_at=START, is_proved=False))

    assert as_believed(unproved) == Finished(replace(ending.result, url=None, others=(OURS, STRANGERS)))


def test_evidence_is_small() -> None:
    assert not hasattr(Evidence("anyint"), "__dict__")
