from __future__ import annotations

from core.primitives.bounded import BoundedDict


def filled(*keys: str, most: int = 2) -> BoundedDict[str, int]:
    known = BoundedDict[str, int](most)
    for number, key in enumerate(keys):
        known[key] = number
    return known


def test_what_was_set_longest_ago_is_forgotten() -> None:
    assert list(filled("a", "b", "c")) == ["b", "c"]


def test_what_is_set_again_is_remembered_longer() -> None:
    assert dict(filled("a", "b", "a", "c")) == {"a": 2, "c": 3}


def test_a_default_counts_as_set() -> None:
    known = filled("a", "b")

    assert known.setdefault("c", 7) == 7
    assert list(known) == ["b", "c"]
