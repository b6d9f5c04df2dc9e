"""The error for what Discord's client does not offer its user."""


class NotPossible(Exception):
    """A member tried what Discord's client does not offer; the message says why."""
