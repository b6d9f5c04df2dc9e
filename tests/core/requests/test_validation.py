from __future__ import annotations

import unicodedata
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.model.catalog import Catalog
from core.model.errors import (
    AudioNotOffered,
    DurationNotOffered,
    FlagWrong,
    InputNotTaken,
    ModelUnknown,
    ModeNotOffered,
    NothingOffered,
    PromptMissing,
    PromptTooLong,
    RatioNotOffered,
    RequestRefused,
    TwoPictures,
)
from core.model.video import PROMPT_LIMIT, Draft, Mode, VideoRequest
from core.requests.validation import NEUTRAL_PROMPT, validate
from tests.fakes.models import CATALOG, LONGER, STANDARD

LINK = "https://pictures.example/boat.png"
BOAT = Draft(prompt="a paper boat")


def test_what_was_left_open_is_filled_in() -> None:
    assert validate(BOAT, CATALOG) == VideoRequest(
        model="kling-v3",
        prompt="a paper boat",
        duration_seconds=5,
        aspect_ratio="16:9",
        mode=Mode.STD,
        audio=False,
    )


def test_defaults_are_what_the_model_offers_where_it_does_not_offer_ours() -> None:
    request = validate(replace(BOAT, model="kling-v3-omni"), CATALOG)

    assert request == VideoRequest(
        model="kling-v3-omni",
        prompt="a paper boat",
        duration_seconds=3,
        aspect_ratio="1:1",
        mode=None,
        audio=None,
    )


def test_what_was_asked_for_is_kept() -> None:
    draft = Draft(
        prompt="a paper boat",
        model="Kling 3.0",
        duration_seconds=10,
        aspect_ratio="9:16",
        mode="pro",
        audio=True,
        first_frame=LINK,
    )

    assert validate(draft, CATALOG) == VideoRequest(
        model="kling-v3",
        prompt="a paper boat",
        duration_seconds=10,
        aspect_ratio="9:16",
        mode=Mode.PRO,
        audio=True,
        first_frame=LINK,
    )


def test_flags_in_the_prompt_count() -> None:
    request = validate(Draft(prompt="a paper boat --ar 1:1 --pro"), CATALOG)

    assert (request.prompt, request.aspect_ratio, request.mode) == ("a paper boat", "1:1", Mode.PRO)


def test_a_reference_chooses_a_model_that_takes_one() -> None:
    assert validate(replace(BOAT, reference=LINK), CATALOG).model == "kling-v3-omni"


@pytest.mark.parametrize(
    ("draft", "error", "sentence"),
    [
        (Draft(), PromptMissing, "Say what should happen in the video: the prompt is empty."),
        (
            Draft(prompt="x" * 2501),
            PromptTooLong,
            "The prompt has 2,501 characters; 2,500 is the most that Kling takes.",
        ),
        (
            replace(BOAT, model="sora"),
            ModelUnknown,
            "There is no model “sora” here. Choose kling-3.0, kling-v3-omni or kling-v3.",
        ),
        (
            replace(BOAT, model="kling-3.0", reference=LINK),
            InputNotTaken,
            "Kling 3.0 takes no reference picture. Choose kling-v3-omni for that.",
        ),
        (
            replace(BOAT, first_frame=LINK, reference=LINK),
            TwoPictures,
            "Give a picture to start from or a reference, not both.",
        ),
        (
            replace(BOAT, duration_seconds=7),
            DurationNotOffered,
            "Kling 3.0 makes clips of 5 or 10 seconds, not 7.",
        ),
        (
            replace(BOAT, duration_seconds=0),
            DurationNotOffered,
            "Kling 3.0 makes clips of 5 or 10 seconds, not 0.",
        ),
        (
            replace(BOAT, aspect_ratio="4:3"),
            RatioNotOffered,
            "Kling 3.0 offers 16:9, 9:16 or 1:1 as aspect ratio, not 4:3.",
        ),
        (
            replace(BOAT, mode="best"),
            ModeNotOffered,
            "Kling 3.0 offers the modes std and pro, not best.",
        ),
        (
            replace(BOAT, model="kling-v3-omni", mode="pro"),
            ModeNotOffered,
            "Kling 3.0 Omni has one mode only. Leave the mode out.",
        ),
        (
            replace(BOAT, model="kling-v3-omni", audio=True),
            AudioNotOffered,
            "Kling 3.0 Omni makes silent clips only. Leave the audio out.",
        ),
        (
            Draft(prompt="a boat --ar wide"),
            FlagWrong,
            "--ar takes a ratio such as 16:9, 9:16 or 1:1, not “wide”.",
        ),
    ],
)
def test_a_refusal_says_what_is_allowed(draft: Draft, error: type[RequestRefused], sentence: str) -> None:
    with pytest.raises(error) as refusal:
        validate(draft, CATALOG)

    assert str(refusal.value) == sentence


def test_an_input_that_no_model_takes_is_for_the_operator() -> None:
    with pytest.raises(NothingOffered, match="takes a reference picture"):
        validate(replace(BOAT, reference=LINK), Catalog([STANDARD]))


def test_without_any_model_the_member_is_told_who_can_act() -> None:
    with pytest.raises(NothingOffered, match="Whoever runs this bot"):
        validate(BOAT, Catalog([]))


def test_what_the_preferred_provider_does_not_make_another_may_make() -> None:
    assert validate(replace(BOAT, duration_seconds=15), CATALOG).duration_seconds == 15
    assert validate(replace(BOAT, model="kling-v3", duration_seconds=15), CATALOG).model == "kling-v3"


def test_a_picture_goes_to_the_provider_that_takes_pictures() -> None:
    catalog = Catalog([LONGER, STANDARD])

    assert validate(replace(BOAT, model="kling-v3", first_frame=LINK), catalog).first_frame == LINK


def test_what_no_model_of_the_family_makes_is_never_taken_to_another_family() -> None:
    with pytest.raises(DurationNotOffered):
        validate(replace(BOAT, duration_seconds=3), CATALOG)


@pytest.mark.parametrize(
    ("typed", "sent"),
    [
        ("  a boat \n", "a boat"),
        ("cafe\N{COMBINING ACUTE ACCENT}", "café"),
        ("a\x00 boat\x1b", "a boat"),
        ("a\tboat", "a boat"),
        ("one\r\ntwo", "one\ntwo"),
        ("a\ud800boat", "aboat"),
        ("\N{RIGHT-TO-LEFT OVERRIDE}a boat", "a boat"),
        ("👨\u200d👩\u200d👧", "👨\u200d👩\u200d👧"),
        ("\u0645\u06cc\u200c\u062e\u0648", "\u0645\u06cc\u200c\u062e\u0648"),
        ("\U0001fae8", "\U0001fae8"),
        ("🚤", "🚤"),
        ("@everyone ```", "@everyone ```"),
    ],
)
def test_prompts_are_tidied_and_otherwise_sent_as_typed(typed: str, sent: str) -> None:
    assert validate(Draft(prompt=typed), CATALOG).prompt == sent


@pytest.mark.parametrize(
    "prompt", ["", " ", "\n\t", "\u200d\u200d", "\u200b", "\N{COMBINING ACUTE ACCENT}" * 9, "\x00", "--pro"]
)
def test_a_prompt_with_nothing_to_see_in_it_is_missing(prompt: str) -> None:
    with pytest.raises(PromptMissing):
        validate(Draft(prompt=prompt), CATALOG)


@pytest.mark.parametrize("draft", [Draft(first_frame=LINK), Draft(reference=LINK)])
def test_a_picture_needs_no_words(draft: Draft) -> None:
    assert validate(draft, CATALOG).prompt == NEUTRAL_PROMPT


def test_a_prompt_may_fill_the_limit() -> None:
    assert len(validate(Draft(prompt="x" * PROMPT_LIMIT), CATALOG).prompt) == PROMPT_LIMIT


@given(
    st.builds(
        Draft,
        prompt=st.text(max_size=80),
        model=st.none() | st.sampled_from(["kling", "KLING-3.0", "kling-v3-omni", "kling-v3", "x"]),
        duration_seconds=st.none() | st.integers(-5, 20),
        aspect_ratio=st.none() | st.sampled_from(["16:9", "9:16", "1:1", "4:3"]),
        mode=st.none() | st.sampled_from(["std", "pro", "best"]),
        audio=st.none() | st.booleans(),
        first_frame=st.none() | st.just(LINK),
        reference=st.none() | st.just(LINK),
    )
)
def test_whatever_is_admitted_can_be_made_by_a_provider(draft: Draft) -> None:
    try:
        request = validate(draft, CATALOG)
    except RequestRefused:
        return

    assert CATALOG.making(request)
    assert unicodedata.is_normalized("NFC", request.prompt)
    assert request.prompt.encode()
