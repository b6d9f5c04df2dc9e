"""A Discord on this machine that an unchanged discord.py talks to."""

from sandbox.discord.calls import Exchange, SentFile, Upload
from sandbox.discord.clients.interactions import Call
from sandbox.discord.clients.members import Member
from sandbox.discord.errors import NotPossible
from sandbox.discord.faults import Fault, Faults
from sandbox.discord.server import LocalDiscord

__all__ = [
    "Call",
    "Exchange",
    "Fault",
    "Faults",
    "LocalDiscord",
    "Member",
    "NotPossible",
    "SentFile",
    "Upload",
]
