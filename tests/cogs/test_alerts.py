from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from types import SimpleNamespace
from typing import Any

import discord
import pytest

from cogs.operators.alert_texts import LONGEST, MOST_NAMED, alert_text
from cogs.operators.alerts import GAP_SECONDS, SAME_SECONDS, Operators
from core.model.ledger import Scope, Window
from core.model.operator_alerts import (
    BudgetUsed,
    DiscordRefuses,
    NothingSaved,
    OperatorAlert,
    OtherKey,
    OutcomeUnclear,
    ProviderClosed,
    ProviderDown,
    TaskLost,
    VideoUnkept,
)
from tests.cogs.drawn import NOON, refused
from tests.fakes.clock import VirtualClock, settle
from tests.fakes.discord_client import NoClient

ANNA = 11
BERT = 12

BROKE = ProviderClosed("anyint", is_out_of_credit=True, reason="insufficient credit")
STUCK = NothingSaved("data/matinee.db cannot be written. Make room on the disk.")
NEARLY = BudgetUsed(Scope.BOT, 0, Window.DAY, 8_500_000, 10_000_000, NOON)


@dataclass
class Letters(NoClient):
    """All direct messages: when, to whom, what."""

    clock: VirtualClock
    sent: list[tuple[float, int, str]] = field(default_factory=list[tuple[float, int, str]])
    closed: dict[int, discord.HTTPException] = field(default_factory=dict[int, discord.HTTPException])

    async def create_dm(self, user: discord.abc.Snowflake, /) -> discord.DMChannel:
        async def send(words: str, **_: object) -> None:
            if user.id in self.closed:
                raise self.closed[user.id]
            self.sent.append((self.clock.monotonic(), user.id, words))

        channel: Any = SimpleNamespace(send=send)
        opened: discord.DMChannel = channel
        return opened

    @property
    def times(self) -> list[float]:
        return [at for at, _, _ in self.sent]


@pytest.fixture
def letters() -> Letters:
    return Letters(VirtualClock())


@pytest.fixture
async def operators(letters: Letters) -> AsyncIterator[Operators]:
    """One operator, who gets the alerts."""
    async with at_work(letters, ANNA) as operators:
        yield operators


@asynccontextmanager
async def at_work(letters: Letters, *ids: int) -> AsyncGenerator[Operators]:
    operators = Operators(letters, letters.clock, ids)
    async with asyncio.TaskGroup() as group:
        work = group.create_task(operators.run())
        yield operators
        work.cancel()


def unclear(job_id: int) -> OutcomeUnclear:
    return OutcomeUnclear(job_id, "anyint", 420_000)


async def test_an_event_is_sent_to_operators_at_once(letters: Letters, operators: Operators) -> None:
    operators.send(BROKE)
    await settle()

    assert [(at, user) for at, user, _ in letters.sent] == [(0, ANNA)]


async def test_what_happens_within_a_minute_is_collected(letters: Letters, operators: Operators) -> None:
    for job_id in (1, 2, 3):
        operators.send(unclear(job_id))
        await settle()

    await letters.clock.advance(GAP_SECONDS - 1)
    before = letters.times
    await letters.clock.advance(1)

    assert (before, letters.times) == ([0], [0, GAP_SECONDS])
    assert "job 1" in letters.sent[0][2]
    assert all(words in letters.sent[1][2] for words in ("job 2", "job 3"))


async def test_the_gateways_own_words_are_shown_and_do_nothing(
    letters: Letters, operators: Operators
) -> None:
    said = "No available channel @everyone **now**, see https://gateway.example/help " + "x" * 400
    operators.send(OutcomeUnclear(1, "anyint", 420_000, said))
    await settle()

    told = letters.sent[0][2]
    assert "Its words: “No available channel" in told
    assert not any(active in told for active in ("@everyone", "**now**", "https://", "x" * 300))
    assert "It is not sent again by itself" in told


async def test_kinds_do_not_wait_for_each_other(letters: Letters, operators: Operators) -> None:
    for event in (unclear(1), BROKE, STUCK, NEARLY):
        operators.send(event)
    await settle()

    assert letters.times == [0, 0, 0, 0]


async def test_the_very_same_alert_is_sent_once_in_an_hour(letters: Letters, operators: Operators) -> None:
    for _ in range(20):
        operators.send(STUCK)
        await letters.clock.advance(SAME_SECONDS / 10)

    assert letters.times == [0, SAME_SECONDS]


async def test_every_operator_is_told(letters: Letters) -> None:
    async with at_work(letters, ANNA, BERT) as operators:
        operators.send(BROKE)
        await settle()

    assert [user for _, user, _ in letters.sent] == [ANNA, BERT]


async def test_without_operators_nothing_is_kept(letters: Letters) -> None:
    async with at_work(letters) as operators:
        operators.send(BROKE)
        await operators.finish()

    assert letters.sent == []


async def test_an_operator_who_takes_no_messages_is_logged_once_and_delays_no_other(
    letters: Letters, caplog: pytest.LogCaptureFixture
) -> None:
    letters.closed[ANNA] = refused(403, 50007)
    async with at_work(letters, ANNA, BERT) as operators:
        for job_id in (1, 2, 3):
            operators.send(unclear(job_id))
            await letters.clock.advance(GAP_SECONDS)

    assert [user for _, user, _ in letters.sent] == [BERT] * 3
    assert [(record.levelno, vars(record)["operator"]) for record in caplog.records] == [
        (logging.WARNING, ANNA)
    ]


async def test_who_takes_messages_again_and_refuses_again_is_logged_again(
    letters: Letters, operators: Operators, caplog: pytest.LogCaptureFixture
) -> None:
    for number, is_closed in enumerate((True, False, True)):
        letters.closed = {ANNA: refused(403, 50007)} if is_closed else {}
        operators.send(unclear(number))
        await letters.clock.advance(GAP_SECONDS)

    assert len(caplog.records) == 2


async def test_while_discord_is_down_nothing_is_lost(letters: Letters, operators: Operators) -> None:
    letters.closed[ANNA] = refused(503, 0)
    operators.send(unclear(1))
    await letters.clock.advance(10 * GAP_SECONDS)
    letters.closed.clear()
    operators.send(unclear(2))

    await letters.clock.advance(GAP_SECONDS)

    assert len(letters.sent) == 1
    assert all(words in letters.sent[0][2] for words in ("job 1", "job 2"))


async def test_alerts_that_wait_are_sent_at_the_end(letters: Letters, operators: Operators) -> None:
    for job_id in (1, 2):
        operators.send(unclear(job_id))
        await settle()

    await operators.finish()

    assert letters.times == [0, 0]


@pytest.mark.parametrize(
    ("event", "parts"),
    [
        (
            unclear(7),
            ("job 7", "anyint", "about $0.42", "may be charged", "not sent again", "matinee jobs dismiss ID"),
        ),
        (replace(unclear(7), price=None), ("its price is not known",)),
        (BROKE, ("anyint", "balance is used up", "insufficient credit", "Nothing was charged", "Top up")),
        (
            replace(BROKE, is_out_of_credit=False),
            ("does not accept this bot's account or settings", "Nothing was charged", "matinee doctor"),
        ),
        (
            ProviderDown("anyint", "certificate verify failed"),
            ("anyint", "out of reach", "certificate verify failed.", "Nothing was charged", "matinee doctor"),
        ),
        (OtherKey("anyint"), ("anyint", "another key", "are charged", "Set the earlier key again")),
        (
            TaskLost(7, "anyint", "video_9", 420_000),
            ("job 7", "task video\\_9 at anyint", "about $0.42", "probably charged", "Ask the provider"),
        ),
        (STUCK, ("Nothing can be written down", "Make room on the disk.", "brought later")),
        (
            VideoUnkept(7, "the clip cannot be written to the disk (No space left on device)"),
            ("job 7", "No space left on device).", "paid for", "Make room"),
        ),
        (
            DiscordRefuses("401/0"),
            ("Discord takes no videos", "401/0", "kept", "nothing is charged anew", "set a new one"),
        ),
        (NEARLY, ("85 % of today's budget are used", "$8.50 of $10.00", "0:00 UTC on 2 March")),
        (
            replace(NEARLY, scope=Scope.SERVER, owner_id=301, window=Window.MONTH, is_over=True),
            ("no room left in this month's budget of server 301", "cost nothing", "0:00 UTC on 1 April"),
        ),
    ],
)
def test_it_says_what_happened_what_it_cost_and_what_to_do(
    event: OperatorAlert, parts: tuple[str, ...]
) -> None:
    words = alert_text([event])

    for part in parts:
        assert part in words


def test_many_at_once_are_counted_and_explained_once() -> None:
    words = alert_text([unclear(10**18 + number) for number in range(500)])

    assert words.count("Not confirmed: job") == MOST_NAMED
    assert f"and {500 - MOST_NAMED} more." in words
    assert words.count("matinee jobs show") == 1
    assert len(words) <= LONGEST


def test_a_gateways_words_are_shown_as_they_are_and_never_too_long() -> None:
    words = alert_text([replace(BROKE, reason="@everyone **pay** https://pay.example/now " + "*" * 5000)])

    assert "@everyone" not in words
    assert "https://" not in words
    assert r"\*\*pay\*\*" in words
    assert len(words) <= LONGEST
