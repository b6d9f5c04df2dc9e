from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from sandbox.gateways import Fault
from sandbox.gateways.faults import (
    after_create,
    create_out_of_credit,
    create_too_many_pending,
    create_unauthorized,
    says,
)
from tests.e2e.harness.bots import HastyClock, bot_inside
from tests.e2e.harness.scenes import CHANNEL, order, private_answer
from tests.e2e.harness.town import Town


@pytest.fixture
async def hasty_town(town: Town) -> AsyncIterator[Town]:
    """A town with a bot of its own, for which minutes are seconds."""
    async with bot_inside(town, HastyClock()):
        yield town


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (create_unauthorized(), "does not accept this bot's account or settings"),
        (create_out_of_credit(), "balance is used up"),
    ],
    ids=["a key that is refused", "an empty balance"],
)
async def test_what_only_the_operator_can_mend_is_said_at_once_and_nothing_is_queued(
    hasty_town: Town, fault: Fault, said: str
) -> None:
    hasty_town.goes_wrong(fault, "A stranded boat")
    card = await order(hasty_town, "A stranded boat")
    await card.says("No video", said, "Nothing was charged.")

    call = await hasty_town.discord.member("second").command(CHANNEL, "video", prompt="The next boat")
    told = await private_answer(hasty_town, call)

    assert "Nothing was" in told
    assert len(hasty_town.creates("A stranded boat")) == 1
    assert hasty_town.tasks("A stranded boat") == []
    assert hasty_town.creates("The next boat") == []


async def test_a_provider_that_cannot_be_reached_is_tried_again(hasty_town: Town) -> None:
    async with hasty_town.gateways.unreachable("anyint"):
        card = await order(hasty_town, "A boat in fog")
        await card.says("waiting to send it again")

    await card.plays()

    assert len(hasty_town.creates("A boat in fog")) == 1


async def test_a_busy_provider_is_asked_again_when_it_says(hasty_town: Town) -> None:
    hasty_town.goes_wrong(create_too_many_pending(retry_after="30"), "A boat in a crowd")
    card = await order(hasty_town, "A boat in a crowd")

    await card.says("waiting to send it again")
    await card.plays()

    assert len(hasty_town.creates("A boat in a crowd")) == 2
    assert len(hasty_town.tasks("A boat in a crowd")) == 1


def with_both_gateways(town: Town) -> Town:
    return replace(
        town,
        changes={
            "MATINEE_PROVIDERS": "anyint,worldrouter",
            "WORLDROUTER_API_KEY": town.gateways.worldrouter_key,
            "WORLDROUTER_BASE_URL": town.gateways.worldrouter_url,
        },
    )


async def test_another_provider_takes_what_the_first_certainly_did_not_make(town: Town) -> None:
    both = with_both_gateways(town)
    async with bot_inside(both):
        both.goes_wrong(create_out_of_credit(), "A boat with two owners")
        card = await order(both, "A boat with two owners")

        await card.plays()

    assert [task.vendor for task in both.tasks("A boat with two owners")] == ["worldrouter"]


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        ({"message": "Accepted; your balance is low: 3 credits left"}, "Not confirmed"),
        ({"code": 1102, "message": "3 credits left", "data": None}, "Not confirmed"),
        ({"code": 201, "message": "Accepted", "data": {"taskId": "t-1"}}, "Not confirmed"),
        (
            {"object": "video", "id": "", "status": "failed", "error": {"code": 1102, "message": "credits"}},
            "No video",
        ),
    ],
    ids=range(4),
)
async def test_a01_an_answer_of_success_is_never_bought_at_another_gateway(
    town: Town, answer: object, told: str
) -> None:
    both = with_both_gateways(town)
    async with bot_inside(both):
        both.goes_wrong(after_create(says(answer)), "A boat that is bought once")
        card = await order(both, "A boat that is bought once")

        await card.says(told)
        await (await order(both, "A boat after it")).plays()

    sent = [create for create in both.gateways.creates() if b"bought once" in create.body]
    assert [create.vendor for create in sent] == ["anyint"]
