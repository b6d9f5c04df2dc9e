"""Turns an order into a request that a model makes, or refuses it in words for the member."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from typing import TypeVar

from core.model.catalog import Catalog, Model
from core.model.errors import (
    AudioNotOffered,
    DurationNotOffered,
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
from core.model.video import PROMPT_LIMIT, Draft, Input, Mode, VideoRequest
from core.requests.preferences import Preferences
from core.requests.prompt_flags import with_flags

T = TypeVar("T")

NEUTRAL_PROMPT = "Bring the picture to life with gentle, natural movement."
"""What is sent for a picture without words: no gateway documents a picture without a prompt."""

DEFAULT_DURATION = 5
DEFAULT_RATIO = "16:9"

_INPUT_WORDS = {
    Input.TEXT: "prompt without a picture",
    Input.FIRST_FRAME: "picture as its first frame",
    Input.REFERENCE: "reference picture",
}


def validate(draft: Draft, catalog: Catalog, preferred: Preferences | None = None) -> VideoRequest:
    """Check a draft against its model and fill in what was left open. Raise RequestRefused.

    What was asked for has to be offered; what is only preferred gives way where it is not.
    """
    draft, preferred = with_flags(draft), preferred or Preferences()
    if draft.first_frame is not None and draft.reference is not None:
        raise TwoPictures("a picture to start from", "a reference")
    refusals: list[RequestRefused] = []
    for model in _candidates(draft, catalog, preferred):
        try:
            return _request(draft, model, preferred)
        except RequestRefused as refusal:
            refusals.append(refusal)
    raise refusals[0]


def _request(draft: Draft, model: Model, preferred: Preferences) -> VideoRequest:
    return VideoRequest(
        model=model.family,
        prompt=check_prompt(draft),
        duration_seconds=_duration(draft, model, preferred.duration_seconds),
        aspect_ratio=_ratio(draft, model, preferred.aspect_ratio),
        mode=_mode(draft, model, preferred.mode),
        audio=_audio(draft, model, preferred),
        first_frame=draft.first_frame,
        reference=draft.reference,
    )


def check_prompt(draft: Draft) -> str:
    """Return the prompt, normalised (NFC, no control characters). Raise PromptMissing, PromptTooLong."""
    prompt = _normalise(draft.prompt).strip()
    if len(prompt) > PROMPT_LIMIT:
        raise PromptTooLong(len(prompt), PROMPT_LIMIT)
    if any(map(_is_content, prompt)):
        return prompt
    if _input(draft) is Input.TEXT:
        raise PromptMissing
    return NEUTRAL_PROMPT


def _normalise(prompt: str) -> str:
    if prompt.isascii() and prompt.isprintable():
        return prompt
    return unicodedata.normalize("NFC", "".join(map(_as_text, prompt)))


def _as_text(character: str) -> str:
    """Return the characters that a prompt may have: no controls, lone surrogates or bidirectional overrides.

    The joiners stay, which Persian words and many emoji need, and so does what this Python's Unicode
    tables do not know yet, such as this year's emoji.
    """
    if character in "\n\u200c\u200d":
        return character
    if unicodedata.category(character) in {"Cc", "Cf", "Cs", "Co"}:
        return " " if character.isspace() and character != "\r" else ""
    return character


def _is_content(character: str) -> bool:
    """Whether a character is something to see rather than a space, a mark or a joiner."""
    category = unicodedata.category(character)
    return category[0] in "LNPS" or category == "Cn"


def _input(draft: Draft) -> Input:
    if draft.reference is not None:
        return Input.REFERENCE
    return Input.TEXT if draft.first_frame is None else Input.FIRST_FRAME


def _candidates(draft: Draft, catalog: Catalog, preferred: Preferences) -> list[Model]:
    """Find the models that are meant and take this input: one family, at one provider or several."""
    wanted = _input(draft)
    able = [model for model in catalog if wanted in model.inputs]
    if not able:
        raise NothingOffered(_INPUT_WORDS[wanted])
    if draft.model is None:
        liked = [model for model in able if preferred.model and model.is_called(preferred.model)] or able
        return [model for model in able if model.family == liked[0].family]
    meant = [model for model in catalog if model.is_called(draft.model)]
    if not meant:
        raise ModelUnknown(draft.model, catalog)
    capable = [model for model in meant if wanted in model.inputs]
    if not capable:
        raise InputNotTaken(meant[0], _INPUT_WORDS[wanted], able)
    return [model for model in capable if model.family == capable[0].family]


def _first_offered(offered: Sequence[T], *values: object) -> T:
    """Return the first value that is offered, or else the first offer."""
    return next((offer for value in values for offer in offered if offer == value), offered[0])


def _duration(draft: Draft, model: Model, preferred: int | None) -> int:
    if draft.duration_seconds is None:
        return _first_offered(model.durations, preferred, DEFAULT_DURATION)
    if draft.duration_seconds not in model.durations:
        raise DurationNotOffered(model, draft.duration_seconds)
    return draft.duration_seconds


def _ratio(draft: Draft, model: Model, preferred: str | None) -> str:
    if draft.aspect_ratio is None:
        return _first_offered(model.aspect_ratios, preferred, DEFAULT_RATIO)
    if draft.aspect_ratio not in model.aspect_ratios:
        raise RatioNotOffered(model, draft.aspect_ratio)
    return draft.aspect_ratio


def _mode(draft: Draft, model: Model, preferred: str | None) -> Mode | None:
    if draft.mode is None:
        return _first_offered(model.modes, preferred) if model.modes else None
    if draft.mode not in model.modes:
        raise ModeNotOffered(model, draft.mode)
    return Mode(draft.mode)


def _audio(draft: Draft, model: Model, preferred: Preferences) -> bool | None:
    if draft.audio and not model.audio:
        raise AudioNotOffered(model)
    value = preferred.audio if draft.audio is None else draft.audio
    return bool(value) if model.audio else None
