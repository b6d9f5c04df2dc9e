from __future__ import annotations

import logging
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import discord
import pytest
from discord import app_commands

from cogs.ui.components import Layout
from cogs.ui.error_replies import answer_error, keep_answer
from core.model.errors import DeliveryDelayed, NobodyThere, PromptMissing, RequestRefused, StoreFull
from tests.cogs.drawn import refused, words

Kind = discord.InteractionResponseType


@dataclass
class Conversation:
    """An interaction from the bot's side: how it was acknowledged, and everything said since, in order."""

    acknowledged: Kind | None = None
    said: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])
    refuses: Exception | None = None

    def interaction(self) -> discord.Interaction:
        is_done = self.acknowledged is not None
        stand_in: Any = SimpleNamespace(
            id=7,
            type=discord.InteractionType.application_command,
            extras={},
            response=SimpleNamespace(
                type=self.acknowledged, is_done=lambda: is_done, send_message=self._saying("answer")
            ),
            followup=SimpleNamespace(send=self._saying("more")),
            edit_original_response=self._saying("edit"),
            delete_original_response=self._saying("delete"),
        )
        interaction: discord.Interaction = stand_in
        return interaction

    def _saying(self, how: str) -> Any:  # noqa: ANN401 - a method of discord.py's
        async def say(*, view: Layout | None = None, ephemeral: bool = False) -> None:
            if self.refuses is not None:
                raise self.refuses
            private = " privately" if ephemeral else ""
            self.said.append((f"{how}{private}", "" if view is None else words(view)))

        return say


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (PromptMissing(), "Say what should happen in the video: the prompt is empty."),
        (RequestRefused("No **model** @everyone."), "No \\*\\*model\\*\\* @\u200beveryone."),
        (StoreFull("disk full"), "I cannot write anything down just now"),
        (NobodyThere("403/50001"), "I am not allowed to do that in this place."),
        (DeliveryDelayed("503/0"), "Discord did not let me do that just now."),
        (app_commands.CheckFailure(), "That did not work here."),
        (KeyError("secret-detail"), "Something went wrong on my side."),
    ],
)
async def test_every_error_is_answered_privately_in_words(error: Exception, said: str) -> None:
    conversation = Conversation()

    await answer_error(conversation.interaction(), error)

    ((how, answer),) = conversation.said
    assert how == "answer privately"
    assert answer.startswith(said)
    assert "secret-detail" not in answer


async def test_an_error_inside_a_command_is_what_is_answered() -> None:
    conversation = Conversation()
    command: Any = SimpleNamespace(name="video")

    error = app_commands.CommandInvokeError(command, PromptMissing())
    await answer_error(conversation.interaction(), error)

    assert conversation.said == [("answer privately", str(PromptMissing()))]


async def test_a_surprise_is_in_the_log_with_its_cause(caplog: pytest.LogCaptureFixture) -> None:
    await answer_error(Conversation().interaction(), KeyError("detail"))

    (record,) = caplog.records
    assert record.levelno == logging.ERROR
    assert record.exc_info is not None
    assert isinstance(record.exc_info[1], KeyError)


async def test_a_public_answer_under_way_is_taken_back() -> None:
    conversation = Conversation(Kind.deferred_channel_message)

    await answer_error(conversation.interaction(), PromptMissing())

    assert [how for how, _ in conversation.said] == ["edit", "more privately", "delete"]


async def test_an_answer_that_has_become_a_card_stays() -> None:
    conversation = Conversation(Kind.deferred_channel_message)
    interaction = conversation.interaction()
    keep_answer(interaction)

    await answer_error(interaction, PromptMissing())

    assert [how for how, _ in conversation.said] == ["more privately"]


async def test_the_message_of_a_button_that_was_pressed_stays() -> None:
    conversation = Conversation(Kind.deferred_message_update)

    await answer_error(conversation.interaction(), PromptMissing())

    assert [how for how, _ in conversation.said] == ["more privately"]


@pytest.mark.parametrize("code", [10062, 40060])
async def test_an_interaction_that_came_too_late_is_let_go(code: int) -> None:
    conversation = Conversation()

    await answer_error(conversation.interaction(), refused(404, code))

    assert conversation.said == []


@pytest.mark.parametrize("failure", [refused(401, 50027), ConnectionResetError("reset")])
async def test_an_error_that_cannot_be_shown_ends_there(
    caplog: pytest.LogCaptureFixture, failure: Exception
) -> None:
    conversation = Conversation(refuses=failure)

    await answer_error(conversation.interaction(), PromptMissing())

    assert [record.message for record in caplog.records] == ["an error could not be shown"]
