"""What `generate` says while it works: a progress bar for people, one JSON object a line for programs."""

from __future__ import annotations

import json
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from core.jobs import Ticket
from core.ports import Stage, Working


class Events(Protocol):
    """A context in which the events of one video are told, in their order."""

    @property
    def stage(self) -> Stage:
        """What was last known of the task."""
        ...

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None, /
    ) -> None: ...

    def submitted(self, ticket: Ticket) -> None: ...

    def progress(self, working: Working) -> None: ...

    def done(self, file: Path, size: int, seconds: float) -> None: ...

    def ended(self, event: str, reason: str, message: str) -> None: ...


class JsonEvents:
    stage = Stage.QUEUED

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def submitted(self, ticket: Ticket) -> None:
        self._say(event="submitted", provider=ticket.provider, task_id=ticket.task_id)

    def progress(self, working: Working) -> None:
        self.stage = working.stage
        self._say(event="progress", state=working.stage.value, percent=working.percent)

    def done(self, file: Path, size: int, seconds: float) -> None:
        self._say(event="done", file=str(file), bytes=size, seconds=round(seconds, 3))

    def ended(self, event: str, reason: str, message: str) -> None:
        self._say(event=event, reason=reason, code=None, message=message)

    def _say(self, **event: object) -> None:
        print(json.dumps(event, ensure_ascii=False), flush=True)  # noqa: T201 - this is the command's output


class TerminalEvents:
    """A bar where there is a terminal, plain lines where there is none."""

    stage = Stage.QUEUED

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

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.stop()

    def submitted(self, ticket: Ticket) -> None:
        self._console.print(f"Task {ticket.task_id} at {ticket.provider}", highlight=False)
        self._task = self._bar.add_task("waiting", total=None)

    def progress(self, working: Working) -> None:
        self.stage = working.stage
        if self._task is not None:
            total = None if working.percent is None else 100
            self._bar.update(
                self._task,
                description="waiting" if working.stage is Stage.QUEUED else "rendering",
                total=total,
                completed=working.percent or 0,
            )

    def done(self, file: Path, size: int, seconds: float) -> None:
        self._bar.stop()
        self._console.print(f"{file}: {size / 1e6:.1f} MB after {seconds:.0f} s", highlight=False)

    def ended(self, event: str, reason: str, message: str) -> None:
        self._bar.stop()
        self._console.print(f"No video ({event}, {reason}): {message}", highlight=False, markup=False)
