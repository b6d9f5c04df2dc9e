"""How long the stand-in takes for a task."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Pace:
    """Seconds a task waits and works, and how often its progress moves meanwhile.

    Rendering never takes less than the film really needs. A media link lives `link_lifetime` seconds;
    None is for ever.
    """

    queued: float = 4.0
    rendering: float = 16.0
    steps: int = 8
    link_lifetime: float | None = None
