from __future__ import annotations

from pathlib import Path

import pytest

from sandbox.gateways import LocalGateways, faults
from tests.bot.command_line import Command
from tests.e2e.harness.bots import HastyClock
from tests.providers.world import CLIP

ERASURE = ("generate", "A paper boat in the rain", "-o", "boat.mp4")
JSON = (*ERASURE, "--json")
RESUME = ("generate", "-o", "boat.mp4", "--resume")


@pytest.mark.parametrize("provider", ["anyint", "anyint-native", "worldrouter"])
async def test_a_video_is_made_fetched_and_reported_in_order(
    matinee: Command, gateways: LocalGateways, folder: Path, provider: str
) -> None:
    ran = await matinee(*JSON, "--provider", provider)

    first, *progress, last = ran.lines
    assert ran.code == 0
    assert (folder / "boat.mp4").read_bytes() == CLIP
    assert first == {"event": "submitted", "provider": provider, "task_id": gateways.tasks[0].id}
    assert progress
    for event in progress:
        assert event.keys() == {"event", "state", "percent"}
        assert event["event"] == "progress"
        assert event["state"] in {"queued", "running"}
        assert event["percent"] is None or event["percent"] in range(101)
    assert last == {"event": "done", "file": "boat.mp4", "bytes": len(CLIP), "seconds": last["seconds"]}
    assert 0 < last["seconds"] < 60


async def test_a_person_reads_what_happens(matinee: Command, gateways: LocalGateways) -> None:
    ran = await matinee(*ERASURE)

    assert (ran.code, ran.out) == (0, "")
    assert ran.err.startswith(f"Task {gateways.tasks[0].id} at anyint\n")
    assert "boat.mp4: 0.0 MB after" in ran.err


async def test_a_terminal_shows_a_bar_while_it_waits(
    matinee: Command, gateways: LocalGateways, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")  # as rich recognises a terminal

    ran = await matinee(*ERASURE)

    assert gateways.tasks[0].id in ran.err
    assert "━" in ran.err
    assert ran.err.rstrip().splitlines()[-1].startswith("\x1b[?25hboat.mp4: 0.0 MB")


async def test_without_a_choice_the_preferred_provider_makes_it(
    matinee: Command, gateways: LocalGateways, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MATINEE_PROVIDERS", "worldrouter,anyint")

    ran = await matinee(*JSON)

    assert ran.lines[0]["provider"] == "worldrouter"
    assert [task.surface for task in gateways.tasks] == ["worldrouter"]


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--duration", "7"], "makes clips of 5 or 10 seconds, not 7"),
        (["--aspect-ratio", "4:3"], "offers 16:9, 9:16 or 1:1 as aspect ratio, not 4:3"),
        (["--model", "sora"], "There is no model “sora” here"),
        (["--model", "kling-v3-omni", "--mode", "pro"], "Leave the mode out"),
        (["--model", "kling-3.0", "--reference", "https://example.org/a.png"], "takes no reference picture"),
        (["--provider", "worldrouter", "--audio"], "makes silent clips only"),
        (["--image", "http://example.org/a.png"], "https"),
        (["--image", "https://example.org/a.png", "--reference", "https://example.org/b.png"], "not both"),
        (["-o", "missing/boat.mp4"], "missing/boat.mp4 cannot be written"),
        (["-o", "."], "is a folder"),
    ],
)
async def test_an_invalid_request_is_explained_and_never_sent(
    matinee: Command, gateways: LocalGateways, options: list[str], says: str
) -> None:
    ran = await matinee(*JSON, *options)

    assert (ran.code, ran.out) == (2, "")
    assert says in ran.err
    assert ran.err.endswith(" Nothing was sent.\n")
    assert gateways.requests == []


@pytest.mark.parametrize("prompt", ["", "   ", "\u200b", "boat" * 626, "a boat --ar 4:3"])
async def test_a_prompt_that_cannot_be_used_is_never_sent(
    matinee: Command, gateways: LocalGateways, prompt: str
) -> None:
    ran = await matinee("generate", prompt, "-o", "boat.mp4")

    assert ran.code == 2
    assert gateways.requests == []


@pytest.mark.parametrize(
    "arguments",
    [
        ["generate"],
        ["generate", "A boat"],
        ["generate", "-o", "boat.mp4"],
        [*ERASURE, "--mode", "best"],
        [*ERASURE, "--duration", "5s"],
        [*ERASURE, "--timeout", "0"],
        [*ERASURE, "--timeout", "-5"],
        [*ERASURE, "--timeout", "nan"],
        [*ERASURE, "--timeout", "inf"],
        [*ERASURE, "--timeout", "soon"],
        [*ERASURE, "--resume", "task-1", "--provider", "anyint"],
        [*RESUME, "task-1"],
        [*RESUME, " ", "--provider", "anyint"],
        [*RESUME, "task-1", "--provider", "anyint", "--model", "kling-v3"],
        [*RESUME, "task-1", "--provider", "anyint", "--audio"],
    ],
)
async def test_arguments_that_make_no_sense_end_with_2(
    matinee: Command, gateways: LocalGateways, arguments: list[str]
) -> None:
    ran = await matinee(*arguments)

    assert ran.code == 2
    assert ran.err.startswith("usage: matinee generate")
    assert gateways.requests == []


@pytest.mark.parametrize(
    ("fault", "provider", "reason", "code"),
    [
        (faults.create_refused(400, "invalid_parameter", "no"), "anyint", "request", "invalid_parameter"),
        (faults.create_moderated(), "anyint-native", "request", "1301"),
        (faults.create_unauthorized(), "anyint", "configuration", "invalid_api_key"),
        (faults.create_out_of_credit(), "worldrouter", "credit", "kling_balance_too_low"),
        (faults.create_needs_a_team_key(), "worldrouter", "configuration", "kling_team_required"),
    ],
)
async def test_a_refusal_ends_with_3_and_the_gateways_own_code(
    matinee: Command, gateways: LocalGateways, fault: faults.Fault, provider: str, reason: str, code: str
) -> None:
    gateways.faults.add(fault)

    ran = await matinee(*JSON, "--provider", provider)

    assert ran.code == 3
    assert [(event["event"], event["reason"], event["code"]) for event in ran.lines] == [
        ("refused", reason, code)
    ]
    assert "Nothing was charged." in ran.last["message"]
    assert len(gateways.creates()) == 1
    assert gateways.tasks == []


@pytest.mark.parametrize(
    "fault",
    [
        faults.create_accepted_then_reset(),
        faults.create_accepted_then_closed(),
        faults.create_accepted_then_hangs(),
        faults.create_accepted_then_html(502),
        faults.create_accepted_then_refused(500),
        faults.create_accepted_without_id(),
    ],
)
async def test_an_unknown_outcome_ends_with_4_and_is_sent_once(
    matinee: Command, gateways: LocalGateways, fault: faults.Fault
) -> None:
    gateways.faults.add(fault)

    ran = await matinee(*JSON, "--provider", "anyint")

    assert ran.code == 4
    assert [(event["event"], event["reason"], event["code"]) for event in ran.lines] == [
        ("unknown", "outcome_unknown", None)
    ]
    assert "may have been charged" in ran.last["message"]
    assert len(gateways.creates()) == 1


@pytest.mark.parametrize("troubles", [0, 2, 3])
async def test_a_request_that_was_not_confirmed_is_found_by_our_own_id_within_three_questions(
    matinee: Command,
    gateways: LocalGateways,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    troubles: int,
) -> None:
    monkeypatch.setenv("MATINEE_ANYINT_EXTERNAL_TASK_ID", "true")
    monkeypatch.setattr("bot.cli.generate.SystemClock", HastyClock)
    gateways.faults.add(faults.create_accepted_then_reset())
    gateways.faults.add(faults.status_refused(503), times=troubles)

    ran = await matinee(*JSON, "--provider", "anyint-native")

    is_found = troubles < 3
    assert (ran.code, ran.last["event"]) == ((0, "done") if is_found else (4, "unknown")), ran
    assert ran.err.count("Looking for its task") == min(troubles, 1)
    assert (folder / "boat.mp4").exists() == is_found
    assert len(gateways.creates()) == 1


@pytest.mark.parametrize(
    ("fault", "provider", "reason", "code"),
    [
        (faults.task_moderated(), "anyint", "failed", "content_policy"),
        (faults.task_fails("the picture shows nothing"), "worldrouter", "failed", None),
        (faults.task_cancelled(), "anyint", "cancelled", None),
        (faults.task_expires(), "worldrouter", "expired", None),
    ],
)
async def test_a_failure_at_the_provider_ends_with_5(
    matinee: Command,
    gateways: LocalGateways,
    fault: faults.Fault,
    provider: str,
    reason: str,
    code: str | None,
) -> None:
    gateways.faults.add(fault)

    ran = await matinee(*JSON, "--provider", provider)

    assert ran.code == 5
    assert ran.lines[0]["event"] == "submitted"
    assert (ran.last["event"], ran.last["reason"], ran.last["code"]) == ("failed", reason, code)


async def test_a_clip_that_cannot_be_saved_ends_with_6_and_names_the_task(
    matinee: Command, gateways: LocalGateways, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.cli.terminal_provider.MOST_FETCHES", 1)
    (folder / "boat.mp4.part").mkdir()

    ran = await matinee(*JSON)

    assert ran.code == 6
    assert (ran.last["event"], ran.last["reason"]) == ("unfetched", "unfetched")
    assert gateways.tasks[0].id in ran.last["message"]
    assert not (folder / "boat.mp4").exists()


async def test_questions_that_go_wrong_change_nothing(
    matinee: Command, gateways: LocalGateways, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.cli.generate.SystemClock", HastyClock)
    gateways.faults.add(faults.status_reset(), times=2)
    gateways.faults.add(faults.status_refused(503), times=2)
    gateways.faults.add(faults.status_not_found(), times=2)

    ran = await matinee(*JSON)

    assert ran.code == 0
    assert "Asking again." in ran.err
    assert {event["event"] for event in ran.lines} == {"submitted", "progress", "done"}


@pytest.mark.parametrize(
    ("name", "arguments", "says"),
    [
        ("ANYINT_API_KEY", ["--provider", "anyint"], "ANYINT_API_KEY: missing, though anyint is to be used."),
        (
            "WORLDROUTER_API_KEY",
            ["--provider", "worldrouter"],
            "WORLDROUTER_API_KEY: missing, though worldrouter is to be used.",
        ),
    ],
)
async def test_a_provider_without_a_key_ends_with_78(
    matinee: Command,
    gateways: LocalGateways,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    arguments: list[str],
    says: str,
) -> None:
    monkeypatch.delenv(name)

    ran = await matinee(*JSON, *arguments)

    assert (ran.code, ran.out, ran.err) == (78, "", f"{says}\n")
    assert gateways.requests == []


MADE: list[tuple[str, list[str]]] = [
    ("anyint", []),
    ("anyint-native", []),
    ("worldrouter", []),
    ("worldrouter", ["--model", "kling-v3-omni"]),
]


@pytest.mark.parametrize(("provider", "options"), MADE)
async def test_what_a_timeout_left_is_brought_by_its_id_whatever_route_made_it(
    matinee: Command, gateways: LocalGateways, folder: Path, provider: str, options: list[str]
) -> None:
    gateways.faults.add(faults.create_accepted_slowly(0.4))
    left = await matinee(*JSON, "--provider", provider, *options, "--timeout", "0.3")
    task_id = gateways.tasks[0].id

    ran = await matinee(*RESUME, task_id, "--provider", provider, "--json")

    submitted = {"event": "submitted", "provider": provider, "task_id": task_id}
    assert (left.code, left.last["event"], left.last["reason"]) == (6, "unfetched", "timeout"), left
    assert left.lines[0] == submitted
    assert f"--resume={task_id} --provider {provider} -o boat.mp4" in left.last["message"]
    assert (ran.code, ran.lines[0], ran.last["event"]) == (0, submitted, "done"), ran
    assert (folder / "boat.mp4").read_bytes() == CLIP
    assert len(gateways.creates()) == 1


async def test_an_answer_about_another_task_does_not_choose_the_route(
    matinee: Command, gateways: LocalGateways, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.cli.generate.SystemClock", HastyClock)
    gateways.faults.add(faults.create_accepted_slowly(0.4))
    omni = ("--provider", "worldrouter", "--model", "kling-v3-omni")
    await matinee(*JSON, *omni, "--timeout", "0.3")
    other = {"id": "other", "status": "succeeded", "content": {"video_url": f"{gateways.worldrouter_url}/x"}}
    gateways.faults.add(faults.status_says(other))

    ran = await matinee(*RESUME, gateways.tasks[0].id, "--provider", "worldrouter", "--json")

    assert (ran.code, ran.last["event"]) == (0, "done"), ran
    assert (folder / "boat.mp4").read_bytes() == CLIP


async def test_an_output_that_cannot_be_written_is_found_out_before_a_task_is_resumed(
    matinee: Command, gateways: LocalGateways
) -> None:
    ran = await matinee("generate", "--resume", "task-1", "--provider", "anyint", "-o", "missing/boat.mp4")

    assert (ran.code, ran.out) == (2, "")
    assert "missing/boat.mp4 cannot be written" in ran.err
    assert gateways.requests == []
