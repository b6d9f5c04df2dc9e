"""What a person at a real client would notice at once."""


class NotPossible(Exception):  # noqa: N818  it is no error of the program: the client would not let you
    """A member tried what Discord's client does not offer; the message says why."""
