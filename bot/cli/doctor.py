"""`matinee doctor`: checks everything that the bot needs, and says what to do. It costs nothing."""

from __future__ import annotations

from collections.abc import AsyncGenerator

from bot.cli.checks import discord_side, keys, links, machine, running_bot
from bot.cli.checks.finding import Finding, failed, noted, passed
from bot.cli.exit_codes import Exit
from bot.compose.providers import catalog
from bot.process.clock import SystemClock
from bot.settings.settings import Settings, SettingsUnusable


async def doctor() -> int:
    """Print one line a check. Return the exit code."""
    try:
        settings = Settings.load(["discord", "provider"])
        catalog(settings)
    except SettingsUnusable as error:
        for problem in error.problems:
            print(f"✗ {problem}")  # noqa: T201 - this is the command's output
        return Exit.SETTINGS
    has_failure = False
    async for finding in _findings(settings):
        print(finding, flush=True)  # noqa: T201 - the same
        has_failure |= finding.is_failure
    return Exit.UNFIT if has_failure else Exit.DONE


async def _findings(settings: Settings) -> AsyncGenerator[Finding]:
    """Check one thing after another, the nearest first."""
    clock = SystemClock()
    for finding in _settings(settings):
        yield finding
    for finding in await machine.check(settings):
        yield finding
    for finding in await links.check(settings):
        yield finding
    for finding in await discord_side.check(settings, clock):
        yield finding
    for finding in await keys.check(settings, clock):
        yield finding
    for finding in await running_bot.check(settings):
        yield finding


def _settings(settings: Settings) -> list[Finding]:
    """Say what is used, what looks like a setting but is none, and which secrets are open to others."""
    unsafe = {str(exposed) for exposed in Settings.exposed() if exposed.is_writable}
    strange = [
        failed("settings", warning) if warning in unsafe else noted("settings", f"usable, but {warning}")
        for warning in Settings.warnings()
    ]
    usable = passed("settings", f"usable; videos are made by {', '.join(settings.providers)}")
    return strange or [usable]
