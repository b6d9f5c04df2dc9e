"""Rate limits: one bucket for each route and place, announced in headers and enforced."""

import re
import time
from collections import deque
from dataclasses import dataclass

from sandbox.discord.calls import Reply, Request, rate_limited


@dataclass(frozen=True)
class Rate:
    calls: int
    seconds: float


GENEROUS = Rate(200, 1.0)
OBSERVED_MESSAGES = Rate(5, 5.0)
OBSERVED_TOKENS = Rate(5, 2.0)
_NUMBER = re.compile(r"\d{6,}|@original")


class Rates:
    """`observed=True` uses the numbers that people have measured at Discord instead of generous ones."""

    def __init__(self, *, observed: bool) -> None:
        self._observed = observed
        self._calls: dict[tuple[str, str], deque[float]] = {}

    def take(self, request: Request) -> tuple[dict[str, str], Reply | None]:
        """The headers for the answer, and a 429 when the bucket is empty."""
        if request.parts[0] == "interactions":
            return {}, None
        rate, key = self._rate(request), (_route(request), _place(request))
        now = time.monotonic()
        calls = self._calls.setdefault(key, deque())
        while calls and calls[0] <= now - rate.seconds:
            calls.popleft()
        full = len(calls) >= rate.calls
        if not full:
            calls.append(now)
        reset_after = calls[0] + rate.seconds - now
        headers = _headers(key[0], rate, rate.calls - len(calls), reset_after)
        return headers, rate_limited(round(reset_after, 3)) if full else None

    def _rate(self, request: Request) -> Rate:
        if not self._observed:
            return GENEROUS
        if request.parts[0] == "webhooks":
            return OBSERVED_TOKENS
        is_message = "messages" in request.parts and request.method in {"POST", "PATCH"}
        return OBSERVED_MESSAGES if is_message else GENEROUS


def _route(request: Request) -> str:
    if request.parts[0] == "webhooks":
        return "webhooks"
    return f"{request.method} {_NUMBER.sub(':', request.path)}"


def _place(request: Request) -> str:
    parts = request.parts
    return "/".join(parts[:3] if parts[0] == "webhooks" else parts[:2])


def _headers(bucket: str, rate: Rate, remaining: int, reset_after: float) -> dict[str, str]:
    return {
        "X-RateLimit-Bucket": f"{abs(hash(bucket)):016x}",
        "X-RateLimit-Limit": str(rate.calls),
        "X-RateLimit-Remaining": str(remaining),
        "X-RateLimit-Reset": f"{time.time() + reset_after:.3f}",
        "X-RateLimit-Reset-After": f"{reset_after:.3f}",
    }
