"""`matinee generate`: one video from the terminal, through the same provider layer as the bot's."""

from __future__ import annotations

import argparse
import asyncio
import logging
import sys
from collections.abc import Callable, Generator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Final

from bot.cli.exit_codes import Exit
from bot.cli.generate_endings import Ended
from bot.cli.generate_events import Events, JsonEvents, TerminalEvents
from bot.cli.generate_run import GenerateRun
from bot.compose import providers as gateways
from bot.process.clock import SystemClock
from bot.settings.settings import Settings
from core.model.errors import RequestRefused
from core.model.video import Draft
from core.polling.task_durations import DurationModel
from core.requests.validation import validate
from providers.pictures.link_check import KlingPictures
from storage.memory.stores import MemoryReplyLog

_EVENT_OF: Final = {
    Exit.REFUSED: "refused",
    Exit.UNKNOWN: "unknown",
    Exit.FAILED: "failed",
    Exit.UNFETCHED: "unfetched",
}


async def generate(options: argparse.Namespace) -> int:
    """Make one video. Return the exit code; everything else is printed on the terminal."""
    settings = Settings.load(["provider"], surfaces=_chosen_provider(options))
    events: Events = JsonEvents() if options.json else TerminalEvents()
    with closing(events), _quiet_engine():
        try:
            await _run(options, settings, events)
        except RequestRefused as error:
            print(f"{error} Nothing was sent.", file=sys.stderr)  # noqa: T201 - for the person at the terminal
            return Exit.INVALID
        except Ended as end:
            events.ended(_EVENT_OF[end.exit_code], end.reason, end.gateway_code, str(end))
            return end.exit_code
    return Exit.DONE


async def _run(options: argparse.Namespace, settings: Settings, events: Events) -> None:
    clock, replies = SystemClock(), MemoryReplyLog()
    names = _chosen_provider(options) or settings.providers
    pictures = KlingPictures(gateways.allowed_hosts(settings), own=settings.matinee_public_url)
    async with gateways.network(settings, clock) as network:
        providers = gateways.providers(settings, names, network, replies)
        catalog = gateways.catalog(settings).of(names)
        request = None if options.resume else validate(_draft(options, pictures.check_link), catalog)
        name = names[0] if request is None else catalog.making(request)[0].provider
        await asyncio.to_thread(_check_output, options.output)
        run = GenerateRun(
            provider=providers[name],
            catalog=catalog,
            clock=clock,
            schedule=gateways.schedule(settings, DurationModel()),
            replies=replies,
            events=events,
            output=options.output,
            timeout_seconds=options.timeout,
        )
        if request is None:
            await run.resume(providers[name].tickets(options.resume))
        else:
            await run.order(request)


@contextmanager
def _quiet_engine() -> Generator[None]:
    """Keep the engine's log for operators off the terminal, except where it reports a fault of its own."""
    core, engine = logging.getLogger("core"), logging.getLogger("core.engine")
    silence, faults = logging.NullHandler(), logging.StreamHandler()
    faults.setLevel(logging.ERROR)
    core.addHandler(silence)
    engine.addHandler(faults)
    try:
        yield
    finally:
        engine.removeHandler(faults)
        core.removeHandler(silence)


def _chosen_provider(options: argparse.Namespace) -> tuple[str, ...]:
    return (options.provider,) if options.provider else ()


def _draft(options: argparse.Namespace, checked: Callable[[str], str]) -> Draft:
    return Draft(
        prompt=options.prompt,
        model=options.model,
        duration_seconds=options.duration,
        aspect_ratio=options.aspect_ratio,
        mode=options.mode,
        audio=options.audio,
        first_frame=options.image and checked(options.image),
        reference=options.reference and checked(options.reference),
    )


def _check_output(output: Path) -> None:
    """Find out before anything is paid whether the file can be written. Raise RequestRefused."""
    if output.is_dir():
        raise RequestRefused(f"{output} is a folder. Name a file.")
    probe = output.with_name(f".{output.name}.probe")
    try:
        probe.touch(exist_ok=True)
        probe.unlink()
    except OSError as error:
        raise RequestRefused(f"{output} cannot be written: {error.strerror}. Name another file.") from error
