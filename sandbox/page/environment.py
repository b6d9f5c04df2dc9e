"""What the page shows and controls: the local Discord, the gateways and the bot's process."""

from dataclasses import dataclass
from typing import Protocol

from sandbox.discord import LocalDiscord
from sandbox.gateways import LocalGateways


class BotProcess(Protocol):
    """The bot as it is run here. Starting what runs, or ending what does not, does nothing."""

    @property
    def pid(self) -> int | None:
        """None while it does not run."""
        ...

    async def start(self) -> None:
        """Start it on the data that it left."""
        ...

    async def stop(self) -> None:
        """Ask it to finish what is in flight, and wait for its end."""
        ...

    async def kill(self) -> None:
        """End it as a power cut does."""
        ...


@dataclass(frozen=True, slots=True)
class Environment:
    discord: LocalDiscord
    gateways: LocalGateways
    bot: BotProcess
