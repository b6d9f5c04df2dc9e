"""`matinee jobs` where no bot runs; beside one, it is in tests/e2e/running/test_operator.py."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from core.model.job import Job, JobState
from storage.sqlite.database import open_database
from tests.bot import kept
from tests.bot.command_line import Command
from tests.contracts.examples import ALICE, in_doubt, life, queued


@pytest.mark.parametrize("command", ["list", "show 1", "dismiss 1", "deliver 1", "cancel 1"])
async def test_without_a_database_it_says_what_to_do(matinee: Command, command: str) -> None:
    ran = await matinee("jobs", *command.split())

    assert ran.code == 78
    assert "There is no database at data/matinee.db yet. Start the bot first." in ran.err


async def test_the_newest_jobs_are_listed_first_with_what_needs_the_operator(matinee: Command) -> None:
    await kept.keep(life(1), in_doubt(2))

    ran = await matinee("jobs")

    rows = [line for line in ran.out.splitlines() if str(ALICE) in line]
    assert ran.code == 0
    assert ["unknown" in rows[0], "done" in rows[1], len(rows)] == [True, True, 2]
    assert "$0.35" in rows[0]
    assert "1 job is not confirmed by the provider: it may have been charged." in ran.out
    assert "`matinee jobs dismiss ID` closes it" in ran.out


async def test_a_prompt_is_shown_as_it_is_and_commands_no_terminal(matinee: Command) -> None:
    await kept.keep([kept.asking_for("[red]a[/blue] \x1b[2J :boat:\x07", 1)])

    listed, shown = await matinee("jobs", "list"), await matinee("jobs", "show", "1")

    for ran in (listed, shown):
        assert ran.code == 0
        assert "[red]a[/blue]" in ran.out
        assert ":boat:" in ran.out
        assert not re.search("[\x1b\x07]", ran.out)


async def test_a_job_is_shown_with_its_history(matinee: Command) -> None:
    await kept.keep(life(7))

    ran = await matinee("jobs", "show", "7")

    assert ran.code == 0
    for words in ("task-7 at anyint", "a paper boat", "video-7.mp4, 9 bytes", "message 501"):
        assert words in ran.out
    history = [line for line in ran.out.splitlines() if "2026-03-01 12:00:00" in line]
    assert len(history) == len(life(7))


@pytest.mark.parametrize("action", ["show", "dismiss", "deliver", "cancel"])
async def test_a_job_that_is_not_there_is_said_to_be_so(matinee: Command, action: str) -> None:
    await kept.keep(life(1))

    ran = await matinee("jobs", action, "2")

    assert (ran.code, ran.out, ran.err) == (2, "", "There is no job 2.\n")


@pytest.mark.parametrize("job_id", ["seven", "-1", "1.5", str(2**63)])
async def test_what_is_no_job_id_is_refused(matinee: Command, job_id: str) -> None:
    ran = await matinee("jobs", "show", job_id)

    assert ran.code == 2
    assert "ID" in ran.err


async def test_a_doubt_is_dismissed_and_stays_counted(matinee: Command) -> None:
    await kept.keep(in_doubt(2))

    ran = await matinee("jobs", "dismiss", "2")

    assert ran.code == 0
    assert "Job 2 is dismissed. It stays counted as spent" in ran.out
    assert "the card in Discord says so once one of its buttons is pressed" in ran.out
    assert (await kept.job(2)).state is JobState.DISMISSED
    assert (await kept.last_event(2)).actor == "0"


async def test_a05_a_queued_job_is_cancelled_and_costs_nothing(matinee: Command) -> None:
    await kept.keep([queued(4)])

    ran = await matinee("jobs", "cancel", "4")

    job = await kept.job(4)
    assert ran.code == 0
    assert "Job 4 is cancelled. It was not sent and costs nothing" in ran.out
    assert "its member is told when the bot is started" in ran.out
    assert (job.state, job.actor, job.next_at is not None) == (JobState.CANCELLED, "0", True)
    assert job.reason is not None
    assert job.reason.said.startswith("Whoever runs this bot cancelled this before it was sent.")


@pytest.mark.parametrize(
    ("moments", "said"),
    [
        (life(1), "Job 1 is done. This job has already ended; there is nothing to stop."),
        (life(1)[:3], "Job 1 is running. The provider is already working on this video"),
        (life(1)[:2], "Job 1 is submitting. The request is on its way to the provider"),
        (in_doubt(1), "Job 1 is unknown. The provider never confirmed this request"),
    ],
    ids=["done", "running", "submitting", "unknown"],
)
async def test_a05_where_it_is_too_late_to_cancel_that_is_said_and_nothing_is_changed(
    matinee: Command, moments: list[Job], said: str
) -> None:
    await kept.keep(moments)

    ran = await matinee("jobs", "cancel", "1")

    assert ran.code == 2
    assert ran.err.startswith(said)
    assert ran.err.endswith("Nothing was changed.\n")
    assert await kept.job(1) == moments[-1]


@pytest.mark.parametrize(
    ("doubts", "said"),
    [
        (0, []),
        (1, ["1 job is not confirmed by the provider: it may have been charged. Look for its task there; "]),
        (2, ["2 jobs are not confirmed by the provider: each may have been charged. Look for their tasks "]),
    ],
)
async def test_the_list_counts_what_was_not_confirmed(matinee: Command, doubts: int, said: list[str]) -> None:
    await kept.keep(life(9), *map(in_doubt, range(1, doubts + 1)))

    ran = await matinee("jobs")

    lines = [line for line in ran.out.splitlines() if "not confirmed" in line]
    assert len(lines) == len(said)
    assert all(line.startswith(beginning) for line, beginning in zip(lines, said, strict=True))


@pytest.mark.parametrize(
    ("waiting", "listed", "how", "said"),
    [
        (
            1,
            "1 job is queued, but not sent before you say yes, since the database was put back: 1. ",
            "`matinee jobs confirm 1` sends it, `matinee jobs cancel 1` ends it.",
            "1 job is sent when its turn comes: 1.",
        ),
        (
            2,
            "2 jobs are queued, but not sent before you say yes, since the database was put back: 1, 2. ",
            "`matinee jobs confirm ID` sends one, `confirm all` all of them, `matinee jobs cancel ID` ends ",
            "2 jobs are sent when their turn comes.",
        ),
    ],
)
async def test_what_waits_for_a_yes_is_counted_and_confirmed(
    matinee: Command, waiting: int, listed: str, how: str, said: str
) -> None:
    job_ids = range(1, waiting + 1)
    await kept.keep(*([queued(job_id)] for job_id in job_ids))
    await kept.ask_for(*job_ids)

    before, ran = await matinee("jobs"), await matinee("jobs", "confirm", "all")
    again, after = await matinee("jobs", "confirm", "all"), await matinee("jobs")

    assert listed + how in before.out.replace("\n", " ")
    assert (ran.code, ran.out) == (0, f"{said} No bot runs here: it happens when the bot is started.\n")
    assert (again.code, again.err) == (2, "No job waits for a yes. Nothing was changed.\n")
    assert "say yes" not in after.out


async def test_a_provider_is_resumed_by_a_running_bot_only(matinee: Command) -> None:
    await kept.keep(in_doubt(1))

    ran = await matinee("jobs", "resume", "anyint")

    assert (ran.code, ran.out) == (2, "")
    assert "One that is started leaves no provider alone" in ran.err


async def test_there_is_no_resuming_what_is_no_provider(matinee: Command) -> None:
    ran = await matinee("jobs", "resume", "acme")

    assert ran.code == 2
    assert "there is no “acme”, but anyint" in ran.err


async def test_a_clip_that_was_only_offered_is_shown_and_taken_on_request(matinee: Command) -> None:
    await kept.keep(kept.offered(3))

    shown, ran = await matinee("jobs", "show", "3"), await matinee("jobs", "deliver", "3")

    job = await kept.job(3)
    assert "https://media.example/3.mp4?token=1 (`matinee jobs deliver 3` takes it" in shown.out
    assert "4 s of kling-v1: the gateway's own words, not what was ordered" in shown.out
    assert ran.code == 0
    assert "it happens when the bot is started" in ran.out
    assert (job.state, job.actor, job.next_at is not None) == (JobState.READY, "0", True)


async def test_a_kept_video_is_brought_when_the_bot_is_started(matinee: Command) -> None:
    await kept.keep(kept.undelivered(3))

    ran = await matinee("jobs", "deliver", "3")

    job = await kept.job(3)
    assert ran.code == 0
    assert "it happens when the bot is started" in ran.out
    assert (job.state, job.next_at is not None) == (JobState.DELIVERING, True)


@pytest.mark.parametrize(
    ("action", "job_id", "said"),
    [
        ("dismiss", "1", "Job 1 is done, so there is nothing to dismiss."),
        ("deliver", "1", "Job 1 is done, so there is nothing to deliver."),
        ("deliver", "2", "Job 2 is unknown, so there is nothing to deliver."),
        ("dismiss", "3", "Job 3 is undeliverable, so there is nothing to dismiss."),
    ],
)
async def test_a_job_in_another_state_stays_as_it_is(
    matinee: Command, action: str, job_id: str, said: str
) -> None:
    await kept.keep(life(1), in_doubt(2), kept.undelivered(3))
    before = await kept.job(int(job_id))

    ran = await matinee("jobs", action, job_id)

    assert (ran.code, ran.err) == (2, f"{said} Nothing was changed.\n")
    assert await kept.job(int(job_id)) == before


async def test_what_was_dismissed_cannot_be_dismissed_again(matinee: Command) -> None:
    await kept.keep(in_doubt(2))
    await matinee("jobs", "dismiss", "2")

    ran = await matinee("jobs", "dismiss", "2")

    assert (ran.code, ran.err) == (
        2,
        "Job 2 is dismissed, so there is nothing to dismiss. Nothing was changed.\n",
    )


async def test_a_bot_that_does_not_hear_it_is_named_with_what_to_do(matinee: Command) -> None:
    await kept.keep(in_doubt(2))

    async with open_database(kept.DATABASE):
        ran = await matinee("jobs", "dismiss", "2")

    assert ran.code == 78
    assert re.search(
        r"Process \d+ runs on this data but does not listen at data/control\.sock\. Nothing was changed\.",
        ran.err,
    )
    assert "stop it, give this command again, and start it" in ran.err
    assert (await kept.job(2)).state is JobState.UNKNOWN


@pytest.mark.parametrize(("version", "other"), [(1, "an older"), (99, "a newer")])
@pytest.mark.parametrize("command", ["list", "show 1", "dismiss 1"])
async def test_a_database_of_another_version_is_left_alone(
    matinee: Command, folder: Path, version: int, other: str, command: str
) -> None:
    await kept.keep(life(1))
    with closing(sqlite3.connect(folder / kept.DATABASE)) as database:
        database.execute(f"PRAGMA user_version = {version}")

    ran = await matinee("jobs", *command.split())

    assert ran.code == 78
    assert f"is of {other} Matinee" in ran.err
