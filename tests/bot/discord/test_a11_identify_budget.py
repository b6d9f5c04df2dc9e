"""However a connection breaks, the bot comes nowhere near the IDENTIFYs at which Discord takes its token."""

from __future__ import annotations

import pytest

from bot.discord.identify_budget import FREE, KEY, MOST, IdentifyBudget, SessionStarts
from core.model.errors import StoreFull
from core.model.operator_alerts import SessionsUsed
from core.ports import KeyValueStore
from storage.memory.stores import MemoryKeyValues
from tests.fakes.alerts import RecordingAlerts
from tests.fakes.clock import VirtualClock

DAY = 86_400.0
PLENTY = SessionStarts(total=1000, remaining=1000, reset_seconds=DAY, at_once=1)


class Fixed:
    """What Discord says of the sessions that may be begun; None where it does not say."""

    def __init__(self, starts: SessionStarts | None = PLENTY) -> None:
        self.starts = starts

    async def __call__(self) -> SessionStarts | None:
        return self.starts


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock()


@pytest.fixture
def alerts() -> RecordingAlerts:
    return RecordingAlerts()


async def identify(budget: IdentifyBudget, clock: VirtualClock) -> float:
    """Wait as long as it takes, and count; return the seconds that were waited."""
    began = clock.monotonic()
    while (seconds := await budget.wait_seconds()) > 0:
        await clock.advance(seconds)
    await budget.count()
    return clock.monotonic() - began


async def sent_in_a_day(notes: KeyValueStore, clock: VirtualClock, ask: Fixed, *, dies: bool) -> int:
    """IDENTIFY without a pause for a day; each is the work of a new process where it dies of it."""
    alerts, count, began = RecordingAlerts(), 0, clock.monotonic()
    budget = IdentifyBudget(notes, clock, alerts, ask)
    while clock.monotonic() - began < DAY:
        await identify(budget, clock)
        count += 1
        if dies:
            budget = IdentifyBudget(notes, clock, alerts, ask)
    return count


@pytest.mark.parametrize("dies", [False, True], ids=["one process", "a process each"])
@pytest.mark.parametrize("starts", [PLENTY, None], ids=["Discord counts", "Discord does not say"])
async def test_a11_a_loop_that_is_broken_for_days_stays_far_below_a_thousand(
    clock: VirtualClock, starts: SessionStarts | None, *, dies: bool
) -> None:
    notes = MemoryKeyValues()

    days = [await sent_in_a_day(notes, clock, Fixed(starts), dies=dies) for _ in range(2)]

    assert days[0] <= MOST
    assert sum(days) <= 2 * MOST


async def test_a11_the_first_is_sent_at_once_and_the_next_within_seconds(
    clock: VirtualClock, alerts: RecordingAlerts
) -> None:
    budget = IdentifyBudget(MemoryKeyValues(), clock, alerts, Fixed())

    assert await identify(budget, clock) == 0
    assert await identify(budget, clock) == pytest.approx(5)
    await clock.advance(3600)
    assert await identify(budget, clock) == 0
    assert alerts.raised_events == []


async def test_a11_as_many_at_once_as_discord_allows(clock: VirtualClock, alerts: RecordingAlerts) -> None:
    starts = SessionStarts(total=2000, remaining=2000, reset_seconds=DAY, at_once=16)
    budget = IdentifyBudget(MemoryKeyValues(), clock, alerts, Fixed(starts))
    await identify(budget, clock)

    assert await identify(budget, clock) == pytest.approx(5 / 16)


async def test_a11_what_discord_has_left_is_spread_over_the_time_that_is_left_and_told(
    clock: VirtualClock, alerts: RecordingAlerts
) -> None:
    starts = SessionStarts(total=1000, remaining=10, reset_seconds=3600, at_once=1)
    budget = IdentifyBudget(MemoryKeyValues(), clock, alerts, Fixed(starts))
    await identify(budget, clock)

    waited = await identify(budget, clock)

    assert waited == pytest.approx(360)
    assert alerts.raised_events
    assert all(isinstance(event, SessionsUsed) for event in alerts.raised_events)


async def test_a11_nothing_left_means_waiting_for_more(clock: VirtualClock, alerts: RecordingAlerts) -> None:
    ask = Fixed(SessionStarts(total=1000, remaining=0, reset_seconds=1800, at_once=1))
    budget = IdentifyBudget(MemoryKeyValues(), clock, alerts, ask)

    assert await budget.wait_seconds() == 1800
    ask.starts = PLENTY
    assert await budget.wait_seconds() == 0


@pytest.mark.parametrize("odd", [0, -1, 10**9])
async def test_a11_odd_numbers_of_discords_neither_storm_nor_stop(
    clock: VirtualClock, alerts: RecordingAlerts, odd: int
) -> None:
    starts = SessionStarts(total=1000, remaining=1000, reset_seconds=odd, at_once=odd)
    budget = IdentifyBudget(MemoryKeyValues(), clock, alerts, Fixed(starts))
    await identify(budget, clock)

    assert 0 <= await budget.wait_seconds() <= 5


async def test_a11_the_operator_is_told_once_an_hour(clock: VirtualClock, alerts: RecordingAlerts) -> None:
    budget = IdentifyBudget(MemoryKeyValues(), clock, alerts, Fixed())
    for _ in range(FREE + 3):
        await identify(budget, clock)

    assert 1 <= len(set(alerts.raised_events)) <= 2


async def test_a11_a_clock_that_was_set_back_holds_nothing_up_for_long(
    clock: VirtualClock, alerts: RecordingAlerts
) -> None:
    notes = MemoryKeyValues()
    await notes.remember(KEY, f'{{"hours": [[9999999, 800]], "last": {clock.now().timestamp() + 10**6}}}')

    budget = IdentifyBudget(notes, clock, alerts, Fixed())

    assert await budget.wait_seconds() == pytest.approx(5)


@pytest.mark.parametrize(
    "note", ["", "{", "7", "[]", "null", '{"hours": 3}', '{"hours": [[1]], "last": "soon"}']
)
async def test_a11_a_damaged_note_does_not_prevent_connecting(
    clock: VirtualClock, alerts: RecordingAlerts, note: str
) -> None:
    notes = MemoryKeyValues()
    await notes.remember(KEY, note)

    assert await identify(IdentifyBudget(notes, clock, alerts, Fixed()), clock) == 0


class FullNotes(MemoryKeyValues):
    async def recall(self, key: str) -> str | None:
        raise StoreFull(key)

    async def remember(self, key: str, value: str) -> None:
        raise StoreFull(value or key)


async def test_a11_a_full_disk_does_not_prevent_connecting(
    clock: VirtualClock, alerts: RecordingAlerts
) -> None:
    budget = IdentifyBudget(FullNotes(), clock, alerts, Fixed())

    assert await identify(budget, clock) == 0
    assert await identify(budget, clock) == pytest.approx(5)
