"""Ways in which the gateways can behave, to see how the bot handles each."""

from collections.abc import Callable
from dataclasses import dataclass

from sandbox.gateways import FOREVER, Fault, LocalGateways, Pace, faults

FAST = Pace(queued=0.3, rendering=1.2, steps=4)
USUAL = Pace(queued=1.0, rendering=4.0, steps=4)
SLOW = Pace(queued=10.0, rendering=60.0, steps=20)


@dataclass(frozen=True, slots=True)
class Scenario:
    title: str
    pace: Pace = USUAL
    faults: tuple[Callable[[], Fault], ...] = ()


MOODS = {
    "usual": Scenario("As usual: a few seconds"),
    "fast": Scenario("Fast", FAST),
    "slow": Scenario("Slow: a minute or more", SLOW),
    "failing": Scenario("Failing: every video goes wrong", FAST, (faults.task_fails,)),
    "moderated": Scenario("Strict: every prompt is refused", FAST, (faults.create_moderated,)),
    "poor": Scenario("Out of credit", faults=(faults.create_out_of_credit,)),
    "hanging": Scenario(
        "Hanging: takes the order, never answers", faults=(faults.create_accepted_then_hangs,)
    ),
    "wrong": Scenario("Wrong video: sends a file that is none", FAST, (faults.file_is_picture,)),
    "down": Scenario("Down: resets every connection", faults=(faults.create_reset, faults.status_reset)),
}


class ScenarioSwitch:
    """Keeps both gateways in one scenario; it replaces every other script of faults."""

    def __init__(self, gateways: LocalGateways) -> None:
        self._gateways = gateways
        self.mood = "usual"

    def turn(self, name: str) -> None:
        """Raise KeyError for an unknown scenario."""
        mood = MOODS[name]
        self._gateways.faults.clear()
        for fault in mood.faults:
            self._gateways.faults.add(fault(), times=FOREVER)
        self._gateways.pace = mood.pace
        self.mood = name
