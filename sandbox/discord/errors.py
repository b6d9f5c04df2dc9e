"""What a person at a real client would notice at once."""


class NotPossible(Exception):
    """A member tried what Discord's client does not offer; the message says why."""
