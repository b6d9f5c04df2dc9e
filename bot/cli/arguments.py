"""The arguments of the command line. It imports nothing that a command needs: `--help` is quick."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Final


def parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="matinee", description="A Discord bot that makes videos with Kling."
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    commands.add_parser("run", help="run the bot on the settings of the environment or .env")
    _add_sandbox(commands.add_parser("sandbox", help="try everything on this machine: no account, no key"))
    _add_generate(commands.add_parser("generate", help="make one video from the terminal; this costs money"))
    models = commands.add_parser("models", help="list what can be made, and what it costs")
    models.add_argument("--json", action="store_true", help="one JSON object a line")
    commands.add_parser("doctor", help="check everything that the bot needs; this costs nothing")
    _add_jobs(commands.add_parser("jobs", help="see the jobs, and decide what only a person can"))
    _add_data(commands.add_parser("db", help="back up, check or export the data of a running bot"))
    return parser


def _add_jobs(parser: argparse.ArgumentParser) -> None:
    parser.set_defaults(action="list")
    actions = parser.add_subparsers(dest="action", metavar="ACTION")
    actions.add_parser("list", help="the newest jobs (the default)")
    for name, what in (
        ("show", "everything about one job, with its history"),
        ("dismiss", "close a job that the provider never confirmed; it stays counted as spent"),
        ("deliver", "bring a kept video once more"),
        ("cancel", "stop a job that has not been sent; it costs nothing"),
    ):
        actions.add_parser(name, help=what).add_argument("id", type=_id, metavar="ID")
    confirm = actions.add_parser("confirm", help="let a job be sent that waits for a yes, or all of them")
    confirm.add_argument("id", type=_id_or_all, metavar="ID|all")
    resume = actions.add_parser("resume", help="send paid requests to a provider again that is left alone")
    resume.add_argument("provider", type=_provider, metavar="PROVIDER")


def _add_data(parser: argparse.ArgumentParser) -> None:
    parser.set_defaults(action="check")
    actions = parser.add_subparsers(dest="action", metavar="ACTION")
    actions.add_parser("check", help="read the whole database and say whether it is sound (the default)")
    copy = actions.add_parser("backup", help="write a whole copy while the bot runs")
    copy.add_argument("file", type=Path, metavar="FILE")
    export = actions.add_parser("export", help="all that is kept about a member, as JSON lines")
    export.add_argument("user_id", type=_id, metavar="USER_ID")
    erase = actions.add_parser("erase", help="erase what is kept about a member, beside a running bot or not")
    erase.add_argument("user_id", type=_member_id, metavar="USER_ID")


def _add_sandbox(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--port", type=_port, metavar="N", help="port of the page (8123); without it, of the local Discord"
    )
    parser.add_argument("--no-page", action="store_true", help="use it from this terminal, not in a browser")
    parser.add_argument("--demo", action="store_true", help="do one /video unattended")
    parser.add_argument(
        "-o", "--output", type=Path, default=Path("demo.mp4"), metavar="FILE", help="for --demo"
    )


def _add_generate(parser: argparse.ArgumentParser) -> None:
    parser.set_defaults(usage_error=parser.error)
    parser.add_argument("prompt", nargs="?", metavar="PROMPT")
    parser.add_argument("--provider", type=_provider, metavar="P", help="instead of MATINEE_PROVIDERS")
    parser.add_argument("--model", metavar="M")
    parser.add_argument("--image", metavar="URL", help="https link of the first frame")
    parser.add_argument("--reference", metavar="URL", help="https link of an omni reference")
    parser.add_argument("--duration", type=int, metavar="N", help="seconds")
    parser.add_argument("--aspect-ratio", metavar="R", help="16:9, 9:16 or 1:1")
    parser.add_argument("--mode", choices=["std", "pro"])
    parser.add_argument("--audio", action="store_true", default=None)
    parser.add_argument(
        "--timeout",
        type=_seconds,
        metavar="SECONDS",
        help="wait no longer than this, and end with the task's id (a paid request is waited out first); "
        "without it a video is waited for as long as the bot waits",
    )
    parser.add_argument(
        "--resume",
        metavar="TASK_ID",
        help="bring the video of a task that was paid for before, in place of PROMPT; nothing is sent again",
    )
    parser.add_argument("-o", "--output", type=Path, required=True, metavar="FILE")
    parser.add_argument("--json", action="store_true", help="one JSON event a line on standard output")


_ORDERED: Final = ("prompt", "model", "image", "reference", "duration", "aspect_ratio", "mode", "audio")
"""The arguments that describe the video: a task that is resumed has all of them already."""


def check_generate(options: argparse.Namespace) -> None:
    """End with the reason where the arguments do not fit together."""
    if options.resume is None:
        if options.prompt is None:
            options.usage_error("the following arguments are required: PROMPT")
    elif not options.resume.strip():
        options.usage_error("argument --resume: it needs the id of a task")
    elif options.provider is None:
        options.usage_error("argument --resume: name the task's provider with --provider")
    elif any(getattr(options, name) is not None for name in _ORDERED):
        options.usage_error(
            "argument --resume: a task is brought as it was ordered; leave out what it is to be"
        )


def _provider(name: str) -> str:
    """Check a name against the table of surfaces, which is read only where one is given."""
    from providers import SURFACES  # noqa: PLC0415 - without a name here, surfaces are not imported

    if name not in SURFACES:
        raise argparse.ArgumentTypeError(f"there is no “{name}”, but {', '.join(SURFACES)}")
    return name


def _seconds(text: str) -> float:
    seconds = float(text)
    if not 0 < seconds < float("inf"):
        raise ValueError(text)
    return seconds


def _port(text: str) -> int:
    number = int(text)
    if not 0 <= number < 2**16:
        raise ValueError(text)
    return number


def _id(text: str) -> int:
    number = int(text)
    if not 0 <= number < 2**63:
        raise ValueError(text)
    return number


def _id_or_all(text: str) -> int | None:
    return None if text == "all" else _id(text)


def _member_id(text: str) -> int:
    number = _id(text)
    if number == 0:
        raise ValueError(text)
    return number
