"""`matinee generate`: one video from the terminal, through the same provider layer as the bot's."""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from random import SystemRandom
from typing import Final

from bot.cli.exit_codes import Exit
from bot.cli.generate_events import Events, JsonEvents, TerminalEvents
from bot.cli.generate_order import Ended, GenerateOrder
from bot.compose import providers as gateways
from bot.process.clock import SystemClock
from bot.settings.settings import Settings
from core.model.errors import RequestRefused
from core.model.video import Draft
from core.polling.schedule import Schedule
from core.ports import Order
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
    """Make one video. Return the exit code; everything else is said on the terminal."""
    settings = Settings.load(["provider"], surfaces=_named(options))
    events: Events = JsonEvents() if options.json else TerminalEvents()
    with closing(events):
        try:
            await _generated(options, settings, events)
        except RequestRefused as error:
            print(f"{error} Nothing was sent.", file=sys.stderr)  # noqa: T201 - for the person at the terminal
            return Exit.INVALID
        except Ended as end:
            events.ended(_EVENT_OF[end.exit_code], end.reason, end.gateway_code, str(end))
            return end.exit_code
    return Exit.DONE


async def _generated(options: argparse.Namespace, settings: Settings, events: Events) -> None:
    clock = SystemClock()
    names = _named(options) or settings.providers
    pictures = KlingPictures(gateways.allowed_hosts(settings), own=settings.matinee_public_url)
    async with gateways.network(settings, clock) as network:
        providers = gateways.providers(settings, names, network, MemoryReplyLog())
        catalog = gateways.catalog(settings).of(names)
        request = validate(_draft(options, pictures.checked_link), catalog)
        model = catalog.making(request)[0]
        await asyncio.to_thread(_check_output, options.output)
        generate_order = GenerateOrder(providers[model.provider], clock, _schedule(settings), events)
        await generate_order.buy(Order(int(clock.now().timestamp() * 1000), request, model), options.output)


def _named(options: argparse.Namespace) -> tuple[str, ...]:
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


def _schedule(settings: Settings) -> Schedule:
    return Schedule(
        first_seconds=settings.matinee_poll_first_seconds,
        min_seconds=settings.matinee_poll_min_seconds,
        max_seconds=settings.matinee_poll_max_seconds,
        chance=SystemRandom(),
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
