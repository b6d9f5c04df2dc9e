"""The paid gateways on this machine: real HTTP, strict about the documents, real films, scripted faults."""

from sandbox.gateways.faults.fault import FOREVER, Fault, Faults
from sandbox.gateways.history import Exchange
from sandbox.gateways.local import LocalGateways
from sandbox.gateways.pace import Pace
from sandbox.gateways.request_handler import Limits
from sandbox.gateways.tasks import Task

__all__ = ["FOREVER", "Exchange", "Fault", "Faults", "Limits", "LocalGateways", "Pace", "Task"]
