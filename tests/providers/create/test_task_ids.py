"""The one rule for what names a task in an answer; every spelling, every wrapping, and nothing of ours."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from providers.replies.task_ids import headers_with_ids, is_named_as_task_id, sent_values, task_ids

NAMES_A_TASK = """
    id Id ID ids task_id taskId taskID TaskId TASK_ID task-id task.id taskid _id $id uuid video_uuid videoUUID
    guid jobNo job_no no order_no generationTask generation-task task job Job videoId video_ids videoIDs
    task_ids id_2 data.taskId requestTaskId external_task_id
    jobid videoid clipid generationid predictionid orderid workid videouuid orderno
"""
NAMES_SOMETHING_ELSE = """
    request_id requestId RequestId request-id requestid X-Request-Id trace_id traceId log_id logId span_id
    user_id userid team_id accountId project_id key_id model_id channel_id session_id sessionId code message
    status valid paid grid android task_status job_type identity note casino data
"""
TASK_KEYS = NAMES_A_TASK.split()
OTHER_KEYS = NAMES_SOMETHING_ELSE.split()


@pytest.mark.parametrize("key", TASK_KEYS)
def test_a_key_whose_last_word_names_a_task(key: str) -> None:
    assert is_named_as_task_id(key)
    assert task_ids({key: "abc-1"}) == ("abc-1",)


@pytest.mark.parametrize("key", OTHER_KEYS)
def test_a_key_of_something_else_names_no_task(key: str) -> None:
    assert not is_named_as_task_id(key)
    assert task_ids({key: "abc-1"}) == ()


@pytest.mark.parametrize(
    "answer",
    [
        {"data": {"taskId": "t-1"}},
        {"data": [{"task_id": "t-1"}]},
        {"result": {"ids": ["t-1"]}},
        {"message": json.dumps({"error": {"task_id": "t-1"}})},
        {"message": json.dumps({"message": json.dumps({"data": {"jobNo": "t-1"}})})},
        {"message": 'litellm.RateLimitError: busy - {"error": {"task_id": "t-1", "message": "wait"}} (3x)'},
        {"message": "litellm.RateLimitError: busy - {'error': {'task_id': 't-1', 'message': 'wait'}}"},
        {"message": 'upstream said {"data": {"task_id": "t-1", "status": "subm'},
        '{"task_id": "t-1", "status": "subm',
        '[{"task_id": "t-1"}]',
        "<error><taskId>t-1</taskId></error>",
        {"task": " t-1 "},
        {"message": 'upstream said {\\"uuid\\": \\"t-1\\", \\"sta'},
        {"message": "upstream said 'uuid' = 't-1' and no more"},
        "task_id=t-1&status=submitted",
        "Job ID: t-1",
        "made as video-uuid: t-1; wait",
        "generationNo: t-1",
        {"message": "made as prediction id=t-1; wait"},
    ],
)
def test_an_id_is_found_in_every_wrapping(answer: object) -> None:
    assert task_ids(answer) == ("t-1",)


def test_a_number_is_an_id_and_nothing_is_none() -> None:
    assert task_ids({"id": 4711, "data": {"task_id": 8.5}}) == ("4711", "8.5")
    assert task_ids({"id": None, "task_id": "", "job": "  ", "ids": [], "uuid": True, "task": {}}) == ()


@pytest.mark.parametrize("value", ["null", "None", "nil", "undefined", "true", "False", "t-1"])
def test_in_a_text_that_is_no_json_neither_nothing_nor_what_we_sent_is_an_id(value: str) -> None:
    assert task_ids({"message": f"upstream said {{'task_id': '{value}', 'no"}, {"t-1"}) == ()


@pytest.mark.parametrize("depth", [1, 2, 3, 4])
def test_json_is_read_in_strings_in_strings(depth: int) -> None:
    answer: object = {"message": "busy", "data": {"task": "t-1"}}
    for _ in range(depth):
        answer = {"message": "said " + json.dumps(answer)}

    assert "t-1" in task_ids(answer)


def test_a_header_leads_to_a_task_by_its_own_name() -> None:
    task = {"Location": "/v1/videos/t-1", "operation-location": "/v1/videos/t-1", "X-Task-ID": "t-1"}
    other = {
        "X-Request-ID": "r-1",
        "Set-Cookie": "video_id=17",
        "X-Video-ID": "none",
        "Content-Location": "/",
    }

    assert headers_with_ids(task | other) == tuple(f"{name}: {value}" for name, value in task.items())


def test_of_a_text_that_we_sent_only_the_whole_is_ours() -> None:
    assert sent_values({"prompt": '{"task_id": "t-1"} on a shirt'}) == {'{"task_id": "t-1"} on a shirt'}


def test_what_we_sent_ourselves_names_no_task() -> None:
    body = {
        "model_name": "kling-v3",
        "prompt": 'a {"task_id": "x"} on a shirt',
        "image_list": [{"image_url": "https://a.example/1.png"}],
        "duration": "5",
        "external_task_id": "matinee-7",
    }
    echo = {"detail": [{"loc": ["body", "mode"], "msg": "Field required", "input": body}], "id": 5}

    assert sent_values(body) >= {"kling-v3", "5", "matinee-7", "https://a.example/1.png"}
    assert task_ids(echo, sent_values(body)) == ()
    assert task_ids({"message": json.dumps(echo)}, sent_values(body)) == ()
    assert task_ids(echo | {"task_id": "t-1"}, sent_values(body)) == ("t-1",)


def test_the_outermost_comes_first_and_each_once() -> None:
    answer = {"data": {"data": {"task_id": "inner"}, "task_id": "outer"}, "id": "outer"}

    assert task_ids(answer) == ("outer", "inner")


@pytest.mark.parametrize(
    "answer",
    [
        "[" * 100_000,
        '{"a":' * 50_000,
        {"message": '{"a":' * 50_000},
        {"message": '"task_id":' * 50_000},
        {"message": "{{[" * 100_000},
    ],
)
def test_a_hostile_text_is_read_to_its_end(answer: object) -> None:
    assert isinstance(task_ids(answer), tuple)


_SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text()
_JSON = st.recursive(
    _SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4)
)


@given(answer=_JSON, key=st.sampled_from(TASK_KEYS), bags=st.lists(st.sampled_from(("list", "text", "data"))))
def test_an_id_is_found_beside_and_inside_anything(answer: object, key: str, bags: list[str]) -> None:
    inner: object = {key: "t-1"}
    for bag in bags[:4]:
        inner = [answer, inner] if bag == "list" else json.dumps(inner) if bag == "text" else {"data": inner}

    assert "t-1" in task_ids({"anything": answer, "result": inner})


@given(body=_JSON)
def test_an_echo_of_the_whole_request_names_nothing(body: object) -> None:
    assert task_ids(body, sent_values(body)) == ()
