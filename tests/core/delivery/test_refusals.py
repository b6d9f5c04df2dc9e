"""What a refusal that repeats comes to."""

from __future__ import annotations

import pytest

from core.delivery.refusals import LATELY_SECONDS, PATIENCE_SECONDS, PAUSE_SECONDS, Recipient, Refusals
from core.model.errors import DeliveryDelayed, DeliveryError, DiscordUnwell, NobodyThere, PlaceRefuses
from core.model.operator_alerts import DiscordRefuses
from tests.fakes.alerts import RecordingAlerts
from tests.fakes.clock import VirtualClock

HERE = Recipient(1, place=7, origin=7)
DIRECTLY = Recipient(1, place=101, origin=7, is_direct=True)
ELSEWHERE = Recipient(2, place=8, origin=8)


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock()


@pytest.fixture
def alerts() -> RecordingAlerts:
    return RecordingAlerts()


@pytest.fixture
def refusals(clock: VirtualClock, alerts: RecordingAlerts) -> Refusals:
    return Refusals(clock, alerts)


async def judged(
    refusals: Refusals, clock: VirtualClock, recipient: Recipient, *codes: str, seconds: float = 31
) -> list[type[DeliveryError]]:
    """Refuse again and again, with so many seconds between; return what it comes to each time."""
    found = list[type[DeliveryError]]()
    for code in codes:
        found.append(type(refusals.judge(recipient, PlaceRefuses(code))))
        await clock.advance(seconds)
    return found


async def test_the_third_over_a_minute_is_the_last_word(refusals: Refusals, clock: VirtualClock) -> None:
    found = await judged(refusals, clock, HERE, *["400/50035"] * 4)

    assert found == [PlaceRefuses, PlaceRefuses, NobodyThere, NobodyThere]


async def test_three_within_a_minute_are_not(refusals: Refusals, clock: VirtualClock) -> None:
    found = await judged(refusals, clock, HERE, *["400/50035"] * 3, "400/50035", seconds=20)

    assert found == [PlaceRefuses, PlaceRefuses, PlaceRefuses, NobodyThere]


async def test_another_code_starts_again(refusals: Refusals, clock: VirtualClock) -> None:
    found = await judged(refusals, clock, HERE, "400/1", "400/1", "400/2", "400/1", "400/1", "400/1")

    assert found == [PlaceRefuses] * 5 + [NobodyThere]


async def test_a_video_that_is_taken_starts_again(refusals: Refusals, clock: VirtualClock) -> None:
    await judged(refusals, clock, HERE, *["400/1"] * 2)
    refusals.took(HERE)

    assert await judged(refusals, clock, HERE, "400/1") == [PlaceRefuses]


async def test_each_job_and_each_place_is_counted_by_itself(refusals: Refusals, clock: VirtualClock) -> None:
    await judged(refusals, clock, HERE, *["400/1"] * 3)

    assert await judged(refusals, clock, DIRECTLY, "400/1") == [PlaceRefuses]
    assert await judged(refusals, clock, Recipient(3, place=7, origin=7), "400/1") == [PlaceRefuses]


async def test_a_refusal_asks_for_a_pause_and_other_errors_are_left_as_they_are(refusals: Refusals) -> None:
    paused = refusals.judge(HERE, PlaceRefuses("400/1"))
    delayed, closed = DeliveryDelayed("429/0"), NobodyThere("403/50001")

    assert isinstance(paused, PlaceRefuses)
    assert paused.seconds == PAUSE_SECONDS
    assert refusals.judge(HERE, delayed) is delayed
    assert refusals.judge(HERE, closed) is closed


async def test_a_code_that_two_channels_get_and_no_channel_accepts_is_waited_for_and_reported(
    refusals: Refusals, clock: VirtualClock, alerts: RecordingAlerts
) -> None:
    refusals.judge(ELSEWHERE, PlaceRefuses("400/1"))

    found = await judged(refusals, clock, HERE, *["400/1"] * 3)

    assert found == [PlaceRefuses] * 3
    assert alerts.raised_events == [DiscordRefuses("400/1")]


async def test_it_is_not_everywhere_when_something_is_taken_meanwhile(
    refusals: Refusals, clock: VirtualClock, alerts: RecordingAlerts
) -> None:
    await judged(refusals, clock, ELSEWHERE, "400/1")
    await judged(refusals, clock, HERE, "400/1")
    refusals.took(Recipient(4, place=9, origin=9))

    assert await judged(refusals, clock, HERE, *["400/1"] * 2) == [PlaceRefuses, NobodyThere]
    assert alerts.raised_events == []


async def test_it_is_not_everywhere_for_what_was_long_ago(refusals: Refusals, clock: VirtualClock) -> None:
    await judged(refusals, clock, ELSEWHERE, "400/1")
    await clock.advance(LATELY_SECONDS)

    assert (await judged(refusals, clock, HERE, *["400/1"] * 3))[-1] is NobodyThere


async def test_a_channel_is_left_after_an_hour_and_a_direct_message_is_not(
    refusals: Refusals, clock: VirtualClock
) -> None:
    """One server may refuse in all its channels: a direct message still arrives then."""
    found = list[type[DeliveryError]]()
    for _ in range(int(PATIENCE_SECONDS / 62) + 2):
        refusals.judge(ELSEWHERE, PlaceRefuses("400/1"))
        found = [type(refusals.judge(one, PlaceRefuses("400/1"))) for one in (HERE, DIRECTLY)]
        await clock.advance(62)

    assert found == [NobodyThere, PlaceRefuses]


async def test_a_page_that_lasts_is_reported_and_waited_for(
    refusals: Refusals, clock: VirtualClock, alerts: RecordingAlerts
) -> None:
    page = DiscordUnwell("503/0")
    for _ in range(2):
        assert refusals.judge(HERE, page) is page
        await clock.advance(59)
    before = list(alerts.raised_events)

    assert refusals.judge(HERE, page) is page
    assert (before, alerts.raised_events) == ([], [DiscordRefuses("503/0")])


async def test_an_unknown_token_is_reported_at_once(refusals: Refusals, alerts: RecordingAlerts) -> None:
    refusals.judge(HERE, DiscordUnwell("401/0", is_for_operator=True))

    assert alerts.raised_events == [DiscordRefuses("401/0")]


async def test_a10_codes_that_change_for_ten_minutes_are_the_last_word(
    refusals: Refusals, clock: VirtualClock
) -> None:
    found = await judged(refusals, clock, HERE, *map(str, range(60_000, 60_022)))

    assert found[:20] == [PlaceRefuses] * 20
    assert found[-1] is NobodyThere


@pytest.mark.parametrize(
    "error",
    [DiscordUnwell("403/0", is_refusal=True), DeliveryDelayed("400/20028", is_refusal=True)],
    ids=["without a code", "one that passes elsewhere"],
)
async def test_a10_an_answer_that_stays_in_one_place_only_is_its_last_word_after_an_hour(
    refusals: Refusals, clock: VirtualClock, error: DeliveryDelayed
) -> None:
    first = refusals.judge(HERE, error)
    await clock.advance(PATIENCE_SECONDS)
    everywhere = refusals.judge(HERE, error)
    refusals.took(ELSEWHERE)

    assert (first, everywhere) == (error, error)
    assert type(refusals.judge(HERE, error)) is NobodyThere


async def test_an_answer_after_which_it_may_be_there_is_waited_for(
    refusals: Refusals, clock: VirtualClock
) -> None:
    error = DiscordUnwell("503/0")
    refusals.judge(HERE, error)
    refusals.took(ELSEWHERE)
    await clock.advance(2 * PATIENCE_SECONDS)

    assert refusals.judge(HERE, error) is error
