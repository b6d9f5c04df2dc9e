"""When Python collects garbage.

Nearly every object in this program is freed as soon as it is done with. Only reference cycles wait for the
collector, which looks at all young objects each time, and now and then at all objects.
"""

from __future__ import annotations

import gc
from collections.abc import Generator
from contextlib import contextmanager
from typing import Final

_YOUNG: Final = 10_000
"""The new objects after which it runs: with hundreds of questions under way, most are still in use."""


@contextmanager
def freeze_garbage() -> Generator[None]:
    """Collect no garbage inside the block; after it seldom, and never among the objects that were there."""
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.set_threshold(_YOUNG)
        gc.enable()
