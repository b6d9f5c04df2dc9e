"""A stretch of virtual time with thousands of jobs in it, in which anything may go wrong at any moment."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from random import Random
from typing import Final

from tests.proof.harness.channels import FORBIDDEN
from tests.proof.harness.failpoints import Crash, Fault
from tests.proof.harness.program import Program
from tests.proof.harness.world import Bot, PatientClock, World

UNHEARD: Final = 0.05
FAILS: Final = 0.02
CRASHES: Final = 0.0003
JUMPS: Final = 0.0005
CANCELS: Final = 0.05
REPLAYS: Final = 0.02
"""How often, of all times at which it could happen."""

HOUR: Final = timedelta(hours=1)
CALM_SECONDS: Final = 7200.0
OUTAGE_SECONDS: Final = 1800.0
ORDER_SECONDS: Final = 40.0
MEMBERS: Final = 40
CHANNELS: Final = 25
WHERE: Final = {
    **dict.fromkeys(("create", "check", "fetch", "look up"), "gateway"),
    **dict.fromkeys(("card", "look at card", "edit", "upload", "post", "history"), "discord"),
}


@dataclass(slots=True)
class RandomFaults:
    """Chooses what goes wrong: answers that are lost here and there, and outages in which nothing works.

    Discord forbids nothing, for then no member could be told.
    """

    chance: Random
    clock: PatientClock
    outages: dict[str, tuple[float, float]] = field(default_factory=dict[str, tuple[float, float]])

    def __call__(self, name: str, faults: Sequence[Fault]) -> Fault | None:
        if not faults or name == "restart":
            return self.chance.choice([None, *faults])
        if self.chance.random() < JUMPS:
            self.clock.jump(self.chance.choice([HOUR, -HOUR]))
        if name in WHERE and self._is_out(WHERE[name]):
            return faults[0]
        draw = self.chance.random()
        if draw < CRASHES:
            return self._one_of(fault for fault in faults if fault.error is Crash)
        harmless = [fault for fault in faults if fault.error is not Crash and fault is not FORBIDDEN]
        if draw < CRASHES + UNHEARD:
            return self._one_of(fault for fault in harmless if fault.has_effect)
        if draw < CRASHES + UNHEARD + FAILS:
            return self._one_of(fault for fault in harmless if not fault.has_effect)
        return None

    def _is_out(self, where: str) -> bool:
        """Whether an outage lasts; each is followed by the next one, some time later."""
        now = self.clock.monotonic()
        begins, ends = self.outages.get(where, (0.0, 0.0))
        if now >= ends:
            begins = now + self.chance.uniform(0, CALM_SECONDS)
            ends = begins + self.chance.uniform(0, OUTAGE_SECONDS)
            self.outages[where] = begins, ends
        return begins <= now < ends

    def _one_of(self, faults: Iterable[Fault]) -> Fault | None:
        possible = list(faults)
        return self.chance.choice(possible) if possible else None


@dataclass(slots=True)
class Crowd:
    """People who order one video after another, and now and then cancel one, until all are ordered."""

    chance: Random
    jobs: int
    ordered: int = 0

    async def __call__(self, world: World, bot: Bot) -> None:
        assert isinstance(bot, Program)
        while self.ordered < self.jobs:
            await world.clock.sleep(self.chance.uniform(0, ORDER_SECONDS))
            self.ordered += 1
            await self._order(bot, self.ordered)
            if self.chance.random() < REPLAYS:
                await self._order(bot, self.ordered)
            if self.chance.random() < CANCELS:
                await bot.cancel(self.ordered, member_id=self.ordered % MEMBERS)

    async def _order(self, bot: Program, job_id: int) -> None:
        await bot.order(job_id, member_id=job_id % MEMBERS, channel_id=job_id % CHANNELS)
