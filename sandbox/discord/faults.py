"""Scripted faults: which request is hit, how often, and what happens to it."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from sandbox.discord.calls import Reply, Request, rate_limited, refusal


@dataclass(frozen=True)
class AnswerInstead:
    """The request has no effect; this is the answer."""

    reply: Reply


@dataclass(frozen=True)
class AnswerAfter:
    """The request has its effect; the bot gets this answer all the same."""

    reply: Reply


@dataclass(frozen=True)
class CutBefore:
    """The connection is reset and nothing happens. aiohttp repeats a GET, PUT or DELETE once by itself."""


@dataclass(frozen=True)
class CutAfter:
    """The effect happens, then the connection is reset: the answer is lost."""


@dataclass(frozen=True)
class Delay:
    """The request waits before it has its effect."""

    seconds: float


Action: TypeAlias = AnswerInstead | AnswerAfter | CutBefore | CutAfter | Delay
Predicate: TypeAlias = Callable[[Request], bool]


@dataclass
class Fault:
    """One script. `times` counts down; None means for ever. `hits` says how often it struck."""

    method: str
    path: re.Pattern[str]
    action: Action
    times: int | None
    when: Predicate | None
    hits: int = 0

    def strikes(self, request: Request) -> bool:
        return (
            self.times != 0
            and self.method in {request.method, "*"}
            and self.path.search(request.path) is not None
            and (self.when is None or self.when(request))
        )


class Faults:
    """The script. The path is a regular expression, searched in the path after `/api/v10`."""

    def __init__(self) -> None:
        self._scripted: list[Fault] = []

    def add(
        self, method: str, path: str, action: Action, *, times: int | None = 1, when: Predicate | None = None
    ) -> Fault:
        fault = Fault(method, re.compile(path), action, times, when)
        self._scripted.append(fault)
        return fault

    def answer_instead(
        self,
        method: str,
        path: str,
        status: int,
        code: int = 0,
        *,
        message: str = "Scripted refusal",
        headers: dict[str, str] | None = None,
        times: int | None = 1,
        when: Predicate | None = None,
    ) -> Fault:
        action = AnswerInstead(_reply(status, code, message, headers))
        return self.add(method, path, action, times=times, when=when)

    def answer_with_page(
        self,
        method: str,
        path: str,
        status: int,
        page: bytes = b"<!doctype html><title>Not Discord</title>",
        *,
        times: int | None = 1,
        when: Predicate | None = None,
    ) -> Fault:
        """Answer with a page from a proxy in front of Discord, which has none of Discord's error codes."""
        return self.add(method, path, AnswerInstead(Reply(status, page)), times=times, when=when)

    def refuse_uploads(
        self, status: int, code: int, *, channel_id: int | None = None, times: int | None = None
    ) -> Fault:
        """Let messages with files be refused, in one channel or everywhere."""
        path = rf"^/channels/{channel_id or r'[0-9]+'}/messages"
        return self.answer_instead("*", path, status, code, times=times, when=lambda sent: bool(sent.files))

    def answer_after(
        self,
        method: str,
        path: str,
        status: int,
        code: int = 0,
        *,
        message: str = "Scripted failure",
        headers: dict[str, str] | None = None,
        times: int | None = 1,
        when: Predicate | None = None,
    ) -> Fault:
        action = AnswerAfter(_reply(status, code, message, headers))
        return self.add(method, path, action, times=times, when=when)

    def cut_before(
        self, method: str, path: str, *, times: int | None = 1, when: Predicate | None = None
    ) -> Fault:
        return self.add(method, path, CutBefore(), times=times, when=when)

    def cut_after(
        self, method: str, path: str, *, times: int | None = 1, when: Predicate | None = None
    ) -> Fault:
        return self.add(method, path, CutAfter(), times=times, when=when)

    def delay(
        self,
        method: str,
        path: str,
        seconds: float,
        *,
        times: int | None = 1,
        when: Predicate | None = None,
    ) -> Fault:
        return self.add(method, path, Delay(seconds), times=times, when=when)

    def rate_limit(
        self,
        method: str,
        path: str,
        retry_after: float,
        *,
        scope: str = "user",
        times: int | None = 1,
        when: Predicate | None = None,
    ) -> Fault:
        action = AnswerInstead(rate_limited(retry_after, scope=scope))
        return self.add(method, path, action, times=times, when=when)

    def clear(self) -> None:
        self._scripted.clear()

    def take(self, request: Request) -> Fault | None:
        """Return the first fault that strikes this request, and count it down."""
        fault = next((fault for fault in self._scripted if fault.strikes(request)), None)
        if fault is not None:
            fault.hits += 1
            fault.times = None if fault.times is None else fault.times - 1
        return fault


def _reply(status: int, code: int, message: str, headers: dict[str, str] | None) -> Reply:
    plain = refusal(status, code, message)
    return Reply(status, plain.body, headers or {})
