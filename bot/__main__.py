"""The command line: `matinee`, or `python -m bot`."""

from __future__ import annotations

import sys
from argparse import Namespace
from collections.abc import Sequence

from bot.cli.arguments import check_generate, parser
from bot.cli.exit_codes import Exit


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    options = parser().parse_args(arguments)

    import asyncio

    from bot.settings.settings import SettingsUnusable
    from core.model.errors import StoreUnusable

    try:
        return int(_COMMANDS[options.command](options))
    except SettingsUnusable as error:
        for problem in error.problems:
            print(problem, file=sys.stderr)
        return Exit.SETTINGS
    except StoreUnusable as error:
        print(error, file=sys.stderr)
        return Exit.SETTINGS
    except (KeyboardInterrupt, asyncio.CancelledError):
        return Exit.INTERRUPTED


def _run(_options: Namespace) -> int:
    import logging

    from bot.app import run
    from bot.process import event_loop, log
    from bot.settings.settings import Settings

    settings = Settings.load(["discord", "provider"])
    log.configure(
        style=settings.matinee_log_format, level=settings.matinee_log_level, secrets=settings.secrets
    )
    for warning in Settings.warnings():
        logging.getLogger(__name__).warning(warning)
    event_loop.run(run(settings))
    return Exit.DONE


def _sandbox(options: Namespace) -> int:
    import asyncio

    from bot.cli.sandbox import PAGE_PORT, NotReady, demo, show, talk

    try:
        if options.demo:
            return asyncio.run(demo(options.port or 0, options.output))
        if options.no_page:
            return asyncio.run(talk(options.port or 0))
        return asyncio.run(show(PAGE_PORT if options.port is None else options.port))
    except NotReady as error:
        print(error, file=sys.stderr)
        return Exit.UNFIT


def _generate(options: Namespace) -> int:
    from bot.cli.generate import generate
    from bot.process import event_loop

    check_generate(options)
    return event_loop.run(generate(options))


def _models(options: Namespace) -> int:
    from bot.cli.models import show

    show(as_json=options.json)
    return Exit.DONE


def _doctor(_options: Namespace) -> int:
    import asyncio

    from bot.cli.doctor import doctor

    return asyncio.run(doctor())


def _jobs(options: Namespace) -> int:
    import asyncio

    from bot.cli.jobs import jobs

    return asyncio.run(jobs(options))


def _data(options: Namespace) -> int:
    import asyncio

    from bot.cli.db import data

    return asyncio.run(data(options))


_COMMANDS = {
    "run": _run,
    "sandbox": _sandbox,
    "generate": _generate,
    "models": _models,
    "doctor": _doctor,
    "jobs": _jobs,
    "db": _data,
}

if __name__ == "__main__":
    sys.exit(main())
