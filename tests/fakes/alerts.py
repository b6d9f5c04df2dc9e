"""An alarm that rings nowhere and forgets nothing."""

from __future__ import annotations

from core.model.operator_alerts import OperatorAlert


class RecordingAlerts:
    """Implements `core.ports.AlertChannel`."""

    def __init__(self) -> None:
        self.raised_events: list[OperatorAlert] = []

    def send(self, event: OperatorAlert, /) -> None:
        self.raised_events.append(event)
