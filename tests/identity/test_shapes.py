"""Shapes in which gateways of this family answer, and where they put the clip."""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass, replace
from typing import Any, Final

import pytest

from core.dispatch import end_reasons as words
from core.model.job import JobState
from providers.replies import statuses
from providers.replies.clip_links import clip_links
from tests.identity.town import NO_LIES, Lies, Play, Town, says
from tests.stranger.made_up.answers import CLIP, ID, LINK, Answer
from tests.stranger.made_up.documents import FAILED, RUNNING, SUCCEEDED, Surface, document
from tests.stranger.made_up.gateway import Task

SURFACES: Final = list(Surface)
LINKED: Final = [Surface.NATIVE, Surface.WORLDROUTER]
NOT_FOUND: Final = says({"error": {"message": "content is not here"}}, 404)

RELATIVE: Final = ["/media/@ID@.mp4", "//host/media/@ID@.mp4", f"{'../' * 9}media/@ID@.mp4?a=1"]
PLACES: Final[dict[str, dict[str, Any]]] = {
    "metadata.url": {"metadata": {"url": LINK}},
    "result_url": {"result_url": LINK},
    "video_url": {"video_url": LINK},
    "url": {"url": LINK},
    "output": {"output": LINK},
    "output.url": {"output": {"url": LINK}},
    "video.url": {"video": {"url": LINK}},
    "results[]": {"results": [LINK]},
    "results[].url": {"results": [{"url": LINK}]},
    "unsigned_urls[]": {"unsigned_urls": [LINK]},
    "task_result.videos[].url": {"task_result": {"videos": [{"url": LINK}]}},
    "outputs[].url": {"outputs": [{"url": LINK}]},
    "fail_reason": {"fail_reason": LINK},
    "error": {"error": LINK},
}


@dataclass
class At:
    """Says something once a task is over, and the truth before."""

    surface: Surface
    over: dict[str, Any]
    towns: list[Town]

    def __call__(self, task: Task, _number: int) -> Answer:
        if self.towns[0].clock.monotonic() < task.ends_at:
            return Answer("document", 200, document(self.surface, RUNNING[self.surface]))
        return says(self.over)


def delivered_by(play: Play, surface: Surface, over: dict[str, Any], lies: Lies = NO_LIES) -> Town:
    """Play one order that ends with this answer; its clip has to arrive within some minutes."""
    towns: list[Town] = []

    async def scene(town: Town) -> None:
        towns.append(town)
        await town.order()
        await town.until_notified(most=400)

        assert town.has_own_clip(), (town.job().state, town.job().reason)

    play(surface, scene, replace(lies, status=At(surface, over, towns)))
    return towns[0]


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("content", [NOT_FOUND, says("Bad gateway", 502)], ids=["404", "502"])
def test_where_anyints_content_route_fails_for_good_a_link_in_the_status_is_taken(
    play: Play, place: str, content: Answer
) -> None:
    body = {"id": ID, "object": "video", "status": "completed", **PLACES[place]}
    town = delivered_by(play, Surface.ANYINT, body, Lies(content=lambda _task, _number: content))
    asked = [path for path, _ in town.gateway.keys if path.endswith("/content") or path.startswith("media/")]

    assert asked[0].endswith("/content"), "the content route comes first"
    assert asked[-1].startswith("media/")


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("surface", LINKED)
def test_a_link_counts_wherever_it_stands(play: Play, surface: Surface, place: str) -> None:
    body: dict[str, Any] = {"id": ID, "status": SUCCEEDED[surface], **PLACES[place]}
    delivered_by(play, surface, body)


@pytest.mark.parametrize("place", [place for place in PLACES if place not in {"fail_reason", "error"}])
@pytest.mark.parametrize("link", RELATIVE)
@pytest.mark.parametrize("surface", SURFACES)
def test_a_link_without_its_host_leads_to_where_the_answer_came_from(
    play: Play, surface: Surface, link: str, place: str
) -> None:
    towns: list[Town] = []
    over = {"id": ID, "status": SUCCEEDED[surface], **PLACES[place]}

    def status(task: Task, _number: int) -> Answer | None:
        host = towns[0].gateway.origin.removeprefix("http:")
        here = json.loads(json.dumps(over).replace(LINK, link.replace("//host", host)))
        return says(here) if towns[0].clock.monotonic() >= task.ends_at else None

    async def scene(town: Town) -> None:
        towns.append(town)
        await town.order()
        await town.until_notified(most=300)

        assert town.has_own_clip(), (town.job().state, town.job().reason)

    play(surface, scene, Lies(status=status, content=lambda _task, _number: NOT_FOUND))


@pytest.mark.parametrize("surface", SURFACES)
def test_the_clips_link_in_fail_reason_is_no_complaint(play: Play, surface: Surface) -> None:
    """new-api's older form: a task that is finished has its link there."""
    inner = {"task_id": ID, "status": "SUCCESS", "progress": "100%", "fail_reason": LINK}
    delivered_by(play, surface, {"code": "success", "message": "", "data": inner})


ASKED: Final = "https://gateway.example/v1/videos/t-1"
THERE: Final = "https://clips.example/t-1.mp4"
LINKS: Final[list[dict[str, Any]]] = [
    *(json.loads(json.dumps(place).replace(LINK, THERE)) for place in PLACES.values()),
    *({bag: {"video_url": THERE}} for bag in ("content", "output", "result")),
    *({bag: {"url": THERE}} for bag in ("content", "result")),
    *({name: THERE} for name in ("result", "video", "download_url")),
    *({"videos": [clip]} for clip in (THERE, {"url": THERE}, {"video_url": THERE})),
]


@pytest.mark.parametrize("body", LINKS, ids=json.dumps)
def test_a_link_is_found_in_each_of_its_places(body: dict[str, Any]) -> None:
    assert clip_links(body, ASKED) == (THERE,)
    assert clip_links({"data": [body]}, ASKED, has_own_route=True) == (THERE,)


def test_what_is_innermost_comes_first_each_link_once_and_eight_at_most() -> None:
    within = {"url": f"{THERE}?inside", "video_url": THERE}
    many = [f"{THERE}?{number}" for number in range(9)]

    assert clip_links({"url": THERE, "output": f"{THERE}?outside", "data": within}, ASKED) == (
        THERE,
        f"{THERE}?inside",
        f"{THERE}?outside",
    )
    assert clip_links({"outputs": many, "videos": [f"{THERE}?last"]}, ASKED) == tuple(many[:8])
    assert clip_links({"results": [many[0], *["words"] * 7, many[1]], "videos": [THERE]}, ASKED) == (
        many[0],
        THERE,
    )


@pytest.mark.parametrize(
    ("link", "there"),
    [
        ("/t-1.mp4", "/t-1.mp4"),
        ("./t-1.mp4", "/v1/videos/t-1.mp4"),
        ("../t-1", "/v1/t-1"),
        ("?clip=1", "/v1/videos/t-1?clip=1"),
        ("a/t-1.mp4?b=1", "/v1/videos/a/t-1.mp4?b=1"),
        ("t-1.m4v#t=1", "/v1/videos/t-1.m4v#t=1"),
        ("T-1.MOV", "/v1/videos/T-1.MOV"),
        *((words, None) for words in ("done", "a clip.mp4", "see:t-1.mp4", "t-1.mp4 is made", "a\\t-1.mp4")),
        *((words, None) for words in ("/t-\0001.mp4", "//[t-1/a.mp4", "t-1.txt", "")),
    ],
)
def test_words_that_are_a_path_lead_to_the_gateway_and_others_nowhere(link: str, there: str | None) -> None:
    resolved = () if there is None else (f"https://gateway.example{there}",)

    assert clip_links({"video": link}, ASKED) == resolved
    assert clip_links({"videos": [link]}, ASKED) == resolved


@pytest.mark.parametrize("place", ["fail_reason", "error"])
def test_a_path_in_a_complaint_is_none(place: str) -> None:
    assert clip_links({place: "/t-1.mp4"}, ASKED) == ()


def test_a_path_in_download_url_is_read_by_the_surface_that_has_a_route_for_it() -> None:
    assert clip_links({"download_url": "/t-1"}, ASKED, has_own_route=True) == ()
    assert clip_links({"download_url": "/t-1"}, ASKED) == ("https://gateway.example/t-1",)
    assert clip_links({"download_url": "//cdn.example/t-1"}, ASKED, has_own_route=True) == (
        "https://cdn.example/t-1",
    )
    assert clip_links({"url": "/t-1"}, ASKED, has_own_route=True) == ("https://gateway.example/t-1",)


def test_completed_with_an_error_text_and_no_link_is_fetched_by_its_content_route(play: Play) -> None:
    body = {"id": ID, "status": "completed", "error": {"message": "the watermark could not be removed"}}
    delivered_by(play, Surface.ANYINT, body)


def test_completed_with_an_error_text_is_believed_when_the_content_route_has_nothing(play: Play) -> None:
    towns: list[Town] = []

    async def scene(town: Town) -> None:
        towns.append(town)
        await town.order()
        await town.until_notified(most=600)

        assert town.job().state is JobState.FAILED
        assert "no frames" in str(town.job().reason)
        assert len(town.gateway.fetched) == 3

    body = {"id": ID, "status": "completed", "error": {"message": "no frames"}}
    lies = Lies(status=At(Surface.ANYINT, body, towns), content=lambda _task, _number: NOT_FOUND)
    play(Surface.ANYINT, scene, lies)


@pytest.mark.parametrize("place", ["metadata.url", "url", "video_url", "output", "results[].url"])
def test_content_that_is_json_with_a_link_is_followed_once(play: Play, place: str) -> None:
    note = says(PLACES[place])
    town = delivered_by(
        play,
        Surface.ANYINT,
        {"id": ID, "status": "completed"},
        Lies(content=lambda _task, number: note if number == 0 else None),
    )

    last = [path.split("/")[-1] for path, _ in town.gateway.keys][-2:]
    assert last == ["content", f"{town.gateway.of_order(1).id}.mp4"]


def test_content_that_is_json_with_a_link_to_json_with_a_link_is_not_followed_on(play: Play) -> None:
    """It is tried again like a clip that breaks off, until it is one."""
    body = {"id": ID, "status": "completed"}

    def note(_task: Task, number: int) -> Answer | None:
        return says({"url": LINK}) if number < 4 else None

    town = delivered_by(play, Surface.ANYINT, body, Lies(content=note, media=note))

    assert len(town.gateway.fetched) >= 5


@pytest.mark.parametrize("inside", ["processing", "submitted", "succeed"])
def test_a_layer_that_names_our_task_and_has_failed_ends_it_whatever_is_inside(
    play: Play, inside: str
) -> None:
    """new-api has timed the task out; Kling's own body inside is that of the last time it looked."""
    inner = {"task_id": "kling-7", "task_status": inside, "task_result": {"videos": [{"url": LINK}]}}
    outer = {"task_id": ID, "status": "FAILURE", "fail_reason": "task timeout", "data": inner}

    async def scene(town: Town) -> None:
        await town.order()
        await town.until_notified(most=60)

        assert town.job().state is JobState.FAILED
        assert "task timeout" in str(town.job().reason)

    timed_out = says({"code": "success", "message": "", "data": outer})
    play(Surface.NATIVE, scene, Lies(status=lambda _task, _number: timed_out))


@pytest.mark.parametrize("surface", SURFACES)
@pytest.mark.parametrize(
    "word",
    [
        *("processing", "In-Progress", "warming up", "в работе", "TASK_STATUS_RUNNING", "50 %"),
        *(2, 3, 0, True, False, ["processing"], {"state": 2}, None, "", []),
    ],
)
def test_a_success_around_a_task_that_goes_on_ends_nothing(
    play: Play, surface: Surface, word: object
) -> None:
    towns: list[Town] = []
    inner = {"id": ID, "task_id": ID, "task_status": word, "status": word}
    wrapped = says({"status": "success", "code": "success", "id": ID, "data": inner})

    def status(_task: Task, _number: int) -> Answer | None:
        return wrapped if towns[0].clock.monotonic() < 900 else None

    async def scene(town: Town) -> None:
        towns.append(town)
        await town.bring_its_clip()
        assert surface is Surface.ANYINT or town.clock.monotonic() > 900

    play(surface, scene, Lies(status=status))


@pytest.mark.parametrize("surface", SURFACES)
def test_data_as_a_list_of_one_is_read(play: Play, surface: Surface) -> None:
    inner: dict[str, Any] = json.loads(document(surface, SUCCEEDED[surface]))
    inner = inner.get("data", inner)
    delivered_by(play, surface, {"code": 0, "message": "SUCCEED", "data": [inner]})


WRAPPED: Final[dict[str, str]] = {
    "a list": "[%s]",
    "a list with another's": '[{"id": "another", "task_id": "another", "status": "failed"}, %s]',
    "two documents": '%s\n{"ok": true}',
    "behind a comment": "/* 7 */ %s",
    "events": "data: %s\n\ndata: [DONE]\n\n",
    "result": '{"result": %s}',
    "response": '{"response": %s, "request_id": "7"}',
    "output": '{"output": %s}',
    "task": '{"task": %s}',
    "video": '{"video": %s}',
    "job": '{"job": %s}',
    "a line break in a string": '{"data": %s, "prompt": "a boat\nin the rain"}',
    "a long echo": '{"data": %s, "echo": "' + "x" * 400_000 + '"}',
}


@pytest.mark.parametrize("surface", SURFACES)
@pytest.mark.parametrize("wrapped", WRAPPED.values(), ids=WRAPPED.keys())
def test_a_gateway_that_wraps_every_answer_in_its_own_way_loses_no_clip(
    play: Play, surface: Surface, wrapped: str
) -> None:
    towns: list[Town] = []

    def status(task: Task, _number: int) -> Answer:
        is_over = towns[0].clock.monotonic() >= task.ends_at
        words = (SUCCEEDED if is_over else RUNNING)[surface]
        return Answer("wrapped", 200, wrapped % document(surface, words))

    async def scene(town: Town) -> None:
        towns.append(town)
        await town.bring_its_clip(most=300)

    play(surface, scene, Lies(status=status))


def with_status(surface: Surface, word: object) -> dict[str, Any]:
    """Write a finished task's document with another word in the place of its status."""
    written = document(surface, SUCCEEDED[surface])
    over: dict[str, Any] = json.loads(written.replace(json.dumps(SUCCEEDED[surface]), json.dumps(word)))
    return over


@pytest.mark.parametrize(
    "word",
    [
        *("ready", "已完成", "COMPLETED!", "2", "TASK_STATUS_SUCCEED", "partial"),
        *(2, 3, 0, 200, 2.5, True, False, ["completed"], {"state": "completed"}),
    ],
    ids=json.dumps,
)
@pytest.mark.parametrize("surface", SURFACES)
def test_a_finished_task_with_an_unknown_state_is_fetched(play: Play, surface: Surface, word: object) -> None:
    delivered_by(play, surface, with_status(surface, word))


@pytest.mark.parametrize("word", ["warming up", 3, ["failed"], True])
@pytest.mark.parametrize("surface", SURFACES)
def test_a_running_task_with_an_unknown_state_and_its_link_already_is_waited_for(
    play: Play, surface: Surface, word: object
) -> None:
    early = with_status(surface, word)
    towns: list[Town] = []

    def not_yet(_task: Task, _number: int) -> Answer | None:
        return NOT_FOUND if towns[0].clock.monotonic() < 3 * 3600 else None

    async def scene(town: Town) -> None:
        towns.append(town)
        await town.bring_its_clip(most=5 * 3600)
        assert len(town.gateway.fetched) < 40

    lies = Lies(status=lambda _task, _number: says(early), content=not_yet, media=not_yet)
    play(surface, scene, lies)


@pytest.mark.parametrize("surface", LINKED)
def test_one_link_that_several_tasks_have_beside_an_unknown_state_counts_for_none(
    play: Play, surface: Surface
) -> None:
    """It may be a sample, or what is shown until the clip is there."""
    towns: list[Town] = []

    def status(_task: Task, _number: int) -> Answer | None:
        town = towns[0]
        if town.clock.monotonic() > 3600:
            return None
        sample = f"{town.gateway.origin}/media/{town.gateway.of_order(1).id}.mp4"
        return says(json.loads(json.dumps(with_status(surface, "warming up")).replace(LINK, sample)))

    async def scene(town: Town) -> None:
        towns.append(town)
        await town.order(2)
        await town.until_notified()

        assert town.has_own_clip(1)
        assert town.has_own_clip(2)

    play(surface, scene, Lies(status=status))


@pytest.mark.parametrize("surface", LINKED)
def test_an_unconfirmed_order_keeps_no_clip_from_a_task_with_an_unknown_state(
    play: Play, surface: Surface
) -> None:
    towns: list[Town] = []

    def status(task: Task, _number: int) -> Answer | None:
        is_over = towns[0].clock.monotonic() >= task.ends_at
        return says(with_status(surface, "ready")) if is_over else None

    async def scene(town: Town) -> None:
        towns.append(town)
        await town.order(2)
        await town.until(lambda: town.job(1).state is JobState.UNKNOWN, most=60)
        await town.until_notified(2, most=400)

        assert town.has_own_clip(2)

    play(surface, scene, Lies(status=status, lost_creates=1))


@pytest.mark.parametrize("surface", SURFACES)
@pytest.mark.parametrize("names", [("task_status", "SUCCEEDED"), ("state", "success"), ("status", "Success")])
def test_a_status_is_read_under_each_of_its_names(
    play: Play, surface: Surface, names: tuple[str, str]
) -> None:
    name, word = names
    delivered_by(play, surface, {"request_id": "7", "output": {"task_id": ID, name: word, "video_url": LINK}})


@pytest.mark.parametrize("surface", SURFACES)
@pytest.mark.parametrize("is_whole", [True, False], ids=["all of it", "data"])
def test_json_in_a_string_is_read(play: Play, surface: Surface, *, is_whole: bool) -> None:
    inner = document(surface, SUCCEEDED[surface])
    over = json.dumps(inner) if is_whole else json.dumps({"code": 0, "data": inner})
    towns: list[Town] = []

    def status(task: Task, _number: int) -> Answer | None:
        is_over = towns[0].clock.monotonic() >= task.ends_at
        return Answer("a string", 200, over) if is_over else None

    async def scene(town: Town) -> None:
        towns.append(town)
        await town.bring_its_clip(most=300)

    play(surface, scene, Lies(status=status))


@pytest.mark.parametrize("surface", SURFACES)
def test_in_a_list_of_several_only_our_own_task_counts(play: Play, surface: Surface) -> None:
    inner: dict[str, Any] = json.loads(document(surface, SUCCEEDED[surface]))
    inner = inner.get("data", inner)
    other = {"id": "another", "task_id": "another", "status": "failed", "task_status": "failed"}
    delivered_by(play, surface, {"code": 0, "message": "SUCCEED", "data": [other, inner, other]})


@pytest.mark.parametrize(
    "word",
    [
        *("unknown", "initializing", "preparing", "preprocessing", "queueing", "inqueue", "inprogress"),
        *("queued", "in_progress", "In-Progress", "never heard of"),
        *(2, 3, 0, True, False, ["completed"], ["failed"], {"state": "failed"}, None),
    ],
)
@pytest.mark.parametrize("surface", SURFACES)
def test_a_state_that_waits_waits(play: Play, surface: Surface, word: object) -> None:
    towns: list[Town] = []
    running = document(surface, RUNNING[surface]).replace(json.dumps(RUNNING[surface]), json.dumps(word))
    waiting = Answer("document", 200, running)

    def status(_task: Task, _number: int) -> Answer | None:
        return waiting if towns[0].clock.monotonic() < 3600 else None

    async def scene(town: Town) -> None:
        towns.append(town)
        await town.bring_its_clip()

    play(surface, scene, Lies(status=status))


@pytest.mark.parametrize("word", ["aborted", "blocked", "nsfw", "content_filtered", "content_moderated"])
@pytest.mark.parametrize("surface", SURFACES)
def test_a_state_that_has_failed_has_failed(play: Play, surface: Surface, word: str) -> None:
    async def scene(town: Town) -> None:
        await town.order()
        await town.until_notified(most=60)

        assert town.job().state is JobState.FAILED

    over = Answer("document", 200, document(surface, word, why="not allowed"))
    play(surface, scene, Lies(status=lambda _task, _number: over))


def test_a17_unknown_words_are_not_kept_for_ever(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("providers.replies.statuses._unknown_spellings", set[str]())

    with caplog.at_level(logging.WARNING, "providers"):
        for number in range(2000):
            statuses.state(f"{number} " + "x" * 200_000)

    assert 0 < len(caplog.records) <= 100
    assert all(len(record.getMessage()) < 120 for record in caplog.records)


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ({"seconds": "4"}, "4 s"),
        ({"seconds": 4}, "4 s"),
        ({"model": "kling-v1-6", "seconds": "4"}, "4 s of kling-v1-6"),
        ({"model": "openai/kling-v1-6"}, "openai/kling-v1-6"),
        ({"seconds": "5"}, None),
        ({"model": "kling-3.0"}, None),
        ({"model": "kling/Kling-3.0", "seconds": "5"}, None),
        ({"seconds": "soon", "model": 7}, None),
    ],
)
def test_what_the_gateway_made_instead_of_what_was_ordered_is_noted(
    play: Play, said: dict[str, Any], shown: str | None
) -> None:
    body = {"id": ID, "status": "completed", "model": "kling-3.0", **said}
    town = delivered_by(play, Surface.ANYINT, body)

    assert words.made_otherwise(town.job()) == shown


# ------------------------------------------------------------ another dialect


def test_an_openai_style_server_that_is_not_anyint_makes_its_clip_all_the_same(play: Play) -> None:
    """`queued` and `in_progress`, no `download_url`, a long id, content that is too early answers 404."""
    towns: list[Town] = []

    def status(task: Task, number: int) -> Answer:
        is_over = towns[0].clock.monotonic() >= task.ends_at
        state = "completed" if is_over else ("queued" if number == 0 else "in_progress")
        body: dict[str, Any] = {"id": ID, "object": "video", "status": state, "model": "kling-3.0"}
        body |= {"created_at": 1772366400, "seconds": "5", "size": "1280x720", "progress": 100 * is_over}
        return says({**body, "error": None, "expires_at": None, "remixed_from_video_id": None})

    def content(_task: Task, number: int) -> Answer | None:
        attached = (("Content-Disposition", 'attachment; filename="video.mp4"'),)
        return NOT_FOUND if number < 2 else Answer("clip", 200, CLIP, "video/mp4", headers=attached)

    async def scene(town: Town) -> None:
        towns.append(town)
        await town.bring_its_clip(most=200)
        assert len(town.gateway.of_order(1).id) > 250

    play(Surface.ANYINT, scene, Lies(status=status, content=content))


@pytest.mark.parametrize("surface", SURFACES)
def test_500_for_one_task_that_is_unknown_holds_up_no_other(play: Play, surface: Surface) -> None:
    """OpenAI-style servers answer so: the other task is asked about and arrives, as if nothing were."""

    def status(task: Task, _number: int) -> Answer | None:
        return says({"error": {"message": "internal error"}}, 500) if task.order == 1 else None

    async def scene(town: Town) -> None:
        await town.order(2)
        await town.until_notified(2, most=600)

        assert town.has_own_clip(2)

    play(surface, scene, Lies(status=status))


@pytest.mark.parametrize("surface", SURFACES)
def test_an_error_text_beside_a_failure_is_that_of_the_gateway(play: Play, surface: Surface) -> None:
    async def scene(town: Town) -> None:
        await town.order()
        await town.until_notified(most=60)

        assert "too dark" in str(town.job().reason)

    over = Answer("document", 200, document(surface, FAILED[surface][0], why="The picture is too dark"))
    play(surface, scene, Lies(status=lambda _task, _number: over))
