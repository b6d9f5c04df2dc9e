"""`docs/how-to.md` makes what it says: all of its examples are made in one copy of the program."""

from __future__ import annotations

import shutil
from pathlib import Path
from textwrap import dedent

import pytest

from tests import page

MOVES_IN_BOTH = (
    "tests/storage/sqlite/test_migrate.py::test_the_database_knows_the_same_moves_as_core",
    "tests/storage/sqlite/test_database.py::test_the_database_refuses_every_move_that_is_not_in_the_table",
)


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The program after all steps of the page."""
    folder = tmp_path_factory.mktemp("matinee")
    page.copied(folder)
    page.follow(page.HOW_TO, folder)
    (folder / "docs").mkdir()
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(page.PROJECT / "tests", folder / "tests", ignore=ignored)
    shutil.copy(page.PROJECT / "pyproject.toml", folder)
    return folder


async def said_by(copy: Path, program: str, **environment: str) -> str:
    """Run a piece of Python in the copy, which must end well, and return what it printed."""
    code, said = await page.run(copy, "-c", dedent(program), environment=environment)
    assert code == 0, said
    return said


async def test_a_command_is_one_of_those_that_discord_is_given(copy: Path) -> None:
    said = await said_by(
        copy,
        """
        from cogs.jobs.newest import NewestCog
        from bot.compose import discord

        assert discord.NewestCog is NewestCog
        for command in NewestCog.__cog_app_commands__:
            print(command.name, command.description)
        """,
    )

    assert said == "newest Where your newest video is\n"


async def test_a_setting_is_read_refused_and_documented(copy: Path) -> None:
    program = "from bot.settings.settings import Settings; print(Settings.load().matinee_log_prompts)"

    read = await said_by(copy, program, MATINEE_LOG_PROMPTS="true")
    _, refused = await page.run(copy, "-c", program, environment={"MATINEE_LOG_PROMPTS": "perhaps"})
    await page.run(copy, "-m", "bot.settings.docs_page")

    assert read == "True\n"
    assert "SettingsUnusable: MATINEE_LOG_PROMPTS" in refused
    assert "| `MATINEE_LOG_PROMPTS` |" in (copy / "docs/settings.md").read_text(encoding="utf-8")


async def test_a_state_is_known_to_the_program_and_to_the_database(copy: Path) -> None:
    code, said = await page.run(copy, "-m", "pytest", "-q", *MOVES_IN_BOTH)

    assert (code, "2 passed" in said) == (0, True), said


async def test_a_job_in_the_new_state_goes_on_by_itself(copy: Path, tmp_path: Path) -> None:
    said = await said_by(
        copy,
        f"""
        import asyncio
        from datetime import UTC, datetime
        from pathlib import Path
        from cogs.jobs.pages import _FACES
        from core.model.job import JobState
        from storage.sqlite.database import open_database
        from storage.sqlite.jobs import SqliteJobStore
        from tests.contracts.examples import queued

        async def main():
            async with open_database(Path({str(tmp_path)!r}) / "matinee.db") as database:
                store = SqliteJobStore(database)
                job, now = queued(1), datetime.now(UTC)
                await store.admit(job)
                paused = job.paused(7, now, until=now)
                await store.move(job, paused)
                await store.move(paused, paused.requeued("rested", now, next_at=now))
                print(*[event.after for event in await store.events(1)], _FACES[JobState.PAUSED])

        asyncio.run(main())
        """,
    )

    assert said == "QUEUED PAUSED QUEUED ⏸️ resting\n"


async def test_a_table_is_made_and_kept_by_its_adapter(copy: Path, tmp_path: Path) -> None:
    said = await said_by(
        copy,
        f"""
        import asyncio
        from pathlib import Path
        from storage.sqlite.database import open_database
        from storage.sqlite.jobs import SqliteJobStore
        from storage.sqlite.ratings import SqliteRatings
        from tests.contracts.examples import queued

        async def main():
            async with open_database(Path({str(tmp_path)!r}) / "matinee.db") as database:
                await SqliteJobStore(database).admit(queued(1))
                ratings = SqliteRatings(database)
                await ratings.rate(1, 2)
                await ratings.rate(1, 5)
                print(await ratings.stars(1), await ratings.stars(2))

        asyncio.run(main())
        """,
    )

    assert said == "5 None\n"


async def test_a_message_reaches_the_member_and_an_alert_the_operators(copy: Path) -> None:
    said = await said_by(
        copy,
        """
        from cogs.operators.alert_texts import alert_text
        from cogs.ui.error_replies import words_for
        from core.model.errors import StarsWrong
        from core.model.operator_alerts import SlowDisk

        print(words_for(StarsWrong(6), 1))
        print(alert_text([SlowDisk(3.2)]))
        """,
    )

    assert said.splitlines() == [
        "Give one to five stars, not 6.",
        "🐢 **The disk takes 3 seconds for a save.** Move the data folder.",
    ]
