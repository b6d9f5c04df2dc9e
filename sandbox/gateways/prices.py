"""Kling's public list price a second, in dollars; neither gateway publishes its own prices."""

from decimal import Decimal

from sandbox.gateways.orders import Order

WITHOUT_AUDIO = {"std": Decimal("0.084"), "pro": Decimal("0.112")}
WITH_AUDIO = {"std": Decimal("0.126"), "pro": Decimal("0.168")}
OMNI_WITH_AUDIO = {"std": Decimal("0.112"), "pro": Decimal("0.14")}
OLDER_WITHOUT_AUDIO = {"std": Decimal("0.042"), "pro": Decimal("0.07")}
OLDER_WITH_AUDIO = {"std": Decimal("0.14"), "pro": Decimal("0.14")}


def price(order: Order) -> Decimal:
    """What the whole clip costs."""
    return order.seconds * _table(order.model, is_audible=order.audio)[order.mode]


def _table(model: str, *, is_audible: bool) -> dict[str, Decimal]:
    if model == "kling-v2-6":
        return OLDER_WITH_AUDIO if is_audible else OLDER_WITHOUT_AUDIO
    if not is_audible:
        return WITHOUT_AUDIO
    return OMNI_WITH_AUDIO if "omni" in model else WITH_AUDIO
