"""Whatever stands in an answer, over HTTP: without our id it ends nothing, and nothing breaks."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.model.errors import CheckFailed, Silence, TaskMissing
from core.model.job import Ticket
from core.ports import Failed, Finished, Progress, Provider, Unlocated, Unproved, Working
from providers import Network, build, open_network
from providers.http.access import Access
from storage.memory.stores import MemoryReplyLog
from tests.providers.world import VirtualClock
from tests.stranger.made_up.answers import Answer
from tests.stranger.made_up.documents import Surface
from tests.stranger.made_up.wire import Request, Sent, Server

OURS: Final = "video_a%2Fb+c/d=="
_WORDS: Final = st.sampled_from(
    [
        *("completed", "failed", "succeed", "SUCCESS", "FAILURE", "error", "processing", "nsfw", "queued"),
        *("https://clips.example/a.mp4", "not ours", "", "null", "7", '{"task_id": "another"}'),
    ]
)
_KEYS: Final = st.sampled_from(
    [
        *("id", "task_id", "taskId", "job", "uuid", "request_id", "status", "task_status", "data", "error"),
        *("message", "code", "fail_reason", "url", "content", "video_url", "task_result", "videos", "output"),
        *("metadata", "progress", "download_url", "results", "model", "seconds", "external_task_id"),
    ]
)
_LEAVES: Final = _WORDS | st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False)
_VALUES: Final = st.recursive(
    _LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_KEYS, inner, max_size=5),
    max_leaves=20,
)
BODIES: Final = st.dictionaries(_KEYS, _VALUES, max_size=8)


@dataclass
class Line:
    """A provider at the other end of a wire, and what is on it."""

    runner: asyncio.Runner
    providers: Mapping[str, Provider]
    body: bytes = b""
    status: int = 200

    def ask(self, surface: str, task_id: str = OURS) -> Progress | CheckFailed | TaskMissing:
        provider = self.providers[surface]
        ticket = Ticket(
            provider=surface, task_id=task_id, family="videos", base_url=self.base, key_fingerprint=self.key
        )
        try:
            return self.runner.run(provider.check(ticket))
        except (CheckFailed, TaskMissing) as error:
            return error

    base: str = ""
    key: str = ""


@pytest.fixture(scope="module")
def line() -> Iterator[Line]:
    with asyncio.Runner() as runner:
        made = Line(runner, {})

        def answer(_: Request) -> Sent:
            return Sent(Answer("any", made.status), made.body)

        server = Server(answer)
        made.base = runner.run(server.listen())
        opened = open_network(clock=VirtualClock(), allowed_hosts={made.base.removeprefix("http://")})
        network: Network = runner.run(opened.__aenter__())
        made.key = Access.to(made.base, "k", network.addresses).fingerprint
        made.providers = build(
            list(Surface),
            keys={"anyint": "k", "worldrouter": "k"},
            base_urls={"anyint": made.base, "worldrouter": made.base},
            network=network,
            replies=MemoryReplyLog(),
        )
        yield made
        runner.run(opened.__aexit__(None, None, None))
        runner.run(server.close())


@pytest.mark.parametrize("surface", list(Surface))
@given(body=BODIES)
def test_what_does_not_name_our_task_ends_nothing(line: Line, surface: Surface, body: dict[str, Any]) -> None:
    line.body, line.status = json.dumps(body).encode(), 200

    answer = line.ask(surface)

    assert isinstance(answer, Working | Unproved), answer
    if isinstance(answer, Unproved):
        assert not answer.names_task
        assert answer.by_id is None or (surface is Surface.ANYINT and not answer.by_id.is_proved)


@pytest.mark.parametrize("surface", list(Surface))
@given(
    body=BODIES, named=st.sampled_from([OURS, f" {OURS}\n", "video_a/b+c/d==", "video_a%2Fb%2Bc%2Fd%3D%3D"])
)
def test_what_names_our_task_is_read_and_nothing_breaks(
    line: Line, surface: Surface, body: dict[str, Any], named: str
) -> None:
    line.body, line.status = json.dumps({**body, "id": named}).encode(), 200

    answer = line.ask(surface)

    assert isinstance(answer, Working | Unlocated | Finished | Failed | Unproved), answer
    if isinstance(answer, Unproved):
        assert answer.names_task
    if isinstance(answer, Working):
        assert answer.aliases == ()


@pytest.mark.parametrize("surface", list(Surface))
@given(body=BODIES, status=st.sampled_from([400, 404, 410, 429, 500, 503]))
def test_an_error_status_ends_nothing(
    line: Line, surface: Surface, body: dict[str, Any], status: int
) -> None:
    line.body, line.status = json.dumps(body).encode(), status

    answer = line.ask(surface)

    assert isinstance(answer, CheckFailed | TaskMissing)


@pytest.mark.parametrize("surface", list(Surface))
@given(body=st.binary(max_size=200), status=st.sampled_from([200, 404, 410, 500]))
def test_what_is_no_json_object_says_nothing_of_the_task(
    line: Line, surface: Surface, body: bytes, status: int
) -> None:
    line.body, line.status = b"<" + body, status

    assert isinstance(line.ask(surface), CheckFailed)


CLIP: Final = "https://clips.example/a.mp4"
RUNS: Final = {"id": OURS, "status": "processing", "task_status": "processing"}
IS_OVER: Final = {
    "id": OURS,
    "status": "completed",
    "task_status": "succeed",
    "url": CLIP,
    "content": {"video_url": CLIP},
}
FAILED: Final = {"id": "another", "status": "failed", "task_status": "failed"}

READ: Final[dict[str, tuple[dict[str, Any], type]]] = {
    "four layers": ({"data": {"data": {"data": IS_OVER}}}, Finished),
    "a list of one under another name than data": ({"output": [IS_OVER]}, Finished),
    "text under another name than data": ({"result": json.dumps(IS_OVER)}, Finished),
    "data beside another wrapping": ({"data": RUNS, "task": FAILED}, Working),
    "a status beside a wrapping": ({"id": OURS, "status": "processing", "result": FAILED}, Working),
    "Kling's status beside a wrapping": ({"id": OURS, "task_status": "processing", "job": FAILED}, Working),
    **{
        f"{word} around what goes on": (
            {"data": {"id": OURS, "status": word, "data": {"status": "running"}}},
            Failed,
        )
        for word in ("failed", "cancelled", "expired")
    },
    "Kling's word before another": ({**IS_OVER, "status": "running"}, Finished),
    **{
        f"the word of a {thing}": (
            {**IS_OVER, **dict.fromkeys(("status", "task_status"), f"{thing.upper()}_STATUS_SUCCEEDED")},
            Finished,
        )
        for thing in ("task", "job", "video", "generation")
    },
    "a failure in an envelope": ({"id": OURS, "status": "Error", "message": "try later"}, Unproved),
    "an error without a message": ({"id": OURS, "status": "error"}, Failed),
    "a failure with a message": ({"id": OURS, "status": "failed", "message": "too dark"}, Failed),
    "a link without any state": ({"id": OURS, "url": CLIP}, Working),
    "a success that names nobody": ({"status": "completed", "task_status": "succeed"}, Unproved),
    "another's failure around ours": ({"data": {**FAILED, "data": RUNS}}, Working),
}


@pytest.mark.parametrize("surface", list(Surface))
@pytest.mark.parametrize(("body", "kind"), READ.values(), ids=READ.keys())
def test_what_says_how_our_task_is_is_read_and_nothing_beside_it(
    line: Line, surface: Surface, body: dict[str, Any], kind: type
) -> None:
    line.body, line.status = json.dumps(body).encode(), 200

    assert isinstance(line.ask(surface), kind)


@pytest.mark.parametrize("surface", list(Surface))
def test_a_failure_that_names_our_task_by_a_number_ends_it_whatever_it_wraps(
    line: Line, surface: Surface
) -> None:
    failed = {"task_id": 4711, "status": "failed", "data": {"task_status": "processing"}}
    line.body, line.status = json.dumps(failed).encode(), 200

    assert isinstance(line.ask(surface, "4711"), Failed)


@pytest.mark.parametrize("surface", list(Surface))
@pytest.mark.parametrize("place", ["error", "message", "msg", "detail", "fail_reason", "reason"])
@pytest.mark.parametrize(
    "complaint", [{"task_id": OURS}, json.dumps({"task_id": OURS})], ids=["object", "text"]
)
def test_what_stands_in_a_complaint_names_nothing(
    line: Line, surface: Surface, place: str, complaint: object
) -> None:
    line.body, line.status = json.dumps({"status": "failed", place: complaint}).encode(), 200

    answer = line.ask(surface)

    assert isinstance(answer, Unproved)
    assert not answer.names_task


@pytest.mark.parametrize("surface", list(Surface))
def test_a_list_of_one_names_the_task_of_its_item(line: Line, surface: Surface) -> None:
    line.body, line.status = json.dumps({"data": [{**RUNS, "id": "another"}]}).encode(), 200

    answer = line.ask(surface)

    assert isinstance(answer, Working)
    assert answer.aliases == ("another",)


@pytest.mark.parametrize("surface", list(Surface))
def test_an_id_in_other_letters_is_another_tasks(line: Line, surface: Surface) -> None:
    line.body, line.status = json.dumps({**IS_OVER, "id": OURS.upper()}).encode(), 200

    answer = line.ask(surface)

    assert isinstance(answer, Unproved)
    assert not answer.names_task


@pytest.mark.parametrize("surface", list(Surface))
def test_an_unknown_state_beside_a_link_is_tried_by_our_own_id_where_there_is_a_route(
    line: Line, surface: Surface
) -> None:
    line.body, line.status = json.dumps({"id": OURS, "status": "ready", "url": CLIP}).encode(), 200

    answer = line.ask(surface)

    assert isinstance(answer, Unproved)
    assert answer.by_id is not None
    assert answer.by_id.url == (None if surface is Surface.ANYINT else CLIP)
    assert not answer.by_id.is_proved


@pytest.mark.parametrize("surface", list(Surface))
@pytest.mark.parametrize("state", ["failed", "completed"])
def test_an_ending_of_another_task_says_whose_it_is_and_where_its_clip_is(
    line: Line, surface: Surface, state: str
) -> None:
    other = {"id": "another", "status": state, "url": CLIP}
    line.body, line.status = json.dumps(other).encode(), 200

    answer = line.ask(surface)

    assert isinstance(answer, Unproved)
    assert answer.aliases == ("another",)
    assert isinstance(answer.ending, Failed) or answer.ending.result.url == CLIP


@pytest.mark.parametrize("surface", list(Surface))
def test_a_layer_that_has_failed_says_why_in_its_own_words(line: Line, surface: Surface) -> None:
    failed = {"id": OURS, "status": "failed", "fail_reason": {"message": "no light", "code": "night"}}
    line.body, line.status = json.dumps({"data": {**failed, "data": {"status": "running"}}}).encode(), 200

    assert line.ask(surface) == Failed("failed", "no light (night)", "night")


@pytest.mark.parametrize(
    ("said", "seconds"), [("5s", 5), (" 10 ", 10), (5, 5), ("12345", None), (True, None), ("5.5", None)]
)
def test_what_a_clip_is_said_to_be_is_read_within_bounds(
    line: Line, said: object, seconds: int | None
) -> None:
    over = {"id": OURS, "status": "completed", "content": {"video_url": CLIP}, "model": "m" * 1000}
    line.body, line.status = json.dumps({**over, "seconds": said}).encode(), 200

    answer = line.ask(Surface.WORLDROUTER)

    assert isinstance(answer, Finished)
    assert (answer.result.url, answer.result.others) == (CLIP, ())
    assert (answer.result.model, answer.result.seconds) == ("m" * 80, seconds)


def test_anyints_path_in_download_url_is_no_second_link(line: Line) -> None:
    over = {"id": OURS, "status": "completed", "download_url": "/v1/videos/a/content"}
    line.body, line.status = json.dumps(over).encode(), 200

    answer = line.ask(Surface.ANYINT)

    assert isinstance(answer, Finished)
    assert answer.result.others == ()


WORDS: Final = {"message": "there is no such task"}
REFUSED: Final[list[tuple[int, dict[str, Any], Silence | None]]] = [
    *((status, {"error": WORDS}, None) for status in (404, 410)),
    (404, {"code": 1203, **WORDS}, None),
    *(
        (400, {"error": {"code": code, **WORDS}}, None)
        for code in ("task_not_exist", "task_not_found", "video_not_found")
    ),
    (404, {}, Silence.DOWN),
    (404, {"error": "Not Found"}, Silence.DOWN),
    (404, {"code": 404, **WORDS}, Silence.DOWN),
    (404, {"message": json.dumps({"code": 1203, **WORDS})}, Silence.DOWN),
    (400, {"error": WORDS}, Silence.OTHER),
    (400, {"code": 1201, **WORDS}, Silence.OTHER),
    (429, {"error": WORDS}, Silence.TOO_MANY),
    (499, {"error": WORDS}, Silence.OTHER),
    (500, {"error": WORDS}, Silence.DOWN),
]


@pytest.mark.parametrize("surface", list(Surface))
@pytest.mark.parametrize(("status", "body", "why"), REFUSED, ids=json.dumps)
def test_a_task_is_unknown_only_in_the_gateways_own_words(
    line: Line, surface: Surface, status: int, body: dict[str, Any], why: Silence | None
) -> None:
    line.body, line.status = json.dumps(body).encode(), status

    answer = line.ask(surface)

    assert isinstance(answer, TaskMissing) if why is None else isinstance(answer, CheckFailed)
    assert not isinstance(answer, CheckFailed) or answer.why is why


@pytest.mark.parametrize("surface", list(Surface))
@pytest.mark.parametrize(("base", "key"), [("https://elsewhere.example", ""), ("", "another")])
def test_a_task_of_another_address_or_key_is_not_unknown(
    line: Line, surface: Surface, base: str, key: str
) -> None:
    elsewhere = replace(line, base=base or line.base, key=key or line.key)
    line.body, line.status = json.dumps({"error": WORDS}).encode(), 404

    answer = elsewhere.ask(surface)

    assert isinstance(answer, CheckFailed)
    assert answer.why is Silence.OTHER_KEY
