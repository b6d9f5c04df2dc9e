from __future__ import annotations

import pytest

from cogs.card import Card
from core.catalog import Catalog


@pytest.fixture
def card() -> Card:
    return Card(Catalog.shipped())
