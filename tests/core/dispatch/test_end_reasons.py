from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.dispatch import end_reasons as words
from core.model.errors import Refusal, Refused, join_choices
from core.model.job import Charge, Reason
from core.ports import Failed


@pytest.mark.parametrize(
    ("choices", "sentence"),
    [([], ""), ([5], "5"), ([5, 10], "5 or 10"), (["16:9", "9:16", "1:1"], "16:9, 9:16 or 1:1")],
)
def test_choices_are_joined_as_one_would_say_them(choices: list[object], sentence: str) -> None:
    assert join_choices(choices) == sentence


@pytest.mark.parametrize("why", list(Refusal))
def test_every_refusal_says_that_nothing_was_charged(why: Refusal) -> None:
    reason = words.refused(Refused(why, "raw words of a gateway"))

    assert "Nothing was charged." in reason.said
    assert (reason.code, reason.charge) == (f"refused_{why}", Charge.NOTHING)


@pytest.mark.parametrize("why", list(Refusal))
def test_a_gateways_own_words_are_shown_only_to_who_can_act_on_them(why: Refusal) -> None:
    reason = words.refused(Refused(why, "raw words of a gateway"))

    assert ("raw words of a gateway." in reason.said) == (why is Refusal.REQUEST)


@pytest.mark.parametrize(
    ("code", "start"),
    [
        ("failed", "The provider could not make this video: the face is covered."),
        ("cancelled", "The provider cancelled this video: the face is covered."),
        ("expired", "The provider took too long over this video and gave up: the face is covered."),
    ],
)
def test_a_failure_says_what_happened_and_what_to_do(code: str, start: str) -> None:
    reason = words.failed(Failed(code, "the face is covered"))

    assert reason.said.startswith(start)
    assert "try again" in reason.said
    assert reason.charge is Charge.PERHAPS


def test_a_failure_without_words_is_still_a_sentence() -> None:
    said = words.failed(Failed("failed", "")).said

    assert said.startswith("The provider could not make this video. Failed")


@given(st.text(min_size=1))
def test_a_gateways_words_are_cut_to_one_short_line(text: str) -> None:
    cut = words.cut(text)

    assert len(cut) <= words.SAID_LIMIT + 1
    assert len(cut.splitlines()) <= 1
    assert cut.endswith((".", "!", "?", "…"))


@pytest.mark.parametrize(
    "reason",
    [reason for reason in vars(words).values() if isinstance(reason, Reason)],
    ids=lambda reason: str(reason.code),
)
def test_every_end_says_whether_it_cost_anything(reason: Reason) -> None:
    assert "charged" in reason.said
    assert reason.said.endswith(".")
    assert "Nothing was charged" in reason.said or reason.charge is not Charge.NOTHING
