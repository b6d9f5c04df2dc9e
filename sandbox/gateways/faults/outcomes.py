"""How the next created task ends instead of well."""

from sandbox.gateways.faults.fault import Fault
from sandbox.gateways.render_worker import Ending, Fate

MODERATED = {"code": "content_policy", "message": "Failure to pass the risk control system"}


def task_fails(reason: object = None) -> Fault:
    """With a reason of any JSON type; null is a reason too."""
    return _ends("failed", reason)


def task_moderated() -> Fault:
    return _ends("failed", MODERATED)


def task_cancelled(reason: object = None) -> Fault:
    return _ends("cancelled", reason)


def task_expires(reason: object = None) -> Fault:
    """Only WorldRouter has a state of its own for it; elsewhere the task has failed."""
    return _ends("expired", reason)


def task_never_ends() -> Fault:
    return _ends(None, None)


def _ends(ending: Ending | None, reason: object) -> Fault:
    return Fault(on=("task",), fate=Fate(ending, reason))
