from __future__ import annotations

from hypothesis import settings

# A busy machine is no failure: how long things may take is said by the tests that are about it.
settings.register_profile("matinee", deadline=None)
settings.load_profile("matinee")
