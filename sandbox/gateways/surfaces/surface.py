"""What the three surfaces have in common: routes, keys and a way to read and answer."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeAlias

from sandbox.gateways.fields import Body
from sandbox.gateways.history import Stage, SurfaceName, Vendor
from sandbox.gateways.orders import Order, Refusal
from sandbox.gateways.tasks import State, Task

Place: TypeAlias = tuple[str, ...]


class Surface(Protocol):
    """One way of talking to a vendor. The `…_at` places say where in a reply a value stands."""

    @property
    def name(self) -> SurfaceName: ...

    @property
    def vendor(self) -> Vendor: ...

    @property
    def models(self) -> Sequence[str]: ...

    @property
    def id_at(self) -> Place: ...

    @property
    def state_at(self) -> Place: ...

    @property
    def reason_at(self) -> Place: ...

    @property
    def link_at(self) -> Place: ...

    def routes(self) -> Sequence["Route"]: ...

    def owner(self, authorization: str | None) -> str:
        """The owner of the key. Raise Refusal 401 or 403."""
        ...

    def order(self, family: str, body: Body) -> Order:
        """What is asked for. Raise Refusal 400."""
        ...

    def new_id(self) -> str: ...

    def created(self, task: Task) -> Body: ...

    def status(self, task: Task, media_link: str) -> Body: ...

    def refused(self, refusal: Refusal) -> Body: ...


@dataclass(frozen=True)
class Route:
    """One method and path; a group named `id` in the pattern is the task's name."""

    method: str
    pattern: re.Pattern[str]
    stage: Stage
    surface: Surface
    family: str = ""


def route(method: str, template: str, stage: Stage, surface: Surface, family: str = "") -> Route:
    """`{id}` in the template stands for one segment."""
    pattern = re.escape(template).replace(r"\{id\}", "(?P<id>[^/]+)")
    return Route(method, re.compile(pattern), stage, surface, family)


def bearer(authorization: str | None, owners: Mapping[str, str]) -> str:
    """The owner of the key. Raise Refusal 401 for a missing or wrong one."""
    scheme, _, key = (authorization or "").partition(" ")
    owner = owners.get(key) if scheme.lower() == "bearer" else None
    if owner is None:
        raise Refusal(401, "invalid_api_key", "Invalid or missing API key")
    return owner


def spelled(state: State, names: Mapping[State, str]) -> str:
    return names.get(state, state)
