"""The tasks of a gateway: what was asked, how far it is, what it cost."""

import time
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal, TypeAlias

from sandbox.gateways.fields import Body
from sandbox.gateways.history import SurfaceName, Vendor
from sandbox.gateways.orders import Order
from sandbox.gateways.prices import price

State: TypeAlias = Literal["queued", "running", "succeeded", "failed", "cancelled", "expired"]
TERMINAL: frozenset[State] = frozenset({"succeeded", "failed", "cancelled", "expired"})


@dataclass(eq=False)
class Task:
    """One paid task. `charged` is None until it is settled, and zero when nothing was made."""

    id: str
    vendor: Vendor
    surface: SurfaceName
    family: str
    owner: str
    order: Order
    request: Body = field(repr=False)
    state: State = "queued"
    history: list[tuple[State, float]] = field(default_factory=list)
    progress: int = 0
    reason: object = None
    video: bytes | None = field(default=None, repr=False)
    charged: Decimal | None = None

    def __post_init__(self) -> None:
        self.history.append((self.state, time.time()))

    @property
    def price(self) -> Decimal:
        return price(self.order)

    @property
    def is_over(self) -> bool:
        return self.state in TERMINAL

    def moves(self, state: State) -> None:
        self.state = state
        self.history.append((state, time.time()))

    def succeeds(self, video: bytes) -> None:
        """The clip is there and is charged."""
        self.video, self.progress, self.charged = video, 100, self.price
        self.moves("succeeded")

    def ends(self, state: State, reason: object) -> None:
        """There will be no clip, and nothing is charged."""
        self.reason, self.charged = reason, Decimal(0)
        self.moves(state)


class TaskBook:
    """The tasks of both vendors, oldest first, and found again by any of their names."""

    def __init__(self) -> None:
        self.tasks: list[Task] = []
        self._named: dict[tuple[SurfaceName, str, str], Task] = {}

    def add(self, task: Task) -> None:
        self.tasks.append(task)
        for name in (task.id, task.order.external_id):
            if name is not None:
                self._named[task.surface, task.family, name] = task

    def find(self, surface: SurfaceName, family: str, name: str) -> Task | None:
        """The task of this surface and family whose id, or the caller's own id, is this."""
        return self._named.get((surface, family, name))

    def pending(self, vendor: Vendor) -> int:
        return sum(task.vendor == vendor and not task.is_over for task in self.tasks)

    def committed(self, vendor: Vendor) -> Decimal:
        """What was charged, and what is still being made, in dollars."""
        mine = (task for task in self.tasks if task.vendor == vendor)
        return sum((task.price if task.charged is None else task.charged for task in mine), Decimal(0))
