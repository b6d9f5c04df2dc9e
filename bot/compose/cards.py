"""The layer of cards: how a job is shown on Discord, where its video goes, and the messages beside it."""

from __future__ import annotations

from dataclasses import dataclass

from bot.compose.disk import Disk
from bot.discord.client import Client
from cogs.cards.card import Card
from cogs.cards.card_updater import EDIT_SECONDS, CardUpdater
from cogs.cards.courier import DiscordCourier
from cogs.cards.prompt_marks import MarkingCourier, PromptMarks
from cogs.cards.replies import Replies
from cogs.ordering.attachments import CardPicturePublisher
from core.delivery.message_notes import StaleCards
from core.delivery.refusals import Refusals
from core.model.catalog import Catalog
from core.ports import AlertChannel, Clock


@dataclass(frozen=True, slots=True)
class Cards:
    """The parts that write to Discord about jobs."""

    card: Card
    card_updater: CardUpdater
    courier: MarkingCourier
    marks: PromptMarks
    replies: Replies
    stale_cards: StaleCards
    picture_publisher: CardPicturePublisher


def cards(
    *,
    client: Client,
    clock: Clock,
    disk: Disk,
    catalog: Catalog,
    alerts: AlertChannel,
    bot_id: int,
    longest_gap_seconds: float,
) -> Cards:
    """Build it. A card is edited at least once in `longest_gap_seconds`, where there is news."""
    card, marks = Card(catalog), PromptMarks(client, bot_id=bot_id)
    card_updater = CardUpdater(client, card, clock, gap_seconds=min(EDIT_SECONDS, longest_gap_seconds))
    stale_cards, refusals = StaleCards(disk.notes), Refusals(clock, alerts)
    courier = DiscordCourier(client, card_updater, card, clock, stale_cards, refusals, bot_id=bot_id)
    return Cards(
        card=card,
        card_updater=card_updater,
        courier=MarkingCourier(courier, marks),
        marks=marks,
        replies=Replies(client, clock),
        stale_cards=stale_cards,
        picture_publisher=CardPicturePublisher(client, card_updater, disk.pictures, clock, refusals),
    )
