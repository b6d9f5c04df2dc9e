from __future__ import annotations

import pytest

from cogs.cards.card import Card
from core.model.catalog import Catalog


@pytest.fixture
def card() -> Card:
    return Card(Catalog.shipped())
