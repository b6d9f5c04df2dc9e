"""What people do with the controls of a message."""

from __future__ import annotations

from dataclasses import dataclass

from core.model.job import Job
from sandbox.discord import Call, Member
from tests.e2e.harness import town as towns
from tests.e2e.harness.scenes import Card, private_answer
from tests.e2e.harness.stage import Prop, Stage
from tests.e2e.harness.town import Town

ENDINGS = {"gone", "in the gallery", "cancelled", "brought"}
"""What happens to a message once: each person has one of their own for it."""


@dataclass(frozen=True, slots=True)
class Row:
    shown: str
    control: str
    name: str
    way: str
    people: tuple[str, ...]
    outcome: str

    def __str__(self) -> str:
        return f"{self.shown}: {self.name} by {self.way}, {' and '.join(self.people)}"

    def prop(self, life: str, role: str) -> Prop:
        """Which message this person does it to, in this life."""
        use = f"{self.control} {self.way} {role}" if self.outcome in ENDINGS else "all"
        return self.shown, f"{use}, {life}"


@dataclass(frozen=True, slots=True)
class Cell:
    """One person and one control of one message."""

    stage: Stage
    row: Row
    life: str
    role: str

    @property
    def town(self) -> Town:
        return self.stage.town

    @property
    def card(self) -> Card:
        return self.stage.cards[self.row.prop(self.life, self.role)]

    @property
    def actor(self) -> Member:
        return self.stage.person(self.role, self.row.shown)

    @property
    def prompt(self) -> str:
        """What they write into a form."""
        return f"{self.card.job_id} {self.row.control} by {self.role}"

    async def act(self) -> Call | None:
        """Press, react, or fill in the form that opens."""
        message = self.card.look()
        if self.row.way == "reaction":
            await self.actor.react(message, self.row.control)
            return None
        call = await self.actor.press(message, self.row.control)
        if self.row.way == "button":
            return call
        form = await self.town.discord.until(call.modal)
        return await self.actor.submit(form, prompt=self.prompt)

    async def job(self) -> Job:
        return await towns.job(self.town, self.card.job_id)

    async def orders(self) -> list[Job]:
        """What was ordered on this person's account, by itself."""
        return [job for job in await towns.jobs(self.town) if job.destination.requester_id == self.actor.id]

    async def private_answer(self, call: Call | None) -> str:
        """The messages that only this member sees."""
        assert call is not None
        return await private_answer(self.town, call)
