"""An alarm that rings nowhere and forgets nothing."""

from __future__ import annotations

from core.model.operator_alerts import Alarming


class RecordingAlarm:
    """Keeps `core.ports.Alarm`."""

    def __init__(self) -> None:
        self.raised_events: list[Alarming] = []

    def raised(self, event: Alarming, /) -> None:
        self.raised_events.append(event)
