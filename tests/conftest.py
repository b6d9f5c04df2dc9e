from __future__ import annotations

import signal

from hypothesis import settings

# A busy machine is no failure: how long things may take is said by the tests that are about it.
settings.register_profile("matinee", deadline=None)
settings.load_profile("matinee")

# Shells have what they start in the background ignore Ctrl-C, and children inherit that.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
