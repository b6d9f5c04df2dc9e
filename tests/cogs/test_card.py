from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cogs.cards.card import ALT_TEXT_LIMIT, Card
from cogs.ui.components import PROMPT_SHOWN, escape, spoken_time
from core.model.job import ENDED_WITHOUT_VIDEO, Charge, JobState, Reason
from core.model.video import PROMPT_LIMIT
from core.ports import JobView, Link, Stage, Working
from tests.cogs.drawn import ALICE, NOON, buttons, components, job, texts, words

UNDER_WAY = {
    JobState.QUEUED: "Waiting for its turn",
    JobState.SUBMITTING: "Being sent to the provider",
    JobState.RUNNING: "Waiting at the provider",
    JobState.READY: "Finished; fetching the video",
    JobState.STORED: "Finished; bringing the video here",
    JobState.DELIVERING: "Finished; bringing the video here",
}
ENDS = {
    JobState.UNKNOWN: "Not confirmed",
    JobState.CANCELLED: "Cancelled",
    JobState.UNDELIVERABLE: "Finished, but not delivered",
    JobState.REJECTED: "No video",
    JobState.FAILED: "No video",
    JobState.LOST: "No video",
    JobState.RESULT_GONE: "No video",
}

MISCHIEF = [
    "@everyone look",
    "@here look",
    f"<@{ALICE}> and <@&{ALICE}>",
    "**bold** _italics_ ~~gone~~ ||hidden||",
    "`code` and ```a block```",
    "# A heading",
    "-# small print",
    "> a quote",
    "- a list\n* another",
    "[a link](https://evil.example)",
    "https://evil.example/**bold**/`code`",
    "<https://evil.example>",
    "steam://run/1",
    "\\**already escaped**",
    "a | b || c",
]


def plain(shown: str) -> str:
    """A text with a letter in the place of what a backslash protects."""
    return re.sub(r"\\.", "x", shown)


def is_harmless(shown: str) -> bool:
    left = plain(shown)
    pings = re.search(r"@(everyone|here)|<@[!&]?\d", left)
    formats = re.search(r"[*_~`|]|^\s*(#|-|>)", left, re.MULTILINE)
    return not pings and not formats and "://" not in left


# ------------------------------------------------------------ words from outside


@pytest.mark.parametrize("text", MISCHIEF)
def test_somebodys_text_neither_pings_nor_formats_nor_links(text: str) -> None:
    assert is_harmless(escape(text))


@given(st.text(alphabet="ab@everyone<>&!#*_~`|[]()/:-\\. \nhttps1234567890", max_size=80))
def test_no_text_pings_or_links(text: str) -> None:
    left = plain(escape(text))

    assert "@everyone" not in left
    assert "@here" not in left
    assert "://" not in left


def test_ordinary_words_are_shown_as_they_are() -> None:
    text = "A boat, 5 metres long; the sea's calm (mostly) & blue! 船 🚤"

    assert escape(text) == text


@pytest.mark.parametrize("text", MISCHIEF)
def test_a_prompt_is_harmless_on_every_card(card: Card, text: str) -> None:
    reason = Reason(code="failed", said=text, charge=Charge.PERHAPS)
    views = [
        card.working(JobView(job(prompt=text))),
        card.result(job(JobState.DELIVERING, prompt=text), NOON),
        card.ended(job(JobState.FAILED, prompt=text, reason=reason)),
    ]

    for view in views:
        shown = words(view).replace(f"<@{ALICE}>", "")
        assert "@everyone" not in shown
        assert "https://" not in shown
        assert "**bold**" not in shown
        assert f"<@&{ALICE}>" not in shown


# ------------------------------------------------------------ every state


@pytest.mark.parametrize(("state", "said"), UNDER_WAY.items())
def test_a_job_under_way_says_how_it_stands(card: Card, state: JobState, said: str) -> None:
    shown = words(card.working(JobView(job(state))))

    assert said in shown
    assert "> a paper boat" in shown
    assert (
        f"Kling 3.0 · 5 s · 16:9 · pro · with audio · for <@{ALICE}> · asked <t:{int(NOON.timestamp())}:R>"
        in shown
    )


@pytest.mark.parametrize(("state", "said"), ENDS.items())
def test_a_job_that_ended_says_why(card: Card, state: JobState, said: str) -> None:
    view = card.ended(job(state, reason=Reason(code="why", said="It sank. Nothing was charged.")))

    assert said in words(view)
    assert "It sank. Nothing was charged." in words(view)


def test_every_state_has_its_words() -> None:
    told = UNDER_WAY.keys() | ENDS.keys()
    unseen = {JobState.DELIVERED, JobState.DONE, JobState.DISMISSED, JobState.SUPERSEDED}

    assert told | unseen == set(JobState)
    assert ENDS.keys() == ENDED_WITHOUT_VIDEO | {JobState.UNKNOWN}


@pytest.mark.parametrize(
    ("ahead", "said"),
    [
        (0, "⏳ Waiting for its turn**"),
        (1, "Waiting for its turn, 1 job before it"),
        (12, "Waiting for its turn, 12 jobs before it"),
        (None, "⏳ Waiting for its turn**"),
    ],
)
def test_the_queue_is_counted(card: Card, ahead: int | None, said: str) -> None:
    assert said in words(card.working(JobView(job(), ahead=ahead)))


def test_a_job_that_was_turned_away_says_that_it_is_tried_again(card: Card) -> None:
    waiting = replace(job(), attempts=1, detail="too many tasks")

    shown = words(card.working(JobView(waiting)))

    assert "waiting to send it again" in shown
    assert "too many tasks" not in shown


@pytest.mark.parametrize(
    ("progress", "said"),
    [
        (Working(Stage.QUEUED, None), "🎬 Waiting at the provider**"),
        (Working(Stage.RUNNING, None), "🎬 The provider is making it**"),
        (Working(Stage.RUNNING, 0), "🎬 The provider is making it · 0 %**"),
        (Working(Stage.RUNNING, 40), "🎬 The provider is making it · 40 %**"),
    ],
)
def test_a_percentage_is_shown_only_where_the_provider_gave_one(
    card: Card, progress: Working, said: str
) -> None:
    assert said in words(card.working(JobView(job(JobState.RUNNING), progress)))


def test_what_was_learned_says_when_it_will_be_ready(card: Card) -> None:
    job_view = JobView(job(JobState.RUNNING), Working(Stage.RUNNING, 40), estimate=NOON)

    assert f"· 40 % · ready about <t:{int(NOON.timestamp())}:R>**" in words(card.working(job_view))


def test_what_takes_far_longer_than_usual_is_said_to(card: Card) -> None:
    job_view = JobView(job(JobState.RUNNING), Working(Stage.RUNNING, 40), is_late=True)

    assert "· 40 % · taking much longer than usual; I keep asking" in words(card.working(job_view))


def test_a_provider_that_does_not_answer_is_said_to_instead_of_a_guess(card: Card) -> None:
    job_view = JobView(job(JobState.RUNNING), Working(Stage.RUNNING, 40), estimate=NOON, is_silent=True)

    said = words(card.working(job_view))

    assert "does not answer just now; I keep asking" in said
    assert "ready about" not in said


# ------------------------------------------------------------ buttons


@pytest.mark.parametrize("state", UNDER_WAY)
def test_what_can_still_be_stopped_has_a_button_for_it(card: Card, state: JobState) -> None:
    has_button = state in {JobState.QUEUED, JobState.SUBMITTING, JobState.RUNNING}

    assert buttons(card.working(JobView(job(state)))) == (["job:7:cancel"] if has_button else [])


def test_a_result_has_all_that_can_be_done_with_it_in_one_row(card: Card) -> None:
    names = ("again", "edit", "extend", "mail", "delete")

    assert buttons(card.result(job(JobState.DELIVERING), NOON)) == [f"job:7:{name}" for name in names]


def test_a_link_that_ends_can_be_had_again_and_all_else_is_as_under_a_file(card: Card) -> None:
    link = Link("https://videos.example.org/v/abc", NOON)
    linked = card.linked(job(JobState.DELIVERING), NOON, link)

    assert buttons(linked)[0] == "job:7:get"
    assert buttons(linked)[1:] == buttons(card.result(job(JobState.DELIVERING), NOON))
    assert "📥 gives you another link" in words(linked)


def test_a_link_that_never_ends_needs_no_other(card: Card) -> None:
    linked = card.linked(job(JobState.DELIVERING), NOON, Link("https://videos.example.org/v/abc", None))

    assert "another link" not in words(linked)


def test_what_was_paid_for_and_not_delivered_is_not_offered_again(card: Card) -> None:
    reason = Reason(code="too_large", said="Too large.", charge=Charge.FULL)

    assert buttons(card.ended(job(JobState.UNDELIVERABLE, reason=reason))) == ["job:7:delete"]


def test_what_may_have_been_paid_for_is_only_started_again_after_a_question(card: Card) -> None:
    reason = Reason(code="outcome_unknown", said="Nobody knows.", charge=Charge.PERHAPS)

    assert buttons(card.ended(job(JobState.UNKNOWN, reason=reason))) == ["job:7:risk", "job:7:dismiss"]


@pytest.mark.parametrize("state", [JobState.DISMISSED, JobState.SUPERSEDED])
def test_a_decided_doubt_says_that_it_stays_counted(card: Card, state: JobState) -> None:
    assert "stays counted as spent" in words(card.ended(job(state)))


# ------------------------------------------------------------ the result


def test_a_result_plays_the_attached_file_and_reads_the_prompt_aloud(card: Card) -> None:
    view = card.result(job(JobState.DELIVERING), NOON + timedelta(minutes=2, seconds=5))

    (gallery,) = [part for part in components(view) if part["type"] == 12]
    assert gallery["items"][0]["media"]["url"] == "attachment://video-7.mp4"
    assert gallery["items"][0]["description"] == "a paper boat"
    assert f"took 2 min 5 s · for <@{ALICE}>" in words(view)


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (-3, "0 s"),
        (0, "0 s"),
        (40.4, "40 s"),
        (60, "1 min 0 s"),
        (125, "2 min 5 s"),
        (3599.6, "1 h 0 min"),
        (3780, "1 h 3 min"),
    ],
)
def test_times_are_spoken(seconds: float, said: str) -> None:
    assert spoken_time(timedelta(seconds=seconds)) == said


# ------------------------------------------------------------ Discord's limits


@pytest.mark.parametrize("character", ["a", "*", "@", "🚤", "\n", "://"])
def test_the_longest_prompt_fits_on_every_card(card: Card, character: str) -> None:
    prompt = (character * PROMPT_LIMIT)[:PROMPT_LIMIT]
    reason = Reason(code="failed", said=character * 300)
    views = [
        card.working(JobView(job(prompt=prompt))),
        card.result(job(JobState.DELIVERING, prompt=prompt), NOON),
        card.ended(job(JobState.FAILED, prompt=prompt, reason=reason)),
    ]

    for view in views:
        parts = components(view)
        described = [item["description"] for part in parts if part["type"] == 12 for item in part["items"]]
        assert len(parts) <= 40
        assert sum(map(len, texts(view))) <= 4000
        assert all(len(description) <= ALT_TEXT_LIMIT for description in described)


def test_a_long_prompt_is_cut_where_it_is_read_and_kept_where_it_is_spoken(card: Card) -> None:
    view = card.result(job(JobState.DELIVERING, prompt="boat " * 200), NOON)

    quoted, _, _ = words(view).partition("\n")
    assert quoted.endswith("…")
    assert len(quoted) <= PROMPT_SHOWN + 2
