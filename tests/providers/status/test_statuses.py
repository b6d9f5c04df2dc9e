"""Hard cases 26 to 32: how a task is said to stand. Numbers are those of the project's list of hard cases."""

import logging
from dataclasses import replace

import pytest

from core.ports import Failed, Finished, Provider, Stage, Unproved, Working
from providers import AnyInt, WorldRouter
from sandbox.gateways import Fault, LocalGateways
from sandbox.gateways.faults import (
    progress_reads,
    reason_reads,
    state_missing,
    state_reads,
    status_says,
    task_fails,
    task_never_ends,
)
from tests.providers.world import (
    order,
    outcome,
    percent,
    said,
)

ENDS = {
    Stage.QUEUED: ["queued", " Submitted ", "NOT_START", "in-queue", "In Queue"],
    Stage.RUNNING: ["PROCESSING", "in_progress", "In Progress", "generating"],
}


@pytest.mark.parametrize(
    ("spelling", "stage"), [(spelling, stage) for stage, spellings in ENDS.items() for spelling in spellings]
)
async def test_case_26_a_working_state_is_known_in_any_spelling(
    provider: Provider, gateways: LocalGateways, spelling: str, stage: Stage
) -> None:
    created = await provider.create(order(provider.name))
    gateways.faults.add(state_reads(spelling))

    progress = await provider.check(created.ticket)

    assert isinstance(progress, Working)
    assert progress.stage is stage


@pytest.mark.parametrize("spelling", ["COMPLETED", "succeed", " Success", "SUCCEEDED\n", "done", "finished"])
async def test_case_26_success_is_known_in_any_spelling(
    provider: Provider, gateways: LocalGateways, spelling: str
) -> None:
    created = await provider.create(order(provider.name))
    await gateways.until(lambda: gateways.tasks[0].is_over)
    gateways.faults.add(state_reads(spelling))

    assert isinstance(await provider.check(created.ticket), Finished)


@pytest.mark.parametrize(
    ("spelling", "code"),
    [
        ("Failed", "failed"),
        ("FAILURE", "failed"),
        ("error", "failed"),
        ("moderated", "failed"),
        ("canceled", "cancelled"),
        ("Cancelled ", "cancelled"),
        ("timed-out", "expired"),
    ],
)
async def test_case_26_an_end_is_known_in_any_spelling(
    provider: Provider, gateways: LocalGateways, spelling: str, code: str
) -> None:
    created = await provider.create(order(provider.name))
    gateways.faults.add(state_reads(spelling))

    progress = await provider.check(created.ticket)

    assert isinstance(progress, Failed)
    assert progress.code == code


async def test_case_27_an_unknown_state_means_working_and_is_logged_once(
    provider: Provider,
    gateways: LocalGateways,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("providers.replies.statuses._unknown_spellings", set[str]())
    created = await provider.create(order(provider.name))
    spelling = f"polishing for {provider.name}"
    gateways.faults.add(state_reads(spelling), times=3)

    with caplog.at_level(logging.WARNING, "providers"):
        answers = [await provider.check(created.ticket) for _ in range(3)]

    assert answers == [
        Working(Stage.RUNNING, answer.percent) for answer in answers if isinstance(answer, Working)
    ]
    assert len(caplog.records) == 1


@pytest.mark.parametrize("fault", [state_missing(), state_reads(None), state_reads(""), state_reads(7)])
async def test_case_28_no_state_at_all_means_working(
    provider: Provider, gateways: LocalGateways, fault: Fault
) -> None:
    created = await provider.create(order(provider.name))
    gateways.faults.add(replace(fault, times=1))

    assert isinstance(await provider.check(created.ticket), Working)


FIGURES: list[tuple[object, int | None]] = [
    (45, 45),
    (0.45, 45),
    ("45%", 45),
    (" 45 % ", 45),
    ("45", 45),
    ("45.7%", 45),
    ("0.45", 45),
    (45.9, 45),
    (1, 1),
    (1.0, 100),
    (0, 0),
    (101, 100),
    (250, 100),
    (-1, 0),
    (None, None),
    ("soon", None),
    (True, None),
    ([], None),
    (float("nan"), None),
    (float("inf"), None),
    ("NaN", None),
    ("1e999", None),
    (100, 100),
]


@pytest.mark.parametrize(("figure", "shown"), FIGURES, ids=[repr(figure) for figure, _ in FIGURES])
async def test_case_29_progress_is_a_whole_percentage_or_nothing(
    anyint: AnyInt, gateways: LocalGateways, figure: object, shown: int | None
) -> None:
    gateways.faults.add(task_never_ends())
    created = await anyint.create(order("anyint"))
    gateways.faults.add(progress_reads(figure))

    assert percent(await anyint.check(created.ticket)) == shown


async def test_case_30_progress_is_passed_on_as_it_is_given(anyint: AnyInt, gateways: LocalGateways) -> None:
    gateways.faults.add(task_never_ends())
    created = await anyint.create(order("anyint"))
    for figure in (60, 40):
        gateways.faults.add(progress_reads(figure))

    assert [percent(await anyint.check(created.ticket)) for _ in range(2)] == [60, 40]


REASONS: list[tuple[object, str]] = [
    ("Out of ideas", "Out of ideas"),
    ({"message": "Out of ideas", "code": 1301}, "Out of ideas (1301)"),
    ({"code": 1301}, "1301"),
    ([{"msg": "Out of ideas"}], "Out of ideas"),
    ({"error": {"message": "Out of ideas"}}, "Out of ideas"),
    (1301, "1301"),
    (None, "the provider gave no reason"),
    ("", "the provider gave no reason"),
    ({}, "the provider gave no reason"),
]


@pytest.mark.parametrize(("reason", "words"), REASONS)
async def test_case_31_a_reason_is_read_in_any_form(
    anyint: AnyInt, gateways: LocalGateways, reason: object, words: str
) -> None:
    gateways.faults.add(task_fails(reason))
    created = await anyint.create(order("anyint"))

    assert said(await outcome(anyint, created.ticket, gateways)) == words


@pytest.mark.parametrize("reason", [reason for reason, _ in REASONS])
async def test_case_31_an_error_does_not_end_a_task_that_is_running(
    provider: Provider, gateways: LocalGateways, reason: object
) -> None:
    gateways.faults.add(task_never_ends())
    created = await provider.create(order(provider.name))
    gateways.faults.add(reason_reads(reason))

    assert isinstance(await provider.check(created.ticket), Working)


async def test_case_32_a_complaint_beside_a_link_is_only_a_complaint(
    provider: Provider, gateways: LocalGateways
) -> None:
    created = await provider.create(order(provider.name))
    await gateways.until(lambda: gateways.tasks[0].is_over)
    gateways.faults.add(reason_reads("watermark failed"))

    assert isinstance(await provider.check(created.ticket), Finished)


async def test_case_32_a_complaint_in_place_of_a_link_is_believed_once_the_content_route_was_tried(
    anyint: AnyInt, gateways: LocalGateways
) -> None:
    created = await anyint.create(order("anyint"))
    task_id = created.ticket.task_id
    gateways.faults.add(
        status_says({"id": task_id, "status": "completed", "error": {"message": "no frames"}})
    )

    progress = await anyint.check(created.ticket)

    assert isinstance(progress, Unproved)
    assert said(progress.ending) == "no frames"
    assert progress.by_id is not None


async def test_case_32_a_complaint_without_a_link_is_a_failure_where_there_is_no_content_route(
    worldrouter: WorldRouter, gateways: LocalGateways
) -> None:
    created = await worldrouter.create(order("worldrouter"))
    task_id = created.ticket.task_id
    gateways.faults.add(
        status_says({"id": task_id, "status": "succeeded", "error": {"message": "no frames"}})
    )

    assert said(await worldrouter.check(created.ticket)) == "no frames"
