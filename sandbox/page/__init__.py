"""The sandbox in a browser: one page to use the local Discord, and to play with everything around the bot."""

from sandbox.page.environment import BotProcess, Environment
from sandbox.page.server import Page

__all__ = ["BotProcess", "Environment", "Page"]
