"""Whatever goes wrong, in whatever order: nothing is paid twice, no key and no signed link gets out."""

import asyncio
import logging
import traceback
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx
from hypothesis import example, given, settings
from hypothesis import strategies as st

from core.model.errors import (
    CheckFailed,
    FetchFailed,
    MatineeError,
    NotSent,
    OutcomeUnknown,
    Refused,
    TaskMissing,
)
from core.model.job import Ticket
from core.ports import Failed, Finished, Provider, Unlocated, Working
from providers import open_network
from sandbox.gateways import Fault, LocalGateways, Pace
from sandbox.gateways import faults as script
from tests.providers.world import CLIP, RememberedReplies, VirtualClock, built, order, place

SIGNATURE = "sig=0123456789abcdef"
Plan = Sequence[Callable[[str], Fault]]

CREATES: Plan = [
    lambda _: script.create_accepted_then_hangs(),
    lambda _: script.create_accepted_then_reset(),
    lambda _: script.create_accepted_then_closed(),
    lambda _: script.create_accepted_then_truncated(),
    lambda _: script.create_accepted_then_not_http(),
    lambda _: script.create_accepted_then_html(502),
    lambda _: script.create_accepted_then_refused(503),
    lambda _: script.create_accepted_without_id(),
    lambda _: script.create_reset(),
    lambda _: script.create_too_many_pending("1"),
    lambda _: script.create_failed_upstream(),
    lambda elsewhere: script.create_refused(400, "denied", f"see {elsewhere}"),
    script.create_redirected,
]
STATUSES: Plan = [
    lambda _: script.status_hangs(),
    lambda _: script.status_reset(),
    lambda _: script.status_truncated(),
    lambda _: script.status_not_found(),
    lambda _: script.status_is_broken_gzip(),
    lambda _: script.status_rate_limited("soon"),
    lambda _: script.state_missing(),
    lambda _: script.link_missing(),
    lambda _: script.media_link_expires(),
    lambda _: script.task_fails("no"),
    lambda elsewhere: script.reason_reads({"message": f"see {elsewhere}", "code": 7}),
    script.link_reads,
]
FILES: Plan = [
    lambda _: script.file_truncated(is_length_told=False),
    lambda _: script.file_resets_midway(),
    lambda _: script.file_is_html(),
    lambda _: script.file_not_ready(),
    lambda _: script.file_refused(403),
    script.file_redirected,
    script.file_is_at,
]
PLANS = st.tuples(
    *(st.lists(st.sampled_from(stage), max_size=2) for stage in (CREATES, STATUSES, FILES)),
).map(lambda stages: [fault for stage in stages for fault in stage])
NAMES = st.sampled_from(["anyint", "anyint-native", "worldrouter"])


class Story:
    """Orders twice, asks, fetches, and writes down what went wrong."""

    def __init__(self, provider: Provider, gateways: LocalGateways, folder: Path) -> None:
        self.creates = 0
        self.errors: list[MatineeError] = []
        self._provider = provider
        self._gateways = gateways
        self._folder = folder

    async def run(self) -> None:
        for job_id in (1, 2):
            ticket = await self._create(job_id)
            if ticket is not None:
                await self._watch(ticket, self._folder / f"video-{job_id}.mp4")

    async def _create(self, job_id: int) -> Ticket | None:
        self.creates += 1
        try:
            return (await self._provider.create(order(self._provider.name, job_id=job_id))).ticket
        except (NotSent, Refused, OutcomeUnknown) as error:
            self.errors.append(error)
            return None

    async def _watch(self, ticket: Ticket, into: Path) -> None:
        await self._gateways.until(lambda: all(task.is_over for task in self._gateways.tasks))
        for _ in range(4):
            try:
                progress = await self._provider.check(ticket)
                if isinstance(progress, Finished):
                    await self._provider.fetch(ticket, progress.result, into)
                    assert into.read_bytes() == CLIP
                    return
                assert isinstance(progress, Working | Unlocated | Failed)
            except (CheckFailed, TaskMissing, FetchFailed) as error:
                self.errors.append(error)

    @property
    def told(self) -> str:
        return "\n".join("".join(traceback.format_exception(error)) + repr(error) for error in self.errors)


@contextmanager
def everything_logged() -> Generator[list[str]]:
    """Collect what any library but the stand-in's own server writes into the log."""
    lines: list[str] = []

    class Collecting(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            if not record.name.startswith("aiohttp"):
                lines.append(record.getMessage())

    handler, root = Collecting(), logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    try:
        yield lines
    finally:
        root.setLevel(level)
        root.removeHandler(handler)


async def play(name: str, plan: Plan, folder: Path, lines: Sequence[str]) -> None:
    async with LocalGateways(pace=Pace(queued=0, rendering=0.01), clip=CLIP) as gateways:
        allowed = [place(gateways.anyint_url), place(gateways.worldrouter_url)]
        own, other = gateways.anyint_url, gateways.worldrouter_url
        if name == "worldrouter":
            own, other = other, own
        async with open_network(
            clock=VirtualClock(), allowed_hosts=allowed, create_read_timeout=0.15
        ) as network:
            network.asking.timeout = httpx.Timeout(0.15)
            for fault in plan:
                gateways.faults.add(fault(f"{other}/media/kling/a/output.mp4?{SIGNATURE}"))
            story = Story(built(name, gateways, network, RememberedReplies()), gateways, folder)
            await story.run()

    posts = [sent for sent in gateways.requests if sent.method == "POST"]
    strangers = [sent for sent in gateways.requests if place(other) == sent.headers.get("Host")]
    assert len(posts) == story.creates
    assert all("Authorization" not in sent.headers for sent in strangers)
    for secret in (gateways.anyint_key, gateways.worldrouter_key, SIGNATURE):
        assert secret not in story.told
        assert secret not in "\n".join(lines)


@settings(max_examples=60, deadline=None)
@given(name=NAMES, plan=PLANS)
@example(name="anyint", plan=[script.file_redirected])
@example(name="anyint", plan=[script.link_reads])
def test_any_plan_of_faults(name: str, plan: Plan) -> None:
    with TemporaryDirectory() as folder, everything_logged() as lines:
        asyncio.run(play(name, plan, Path(folder), lines))
