from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from core.model.errors import FlagUnknown, FlagWrong
from core.model.video import Draft
from core.requests.prompt_flags import KNOWN, Flags, split, with_flags


@pytest.mark.parametrize(
    ("prompt", "rest", "flags"),
    [
        ("a boat --ar 9:16", "a boat", Flags(aspect_ratio="9:16")),
        ("a boat --aspect-ratio 1:1", "a boat", Flags(aspect_ratio="1:1")),
        ("a boat --ar=9:16", "a boat", Flags(aspect_ratio="9:16")),
        ("a boat --duration 10", "a boat", Flags(duration_seconds=10)),
        ("a boat --dur 5s", "a boat", Flags(duration_seconds=5)),
        ("a boat --mode PRO", "a boat", Flags(mode="pro")),
        ("--pro a boat", "a boat", Flags(mode="pro")),
        ("a --std boat", "a boat", Flags(mode="std")),
        ("a boat --Audio", "a boat", Flags(audio=True)),
        ("a boat --no-audio", "a boat", Flags(audio=False)),
        ("a boat --audio off the coast", "a boat off the coast", Flags(audio=True)),
        ("a boat --count 2 --private", "a boat", Flags(count=2, is_private=True)),
        ("a boat --model kling-v3-omni at sea", "a boat at sea", Flags(model="kling-v3-omni")),
        ("a boat\n--pro\n--ar 1:1", "a boat", Flags(mode="pro", aspect_ratio="1:1")),
        ("--pro --ar 9:16", "", Flags(mode="pro", aspect_ratio="9:16")),
        ("a boat —ar 9:16 —Pro", "a boat", Flags(aspect_ratio="9:16", mode="pro")),
        ("--ar 1:1 --ar 9:16 a boat", "a boat", Flags(aspect_ratio="9:16")),
        ("a boat, --pro, at dusk", "a boat, , at dusk", Flags(mode="pro")),
    ],
)
def test_flags_are_read_and_taken_out(prompt: str, rest: str, flags: Flags) -> None:
    left, read = split(prompt)

    assert (left.split(), read) == (rest.split(), flags)


@pytest.mark.parametrize(
    ("prompt", "sentence"),
    [
        ("a boat --ar wide", "--ar takes a ratio such as 16:9, 9:16 or 1:1, not “wide”."),
        ("a boat --ar", "--ar takes a ratio such as 16:9, 9:16 or 1:1, not nothing."),
        ("a boat --duration --pro", "--duration takes a number of seconds, not nothing."),
        ("a boat --duration five", "--duration takes a number of seconds, not “five”."),
        ("a boat --duration 5.0", "--duration takes a number of seconds, not “5.0”."),
        ("a boat --duration 1000000000", "--duration takes a number of seconds, not “1000000000”."),
        ("a boat --duration \u0665", "--duration takes a number of seconds, not “\u0665”."),
        ("a boat --mode best", "--mode takes std or pro, not “best”."),
        ("a boat --count 5", "--count takes a number from 1 to 4, not “5”."),
        ("a boat --count 0", "--count takes a number from 1 to 4, not “0”."),
        ("a boat --model", "--model takes the name of a model, not nothing."),
        ("a boat --audio=false", "--audio takes no value, not “false”."),
        ("a boat --pro= yes", "--pro takes no value, not “yes”."),
    ],
)
def test_a_wrong_value_is_answered_with_what_is_allowed(prompt: str, sentence: str) -> None:
    with pytest.raises(FlagWrong) as refusal:
        split(prompt)

    assert str(refusal.value) == sentence


@pytest.mark.parametrize(
    "flag", ["--quality", "--sailing", "--pro9", "--audio_off", "--pro—ar", "--pro-", "--ar9:16"]
)
def test_a_flag_that_we_do_not_know_is_answered_with_those_we_do(flag: str) -> None:
    with pytest.raises(FlagUnknown) as refusal:
        split(f"a boat {flag} at sea")

    assert all(known in str(refusal.value) for known in KNOWN)


@pytest.mark.parametrize(
    "prompt",
    [
        "a boat -- at sea",
        "a boat --9 at sea",
        "well--known",
        "a man — private detective",
        "a man —or a woman",
        "  two  spaces \t and\r\na tab ",
        "https://example.com/a--pro",
        "-pro",
        "",
    ],
)
def test_what_only_looks_like_a_flag_stays(prompt: str) -> None:
    assert split(prompt) == (prompt, Flags())


@given(st.text())
def test_a_prompt_without_flags_is_never_changed(prompt: str) -> None:
    assume("--" not in prompt)
    assume("—" not in prompt)

    assert split(prompt) == (prompt, Flags())


words = st.sampled_from(
    [
        *("a", "boat", "--pro", "--std", "--audio", "--no-audio", "--ar 1:1", "--ar=9:16", "--dur 5"),
        *("—pro", "--", "---", "—", "--count 2", "--private", "\n", "  ", "--model x", ",", "--pro,", "="),
    ]
)


@given(st.lists(words, max_size=12).map(" ".join))
def test_what_is_left_has_no_flags_in_it(prompt: str) -> None:
    try:
        rest, _ = split(prompt)
    except (FlagUnknown, FlagWrong):
        return

    assert split(rest) == (rest, Flags())


def answer_to(prompt: str) -> str:
    """Return what a member is told about a prompt's flags, nothing if they are right."""
    try:
        split(prompt)
    except (FlagUnknown, FlagWrong) as refusal:
        return str(refusal)
    return ""


@given(st.text(alphabet="-—=:,. apro9sudi\n\t", max_size=40))
def test_anything_can_be_split(prompt: str) -> None:
    assert len(answer_to(prompt)) < 400


@pytest.mark.parametrize("prompt", ["--model " + "x" * 2400, "--" + "x" * 2400, "--ar " + "x" * 2400])
def test_an_answer_about_a_huge_flag_is_short(prompt: str) -> None:
    assert len(answer_to(prompt)) < 400


def test_an_option_given_apart_wins_over_a_flag() -> None:
    draft = Draft(
        prompt="a boat --ar 9:16 --dur 10 --pro --audio --model x",
        aspect_ratio="1:1",
        duration_seconds=0,
        mode="std",
        audio=False,
        model="y",
    )

    assert with_flags(draft) == Draft(
        prompt="a boat", aspect_ratio="1:1", duration_seconds=0, mode="std", audio=False, model="y"
    )


def test_flags_fill_in_what_was_left_open() -> None:
    draft = Draft(prompt="a boat --ar 9:16 --dur 10 --pro --audio --model x")

    assert with_flags(draft) == Draft(
        prompt="a boat", aspect_ratio="9:16", duration_seconds=10, mode="pro", audio=True, model="x"
    )
