"""Whatever Discord sends, the command that follows is answered, over the same connection."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
import pytest_asyncio
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from sandbox.discord import Call, LocalDiscord
from sandbox.discord.json_parts import is_object
from tests.e2e.harness import discord_events as events
from tests.e2e.harness import town as towns
from tests.e2e.harness.bots import bot_inside
from tests.e2e.harness.discord_events import EVENTS, INTERACTIONS, ODD, Ids
from tests.e2e.harness.scenes import CHANNEL, words
from tests.e2e.harness.town import Town

pytestmark = pytest.mark.asyncio(loop_scope="module")

FEW, MANY = 150, 5000
_LENIENT = (HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example)


@dataclass(frozen=True, slots=True)
class Harbour:
    """A town whose bot is sent events, and is asked for videos after each."""

    town: Town
    ids: Ids

    async def answers(self) -> None:
        """Order a video, and wait until that is acknowledged and its card is there."""
        discord = self.town.discord
        before = discord.identified, discord.resumed
        call = await discord.member("second").command(CHANNEL, "video", prompt="A boat that comes after")
        await self._ordered(call)
        assert (discord.identified, discord.resumed) == before

    async def _ordered(self, call: Call) -> None:
        answer = await call.answered(timeout=60)
        await self.town.discord.until(lambda: words(call.response()), timeout=60)
        job = await towns.job(self.town, call.interaction_id)
        assert answer["type"] in {4, 5}
        assert job.request.prompt == "A boat that comes after"

    async def answered(self, sent: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
        """Wait for the answer to an interaction, whatever became of it; return what was sent."""
        path = f"/interactions/{sent['id']}/{sent['token']}/callback"

        def found() -> dict[str, Any] | None:
            return next((one.payload for one in self.town.discord.requests if one.path == path), None)

        return await self.town.discord.until(found, timeout=30)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def harbour(tmp_path_factory: pytest.TempPathFactory, clip: bytes) -> AsyncIterator[Harbour]:
    """A Discord that waits for answers for as long as a busy machine takes."""
    patient = LocalDiscord(answer_within=timedelta(minutes=1))
    folder = tmp_path_factory.mktemp("harbour") / "data"
    async with towns.opened(folder, clip=clip, discord=patient) as town, bot_inside(town):
        ids = Ids(patient.guild_id, patient.channel(CHANNEL), patient.member("member").id, patient.bot_id)
        yield Harbour(town, ids)


# ------------------------------------------------------------ known ones


async def test_a11_a_poll_that_never_ends_costs_nothing(
    harbour: Harbour, caplog: pytest.LogCaptureFixture
) -> None:
    poll = events.message(harbour.ids) | {"poll": events.poll() | {"expiry": None}}
    for _ in range(3):
        harbour.town.discord.push_event("MESSAGE_CREATE", poll | {"id": events.snowflake()})

    await harbour.answers()

    lines = [one for one in caplog.records if "could not be read" in one.getMessage()]
    assert len(lines) == 1
    assert vars(lines[0])["event"] == "MESSAGE_CREATE"


@pytest.mark.parametrize(
    "frame",
    [
        "",
        "no JSON",
        "[" * 100_000,
        [],
        "null",
        7,
        {},
        {"op": "0"},
        {"op": 99, "d": None},
        {"op": 0, "t": [], "s": 3, "d": {}},
        {"op": 0, "t": {}, "d": {}},
        {"op": 0, "t": "MESSAGE_CREATE", "s": "soon", "d": None},
        {"op": 0, "t": "MESSAGE_CREATE", "s": [], "d": []},
        {"op": 0, "t": "RESUMED", "s": None, "d": None},
        {"op": 0, "t": "NEXT_YEARS_EVENT", "s": None, "d": {"x": 1}},
    ],
    ids=str,
)
async def test_a11_a_frame_that_is_none_costs_nothing(harbour: Harbour, frame: object) -> None:
    harbour.town.discord.send_frame(frame)

    await harbour.answers()


@pytest.mark.parametrize("make", INTERACTIONS, ids=lambda make: make.__name__)
@pytest.mark.parametrize(
    "lost", ["type", "data", "member", "guild", "channel", "version", "locale", "message"]
)
async def test_a11_the_member_who_pressed_is_answered_though_it_cannot_be_read(
    harbour: Harbour, make: events.Make, lost: str
) -> None:
    sent = make(harbour.ids)
    oddities: tuple[object, ...] = (None, "new", {})
    for odd in oddities:
        odd_one = sent | {"id": events.snowflake(), "token": f"t-{events.snowflake()}", lost: odd}
        harbour.town.discord.push_event("INTERACTION_CREATE", odd_one)
        await harbour.answered(odd_one)

    await harbour.answers()


@pytest.mark.parametrize("kind", [0, 6, 9, 99])
async def test_a11_an_interaction_of_a_new_kind_is_answered(harbour: Harbour, kind: int) -> None:
    sent = events.command(harbour.ids) | {"type": kind}
    harbour.town.discord.push_event("INTERACTION_CREATE", sent)

    answer = await harbour.answered(sent)

    assert answer["data"]["flags"] & 64


async def test_a11_the_member_who_types_gets_no_suggestions_where_it_cannot_be_read(harbour: Harbour) -> None:
    for sent in (
        events.suggestion(harbour.ids) | {"data": {"name": "unknown", "id": "1", "type": 1}},
        events.suggestion(harbour.ids) | {"member": None, "user": None},
        events.changed(events.suggestion(harbour.ids), ("data", "options", 0, "type"), 2**64),
    ):
        harbour.town.discord.push_event("INTERACTION_CREATE", sent)
        assert await harbour.answered(sent) == {"type": 8, "data": {"choices": []}}


async def test_a11_a_press_on_a_message_that_does_not_show_the_button_is_answered(harbour: Harbour) -> None:
    lost_ones: tuple[dict[str, object], ...] = (
        {"components": []},
        {"components": [{"type": 99}]},
        {"flags": 0},
    )
    for lost in lost_ones:
        sent = events.press(harbour.ids)
        sent["message"] |= lost
        harbour.town.discord.push_event("INTERACTION_CREATE", sent)
        await harbour.answered(sent)


# ------------------------------------------------------------ any


Odd = tuple[str, Any]


def made_odd(ids: Ids, name: str, chosen: Sequence[tuple[int, int]]) -> Odd:
    """An event with so many odd places."""
    document = _document(ids, name)
    for place, odd in chosen:
        places = list(events.paths(document))
        document = events.changed(document, places[place % len(places)], ODD[odd])
    return name.partition(" ")[0], document


def _document(ids: Ids, name: str) -> Any:  # noqa: ANN401 - JSON
    if name.startswith("INTERACTION_CREATE"):
        return INTERACTIONS[int(name.partition(" ")[2])](ids)
    return EVENTS[name](ids)


_NAMES = [*EVENTS, *(f"INTERACTION_CREATE {number}" for number in range(len(INTERACTIONS)))]
_CHANGES = st.lists(st.tuples(st.integers(0, 400), st.integers(0, len(ODD) - 1)), max_size=4)
_PLANS = st.lists(st.tuples(st.sampled_from(_NAMES), _CHANGES), min_size=1, max_size=4)


async def played(harbour: Harbour, plan: Sequence[tuple[str, Sequence[tuple[int, int]]]]) -> None:
    """Send odd events in a wrong order, some of them twice; then ask for a video."""
    sent = [made_odd(harbour.ids, name, chosen) for name, chosen in plan]
    order = [*sent, *sent[:2]]
    random.Random(len(str(plan))).shuffle(order)
    for name, document in order:
        harbour.town.discord.push_event(name, document)
    await harbour.answers()
    for name, document in sent:
        if name == "INTERACTION_CREATE" and _can_be_answered(document):
            await harbour.answered(document)


def _can_be_answered(document: Any) -> bool:  # noqa: ANN401 - JSON
    """Whether the two fields are there that an answer takes, as Discord writes them."""
    if not is_object(document):
        return False
    number, token = document.get("id"), document.get("token")
    is_number = isinstance(number, str) and number.isdecimal() and 0 < int(number) < 2**63
    return is_number and isinstance(token, str) and token.startswith("token-")


async def prove(harbour: Harbour, most: int) -> None:
    loop = asyncio.get_running_loop()

    @settings(
        max_examples=most,
        deadline=None,
        derandomize=True,
        database=None,
        phases=(Phase.generate, Phase.shrink),
        suppress_health_check=_LENIENT,
    )
    @given(plan=_PLANS)
    def a_command_that_follows_is_heard(plan: Any) -> None:  # noqa: ANN401 - what the strategy makes
        asyncio.run_coroutine_threadsafe(played(harbour, plan), loop).result(200)

    await asyncio.to_thread(partial(a_command_that_follows_is_heard))


@pytest.mark.timeout(900)
async def test_a11_no_event_made_odd_costs_a_command_that_follows(
    harbour: Harbour, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    await prove(harbour, FEW)


@pytest.mark.long
async def test_a11_thousands_of_events_made_odd_cost_no_command_that_follows(harbour: Harbour) -> None:
    await prove(harbour, MANY)
