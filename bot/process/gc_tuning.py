"""When Python looks for garbage.

Nearly everything in this program is freed as soon as it is done with. Only what points back at itself waits
for the collector, which looks at all that is young each time, and now and then at all there is.
"""

from __future__ import annotations

import gc
from collections.abc import Generator
from contextlib import contextmanager
from typing import Final

_YOUNG: Final = 10_000
"""So many new objects are waited for: with hundreds of questions under way, most of them are still in use."""


@contextmanager
def freeze_garbage() -> Generator[None]:
    """Look for no garbage inside the block; after it seldom, and never among what was there by then."""
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.set_threshold(_YOUNG)
        gc.enable()
