"""Where each surface proves itself: a stand for the gateways of the sandbox, and one for the page's."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from enum import Enum, auto
from typing import Protocol

from core.model.catalog import Catalog
from core.ports import Order, Provider, ReplyLog
from providers import SURFACES, Network
from providers.surface import Surface
from sandbox.gateways import Fault, LocalGateways, faults
from sandbox.gateways.history import Vendor
from tests.providers.reels import Answer, LocalReels, complaining, cut_off, hanging, reset, saying
from tests.providers.world import TEXT, built, order


class No(Enum):
    """How a gateway refuses an order."""

    WRONG = auto()
    KEY = auto()
    MONEY = auto()
    BUSY = auto()


class Loss(Enum):
    """How the answer to an order gets lost, though the task is made."""

    RESET = auto()
    CUT_OFF = auto()
    HANGS = auto()
    PAGE = auto()
    PROXY = auto()
    OWN_ERROR = auto()


class Trouble(Enum):
    """How a question goes wrong."""

    CUT_OFF = auto()
    PAGE = auto()
    OWN_ERROR = auto()
    TOO_MANY = auto()
    KEY = auto()


class Stand(Protocol):
    """A surface with its gateway on this machine."""

    @property
    def provider(self) -> Provider: ...

    @property
    def creates(self) -> int:
        """How many paid requests have arrived."""
        ...

    @property
    def tasks(self) -> int:
        """How many paid tasks exist."""
        ...

    @property
    def file_keys(self) -> set[str | None]:
        """The authorisations that came with requests for files of other hosts."""
        ...

    def order(self, job_id: int = 1) -> Order: ...

    def refuses(self, no: No) -> None:
        """Let the next order be refused."""
        ...

    def loses(self, loss: Loss) -> None:
        """Let the next order be made and its answer be lost."""
        ...

    def troubles(self, trouble: Trouble) -> None:
        """Let the next question go wrong."""
        ...

    def cuts_the_file(self) -> None:
        """Let the next file break off."""
        ...

    def fails_the_task(self, why: str) -> None:
        """Let the next task come to nothing."""
        ...

    def unreachable(self) -> AbstractAsyncContextManager[None]: ...

    async def over(self) -> None:
        """Wait until every task has ended."""
        ...


class SandboxStand:
    """AnyInt or WorldRouter, as the sandbox plays them."""

    def __init__(self, name: str, gateways: LocalGateways, network: Network, replies: ReplyLog) -> None:
        self.provider = built(name, gateways, network, replies)
        self._gateways = gateways
        self._vendor: Vendor = "anyint" if SURFACES[name].gateway == "anyint" else "worldrouter"

    @property
    def creates(self) -> int:
        return len(self._gateways.creates())

    @property
    def tasks(self) -> int:
        return len(self._gateways.tasks)

    @property
    def file_keys(self) -> set[str | None]:
        asked = [request for request in self._gateways.requests if request.stage == "media"]
        return {request.headers.get("Authorization") for request in asked}

    def order(self, job_id: int = 1) -> Order:
        return order(self.provider.name, job_id=job_id)

    def refuses(self, no: No) -> None:
        refusals: dict[No, Fault] = {
            No.WRONG: faults.create_refused(400, "invalid_parameter", "This shape is not made here"),
            No.KEY: faults.create_unauthorized(),
            No.MONEY: faults.create_out_of_credit(),
            No.BUSY: faults.create_too_many_pending("7"),
        }
        self._gateways.faults.add(refusals[no])

    def loses(self, loss: Loss) -> None:
        losses: dict[Loss, Fault] = {
            Loss.RESET: faults.create_accepted_then_reset(),
            Loss.CUT_OFF: faults.create_accepted_then_truncated(),
            Loss.HANGS: faults.create_accepted_then_hangs(),
            Loss.PAGE: faults.create_accepted_then_html(),
            Loss.PROXY: faults.create_accepted_then_html(502),
            Loss.OWN_ERROR: faults.create_accepted_then_refused(503),
        }
        self._gateways.faults.add(losses[loss])

    def troubles(self, trouble: Trouble) -> None:
        troubles: dict[Trouble, Fault] = {
            Trouble.CUT_OFF: faults.status_truncated(),
            Trouble.PAGE: faults.status_is_html(),
            Trouble.OWN_ERROR: faults.status_refused(500),
            Trouble.TOO_MANY: faults.status_rate_limited("7"),
            Trouble.KEY: faults.status_unauthorized(),
        }
        self._gateways.faults.add(troubles[trouble])

    def cuts_the_file(self) -> None:
        self._gateways.faults.add(faults.file_truncated())

    def fails_the_task(self, why: str) -> None:
        self._gateways.faults.add(faults.task_fails(why))

    def unreachable(self) -> AbstractAsyncContextManager[None]:
        return self._gateways.unreachable(self._vendor)

    async def over(self) -> None:
        await self._gateways.until(lambda: all(task.is_over for task in self._gateways.tasks))


class ReelsStand:
    """The gateway of the page about adding a provider, with the adapter that stands on the page."""

    def __init__(
        self, surface: type[Surface], reels: LocalReels, network: Network, replies: ReplyLog
    ) -> None:
        self.provider: Provider = surface(base_url=reels.url, key=reels.key, network=network, replies=replies)
        self._reels = reels

    @property
    def creates(self) -> int:
        return len(self._reels.orders)

    @property
    def tasks(self) -> int:
        return len(self._reels.reels)

    @property
    def file_keys(self) -> set[str | None]:
        return {*self._reels.file_keys}

    def order(self, job_id: int = 1) -> Order:
        model = next(model for model in Catalog.shipped() if model.family == TEXT.model)
        return Order(job_id, TEXT, replace(model, provider=self.provider.name, name="kling-v3"))

    def refuses(self, no: No) -> None:
        refusals = {
            No.WRONG: complaining(400, "bad_shape", "This shape is not made here"),
            No.KEY: complaining(401, "bad_key", "This key is not known"),
            No.MONEY: complaining(402, "no_credit", "Nothing is left on the account"),
            No.BUSY: complaining(409, "line_full", "The line is full", "7"),
        }
        self._reels.creates_go.append((refusals[no], False))

    def loses(self, loss: Loss) -> None:
        losses: dict[Loss, Answer] = {
            Loss.RESET: reset,
            Loss.CUT_OFF: cut_off,
            Loss.HANGS: hanging(self._reels.closing),
            Loss.PAGE: saying("<h1>Welcome</h1>"),
            Loss.PROXY: saying("<h1>Bad gateway</h1>", 502),
            Loss.OWN_ERROR: complaining(503, "tired", "Come back later"),
        }
        self._reels.creates_go.append((losses[loss], True))

    def troubles(self, trouble: Trouble) -> None:
        troubles: dict[Trouble, Answer] = {
            Trouble.CUT_OFF: cut_off,
            Trouble.PAGE: saying("<h1>Welcome</h1>"),
            Trouble.OWN_ERROR: complaining(500, "broken", "Something broke"),
            Trouble.TOO_MANY: complaining(429, "slowly", "Ask more slowly", "7"),
            Trouble.KEY: complaining(401, "bad_key", "This key is not known"),
        }
        self._reels.questions_go.append(troubles[trouble])

    def cuts_the_file(self) -> None:
        self._reels.files_go.append(cut_off)

    def fails_the_task(self, why: str) -> None:
        self._reels.next_end = {"phase": "broken", "why": why}

    def unreachable(self) -> AbstractAsyncContextManager[None]:
        return self._reels.unreachable()

    async def over(self) -> None:
        self._reels.finish()
