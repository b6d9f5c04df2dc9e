"""One error handler for all commands and buttons: each error is answered in words for the member."""

from __future__ import annotations

import logging
from typing import Final

import discord
from discord import app_commands

from cogs.ui.components import escape, notice
from cogs.ui.discord_errors import translate_errors
from core.model.errors import DeliveryError, NobodyThere, RequestRefused, StoreFull

log = logging.getLogger(__name__)

MESSAGE_SECONDS: Final = 30.0
_SURPRISED: Final = (
    "Something went wrong on my side. If no card for your video shows up, nothing was ordered and nothing "
    "was charged: try again. Whoever runs this bot finds the cause in its log."
)
_FULL: Final = (
    "I cannot write anything down just now, so I do not order anything either. Nothing was charged. "
    "Whoever runs this bot has to make room on its disk."
)
_NOT_NOW: Final = (
    "Discord did not let me do that just now. If no card for a new video shows up, nothing was ordered and "
    "nothing was charged: try again in a minute."
)
_TOO_LATE: Final = frozenset({10062, 40060})
_DEFERRED: Final = discord.InteractionResponseType.deferred_channel_message
_HAS_CARD: Final = "has_card"


async def answer_error(interaction: discord.Interaction, error: BaseException) -> None:
    """Tell the member what went wrong, privately where Discord still allows it."""
    cause = _cause(error)
    if isinstance(cause, discord.HTTPException) and cause.code in _TOO_LATE:
        log.warning("an interaction could not be answered in time", extra={"interaction": interaction.id})
        return
    try:
        async with translate_errors(MESSAGE_SECONDS):
            await say(interaction, words_for(cause, interaction.id))
    except DeliveryError as failure:
        log.warning("an error could not be shown", extra={"interaction": interaction.id, "why": str(failure)})


async def say(interaction: discord.Interaction, words: str) -> None:
    """Answer privately. A pending answer that every member sees is deleted, unless it is a card.

    A member who is still typing gets no suggestions: Discord shows them nothing else.
    """
    response, view = interaction.response, notice(words)
    if interaction.type is discord.InteractionType.autocomplete:
        if not response.is_done():
            await response.autocomplete([])
    elif not response.is_done():
        await response.send_message(view=view, ephemeral=True)
    elif response.type is not _DEFERRED or _HAS_CARD in interaction.extras:
        await interaction.followup.send(view=view, ephemeral=True)
    else:
        # Until the waiting answer says something, Discord puts what follows into it, visible as it is.
        await interaction.edit_original_response(view=view)
        await interaction.followup.send(view=view, ephemeral=True)
        await interaction.delete_original_response()


def keep_answer(interaction: discord.Interaction) -> None:
    """Note that the answer has become a job's card: it stays, whatever error follows."""
    interaction.extras[_HAS_CARD] = True


def _cause(error: BaseException) -> BaseException:
    if isinstance(error, app_commands.CommandInvokeError):
        return error.original
    return error


def words_for(cause: BaseException, event_id: int) -> str:
    """Describe an error in words for a member; `event_id` is for the log, where that is needed."""
    match cause:
        case RequestRefused():
            return escape(str(cause))
        case StoreFull():
            return _FULL
        case NobodyThere():
            return "I am not allowed to do that in this place. Nothing was ordered and nothing was charged."
        case DeliveryError():
            return _NOT_NOW
        case app_commands.AppCommandError():
            return "That did not work here. Nothing was ordered and nothing was charged."
        case _:
            log.error(
                "a command went wrong",
                exc_info=(type(cause), cause, cause.__traceback__),
                extra={"interaction": event_id},
            )
            return _SURPRISED
