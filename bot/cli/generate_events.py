"""The output of `generate` while it works: a progress bar for people, one JSON object a line for programs."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Protocol

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from core.model.job import Ticket
from core.ports import Stage, Working


class Events(Protocol):
    """Reports the events of one video, in their order."""

    def submitted(self, ticket: Ticket) -> None: ...

    def progress(self, working: Working) -> None: ...

    def done(self, file: Path, size: int, seconds: float) -> None: ...

    def ended(self, event: str, reason: str, code: str | None, message: str) -> None:
        """Report that there is no video. `code` is the gateway's own, where it gave one."""
        ...

    def note(self, message: str) -> None:
        """Show a person something that is no event. The same words are shown only once."""
        ...

    def close(self) -> None:
        """Leave the terminal as it was."""
        ...


class JsonEvents:
    """Events on standard output; notes on standard error, where no program mistakes them for events."""

    def __init__(self) -> None:
        self._noted = ""

    def submitted(self, ticket: Ticket) -> None:
        self._say(event="submitted", provider=ticket.provider, task_id=ticket.task_id)

    def progress(self, working: Working) -> None:
        self._say(event="progress", state=working.stage.value, percent=working.percent)

    def done(self, file: Path, size: int, seconds: float) -> None:
        self._say(event="done", file=str(file), bytes=size, seconds=round(seconds, 3))

    def ended(self, event: str, reason: str, code: str | None, message: str) -> None:
        self._say(event=event, reason=reason, code=code, message=message)

    def note(self, message: str) -> None:
        if message != self._noted:
            print(message, file=sys.stderr, flush=True)  # noqa: T201 - for the person at the terminal
        self._noted = message

    def close(self) -> None:
        sys.stdout.flush()

    def _say(self, **event: object) -> None:
        print(json.dumps(event, ensure_ascii=False), flush=True)  # noqa: T201 - this is the command's output


class TerminalEvents:
    """A bar where there is a terminal, plain lines where there is none."""

    def __init__(self) -> None:
        self._console = Console(stderr=True)
        self._bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            TimeElapsedColumn(),
            console=self._console,
            disable=not self._console.is_terminal,
        )
        self._task: TaskID | None = None
        self._stage: Stage | None = None
        self._noted = ""

    def submitted(self, ticket: Ticket) -> None:
        self._line(f"Task {ticket.task_id} at {ticket.provider}")
        self._task = self._bar.add_task("waiting", total=None)
        self._bar.start()

    def progress(self, working: Working) -> None:
        words = "waiting" if working.stage is Stage.QUEUED else "rendering"
        if self._bar.disable and working.stage is not self._stage:
            self._line(words)
        self._stage = working.stage
        if self._task is not None:
            total = None if working.percent is None else 100
            self._bar.update(self._task, description=words, total=total, completed=working.percent or 0)

    def done(self, file: Path, size: int, seconds: float) -> None:
        self.close()
        self._line(f"{file}: {size / 1e6:.1f} MB after {seconds:.0f} s")

    def ended(self, event: str, reason: str, code: str | None, message: str) -> None:
        self.close()
        why = ", ".join(filter(None, (event, reason, code)))
        self._line(f"No video ({why}): {message}")

    def note(self, message: str) -> None:
        if message != self._noted:
            self._line(message)
        self._noted = message

    def close(self) -> None:
        self._bar.stop()

    def _line(self, text: str) -> None:
        """Print as it is: not wrapped, so that a task's id can be copied; nothing in it is markup."""
        self._console.print(text, soft_wrap=True, highlight=False, markup=False)
