"""The actions that operators may have the running bot do, by name."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Mapping
from datetime import datetime
from typing import Final

from pydantic import BaseModel, TypeAdapter

from bot.process.control_socket import Action
from core.dispatch.confirmations import Confirmations
from core.dispatch.health import Condition
from core.dispatch.provider_health import ProviderHealth
from core.model.errors import NotAllowed
from core.model.job import Job, JobState
from core.services.job_actions import JobActions, Operator

CONFIRM_ALL: Final = "confirm all"
HEALTH: Final = "health"


def actions(job_actions: JobActions, show: Callable[[Job], Awaitable[None]]) -> Mapping[str, Action]:
    """Return the actions about a job. `show` brings a card up to date."""

    async def dismiss(job_id: int) -> str:
        await show(await job_actions.dismiss(job_id, Operator()))
        return f"Job {job_id} is dismissed. It stays counted as spent, since it may have been charged."

    async def deliver(job_id: int) -> str:
        job = await job_actions.deliver_again(job_id, Operator())
        if job.state is JobState.READY:
            return f"The video that was offered for job {job_id} is fetched and brought. That costs nothing."
        return f"The video of job {job_id} is brought once more. That costs nothing."

    async def cancel(job_id: int) -> str:
        await job_actions.cancel(job_id, Operator())
        return f"Job {job_id} is cancelled. It was not sent and costs nothing; its member is told."

    return {"dismiss": dismiss, "deliver": deliver, "cancel": cancel}


def confirming(
    job_actions: JobActions, confirmations: Confirmations, wake: Callable[[Job], None]
) -> Mapping[str, Action]:
    """Return the actions by which an operator lets jobs be sent that wait for a yes."""

    async def confirm(job_id: int) -> str:
        job = await job_actions.find(job_id)
        if not await confirmations.confirm(job_id):
            raise NotAllowed(f"Job {job_id} does not wait for a yes. Nothing was changed.")
        wake(job)
        return f"Job {job_id} is sent when its turn comes."

    async def confirm_all(_: int) -> str:
        waiting = sorted(confirmations.waiting)
        if not waiting:
            raise NotAllowed("No job waits for a yes. Nothing was changed.")
        for job_id in waiting:
            await confirm(job_id)
        if len(waiting) == 1:
            return f"1 job is sent when its turn comes: {waiting[0]}."
        return f"{len(waiting)} jobs are sent when their turn comes."

    return {"confirm": confirm, CONFIRM_ALL: confirm_all}


def resumptions(provider_health: ProviderHealth, wake: Callable[[], None]) -> Mapping[str, Action]:
    """Return the actions by which an operator lets paid requests be sent again, for each paused provider."""

    def resume(provider: str) -> Action:
        async def resumed(_: int) -> str:
            provider_health.creates.resume(provider)
            wake()
            return f"Paid requests are sent to {provider} again, from now on."

        return resumed

    return {resume_action(health.provider): resume(health.provider) for health in provider_health.all()}


def resume_action(provider: str) -> str:
    return f"resume {provider}"


class Trouble(BaseModel):
    """What is not as it should be with a provider, asked for videos or about its tasks. Times are in UTC."""

    provider: str
    is_about_tasks: bool
    condition: Condition
    reason: str
    since: datetime
    until: datetime


TROUBLES: Final = TypeAdapter(list[Trouble])


def health_report(provider_health: ProviderHealth) -> Mapping[str, Action]:
    """Return how the running bot says what is wrong with providers, as JSON of `TROUBLES`."""

    async def report(_: int) -> str:
        return TROUBLES.dump_json(list(_troubles(provider_health))).decode()

    return {HEALTH: report}


def _troubles(provider_health: ProviderHealth) -> Iterator[Trouble]:
    for health in provider_health.all():
        for half in (health.creates, health.questions):
            if half.condition is not Condition.WORKING:
                yield Trouble(
                    provider=health.provider,
                    is_about_tasks=half is health.questions,
                    condition=half.condition,
                    reason=half.reason,
                    since=provider_health.began_at(half),
                    until=provider_health.free_at(half),
                )
