"""A small catalogue for tests: what is shipped changes, what these tests say does not."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Final

from core.model.catalog import Catalog, Model
from core.model.video import Input, Mode

STANDARD: Final = Model(
    provider="anyint",
    name="kling-3.0",
    family="kling-v3",
    title="Kling 3.0",
    inputs=frozenset({Input.TEXT, Input.FIRST_FRAME}),
    durations=(5, 10),
    aspect_ratios=("16:9", "9:16", "1:1"),
    modes=(Mode.STD, Mode.PRO),
    audio=True,
    aliases=("kling",),
    price_per_second={"std": Decimal("0.084"), "pro+audio": Decimal("0.168")},
)
OMNI: Final = Model(
    provider="anyint",
    name="kling-v3-omni",
    family="kling-v3-omni",
    title="Kling 3.0 Omni",
    inputs=frozenset({Input.TEXT, Input.FIRST_FRAME, Input.REFERENCE}),
    durations=(3, 7),
    aspect_ratios=("1:1", "9:16"),
)
LONGER: Final = Model(
    provider="worldrouter",
    name="kling-v3",
    family="kling-v3",
    title="Kling V3",
    inputs=frozenset({Input.TEXT}),
    durations=(5, 15),
    aspect_ratios=("16:9",),
    modes=(Mode.STD,),
)
CATALOG: Final = Catalog([STANDARD, OMNI, LONGER])
DEARER: Final = Catalog(
    [
        replace(STANDARD, price_per_second={"std": Decimal("0.168"), "pro+audio": Decimal("0.336")}),
        OMNI,
        LONGER,
    ]
)
"""The same a day later: what was the cheapest costs twice as much."""
