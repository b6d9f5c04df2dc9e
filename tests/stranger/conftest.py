"""The same lines are lived thousands of times here, as in the other proofs: they are not counted either."""

from __future__ import annotations

from tests.proof.conftest import unmeasured

__all__ = ["unmeasured"]
