"""Links to finished films: they need no key and may expire; the next status reply makes a new one."""

import secrets
import time
from dataclasses import dataclass

from sandbox.gateways.faults.fault import Expiry
from sandbox.gateways.orders import Refusal
from sandbox.gateways.tasks import Task


@dataclass(frozen=True, slots=True)
class _Link:
    token: str
    task: Task
    made: float
    expiry: Expiry | None

    @property
    def is_dead(self) -> bool:
        return self.expiry is not None and time.monotonic() >= self.made + self.expiry.after


class MediaLinks:
    """Hands out one living link for a task, and finds the task again."""

    def __init__(self) -> None:
        self._links: dict[str, _Link] = {}
        self._newest: dict[str, _Link] = {}

    def alive(self, task: Task) -> str | None:
        """The token of the newest link while it lives."""
        link = self._newest.get(task.id)
        return None if link is None or link.is_dead else link.token

    def make(self, task: Task, expiry: Expiry | None) -> str:
        link = _Link(secrets.token_urlsafe(24), task, time.monotonic(), expiry)
        self._links[link.token] = self._newest[task.id] = link
        return link.token

    def find(self, token: str) -> Task | None:
        """The task behind a link, dead or alive."""
        link = self._links.get(token)
        return None if link is None else link.task

    def task(self, token: str) -> Task:
        """The task behind a living link. Raise Refusal 404, or what a dead one answers."""
        link = self._links.get(token)
        if link is None:
            raise Refusal(404, "NoSuchKey", "The specified key does not exist.")
        if link.expiry is not None and link.is_dead:
            raise Refusal(link.expiry.status, "AccessDenied", "Request has expired")
        return link.task
