"""Furnishes the client with all commands, menus, buttons and listeners, and says what then has to run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from discord.ext import commands

from bot.compose import providers as gateways
from bot.compose.actions import Afterlife, House, afterlife
from bot.compose.community import Community
from bot.compose.restored_copy import GoingBack
from bot.compose.services import Wiring
from bot.discord.client import Client
from bot.process.data_folder_care import Upkeep
from cogs.account.privacy import privacy_press
from cogs.account.settings import WishesCog
from cogs.actions.buttons import Action, Controls, job_press
from cogs.actions.deleted_messages import DeletionsCog
from cogs.actions.get_video import Pickup
from cogs.actions.unconfirmed import Doubts
from cogs.actions.unknown_buttons import PressesCog
from cogs.cards.card_repair import LateWords
from cogs.cards.card_updater import Board
from cogs.cards.pings import Notices
from cogs.jobs.commands import ListingCog, listing_presses
from cogs.operators.alerts import Operators
from cogs.ordering.attachments import PictureDesk
from cogs.ordering.interaction_orders import OrderDesk
from cogs.ordering.message_orders import CardDesk
from cogs.ordering.order_options import Wishing
from cogs.ordering.video import VideoCog
from core.dispatch.provider_health import Infirmary
from core.engine.runner import Runner
from core.polling.duration_store import Learning, recalled
from core.ports import Notes
from core.privacy.erasure import Eraser
from core.services.orders import Studio
from providers.pictures.intake import ChildPictures
from providers.pictures.link_check import KlingPictures
from storage.retention import Retention


@dataclass(frozen=True, slots=True)
class Works:
    """The parts that have something to do while the program runs."""

    client: Client
    studio: Studio
    runner: Runner
    infirmary: Infirmary
    going_back: GoingBack
    incoming: ChildPictures
    board: Board
    operators: Operators
    doubts: Doubts
    late_words: LateWords
    learning: Learning
    retention: Retention
    eraser: Eraser
    community: Community
    upkeep: Upkeep
    notes: Notes


async def wired(wiring: Wiring) -> Works:
    """Wire the parts together and furnish the client, which has logged in: it knows who it is."""
    experience = await recalled(wiring.notes)
    await wiring.preferences.look_through()
    runner = wiring.runner(experience)
    studio = wiring.studio(runner)
    furniture = Furniture(wiring, runner, studio)
    await furniture.move_in()
    return Works(
        wiring.client,
        studio,
        runner,
        wiring.lineup.infirmary,
        wiring.disk.going_back,
        wiring.disk.incoming,
        wiring.board,
        wiring.operators,
        furniture.doubts,
        wiring.late_words(studio),
        Learning(wiring.notes, wiring.clock, experience),
        wiring.retention,
        wiring.eraser,
        wiring.social,
        wiring.upkeep,
        wiring.notes,
    )


class Furniture:
    """Each piece is made once, when it is first asked for, out of the pieces that it names."""

    def __init__(self, wiring: Wiring, runner: Runner, studio: Studio) -> None:
        self._wiring = wiring
        self._runner = runner
        self._studio = studio

    async def move_in(self) -> None:
        """Give the client, which has logged in, all that it listens to."""
        listing = ListingCog(studio=self._studio, departed=self._wiring.departed)
        privacy = self._wiring.privacy
        presses = PressesCog((job_press(self._actions), *listing_presses(listing), privacy_press(privacy)))
        await self._wiring.client.furnish([listing, privacy, presses, *self._cogs])

    @cached_property
    def doubts(self) -> Doubts:
        wiring = self._wiring
        return Doubts(
            studio=self._studio,
            desk=self._orders,
            wishing=self._wishing,
            channels=wiring.client,
            card=wiring.card,
        )

    @property
    def _actions(self) -> Mapping[str, Action]:
        """What buttons do."""
        wiring = self._wiring
        pickup = Pickup(
            studio=self._studio,
            card=wiring.card,
            clock=wiring.clock,
            means=wiring.means,
            lineup=wiring.lineup,
        )
        return {
            **self._controls.actions,
            **self.doubts.actions,
            **pickup.actions,
            **self._afterlife.actions,
        }

    @property
    def _cogs(self) -> list[commands.Cog]:
        wiring, studio = self._wiring, self._studio
        return [
            VideoCog(
                studio=studio,
                desk=self._orders,
                pictures=self._gateway_pictures,
                wishing=self._wishing,
            ),
            DeletionsCog(studio=studio, departed=wiring.departed),
            WishesCog(
                studio=studio,
                preferences=wiring.preferences,
                channels=wiring.prompt_channels,
                galleries=wiring.galleries,
            ),
            *self._afterlife.cogs,
            *wiring.social.cogs(
                galleries=wiring.galleries,
                studio=studio,
                preferences=wiring.preferences,
                wishing=self._wishing,
                pictures=self._pictures,
                cards=self._cards,
                means=wiring.means,
            ),
        ]

    # ------------------------------------------------------------ what they work with

    @cached_property
    def _gateway_pictures(self) -> KlingPictures:
        settings = self._wiring.settings
        return KlingPictures(gateways.allowed_hosts(settings), own=settings.matinee_public_url)

    @cached_property
    def _pictures(self) -> PictureDesk:
        wiring = self._wiring
        return PictureDesk(intake=wiring.disk.incoming, shelf=wiring.disk.pictures, host=wiring.host)

    @cached_property
    def _cards(self) -> CardDesk:
        return CardDesk(
            studio=self._studio,
            pictures=self._pictures,
            board=self._wiring.board,
            doors=self._wiring.client,
            clock=self._wiring.clock,
            ahead=self._runner.ahead,
        )

    @cached_property
    def _wishing(self) -> Wishing:
        return Wishing(studio=self._studio, preferences=self._wiring.preferences)

    @cached_property
    def _orders(self) -> OrderDesk:
        return OrderDesk(studio=self._studio, pictures=self._pictures, cards=self._cards)

    @cached_property
    def _controls(self) -> Controls:
        wiring = self._wiring
        return Controls(
            studio=self._studio,
            desk=self._orders,
            wishing=self._wishing,
            channels=wiring.client,
            archive=wiring.disk.archive,
            links=wiring.links,
            departed=wiring.departed,
            notices=Notices(bot_id=wiring.bot_id),
        )

    @cached_property
    def _afterlife(self) -> Afterlife:
        wiring = self._wiring
        return afterlife(
            House(
                client=wiring.client,
                clock=wiring.clock,
                studio=self._studio,
                desk=self._orders,
                controls=self._controls,
                pictures=self._pictures,
                wishing=self._wishing,
                cards=self._cards,
                card=wiring.card,
                archive=wiring.disk.archive,
                means=wiring.means,
                channels=wiring.prompt_channels,
                slips=wiring.social.slips,
                bot_id=wiring.bot_id,
            )
        )
