"""Keeps the parts running that serve all jobs: a fault in one of them ends neither it nor the program."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from typing import Final

from core.ports import Clock

log = logging.getLogger(__name__)

AGAIN_SECONDS: Final = 5.0


async def restart_on_failure(run: Callable[[], Awaitable[None]], clock: Clock) -> None:
    """Run a part until cancelled. After a fault, which is logged, it starts again a little later."""
    while True:
        try:
            await run()
        except Exception:
            log.exception("a part of the program failed; it begins anew")
        await clock.sleep(AGAIN_SECONDS)
