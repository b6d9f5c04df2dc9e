"""What `docs/promises.md` says is there is there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[3]
PAGE = (PROJECT / "docs/promises.md").read_text(encoding="utf-8")
TESTS = "\n".join(path.read_text(encoding="utf-8") for path in sorted((PROJECT / "tests").rglob("test_*.py")))
ATTACKS = re.findall(r"^\| A(\d+) \|", PAGE, re.MULTILINE)


@pytest.mark.parametrize(
    "path", sorted(set(re.findall(r"`((?:tests|core|providers|bench|storage|bot|cogs)/[\w/.]*)`", PAGE)))
)
def test_every_file_that_is_named_exists(path: str) -> None:
    assert (PROJECT / path).exists()


@pytest.mark.parametrize("number", ATTACKS)
def test_every_attack_has_tests_of_its_name(number: str) -> None:
    assert re.search(rf"def test_a{int(number):02}_\w+\(", TESTS)


def test_seventeen_attacks_are_named() -> None:
    assert [int(number) for number in ATTACKS] == list(range(1, 18))


@pytest.mark.parametrize("mark", sorted(set(re.findall(r"`(test_a\d\d_)…`", PAGE))))
def test_every_mark_of_a_test_is_one_of_an_attack(mark: str) -> None:
    assert str(int(mark[6:8])) in ATTACKS
