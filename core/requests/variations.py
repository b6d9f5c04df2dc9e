"""An earlier request once more, with changes: which values the new one takes from it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from core.model.video import Draft, VideoRequest
from core.requests.preferences import Preferences


def options_of(request: VideoRequest) -> Preferences:
    """Return the earlier request's options: they count where the new one has none, unless impossible."""
    return Preferences(
        model=request.model,
        duration_seconds=request.duration_seconds,
        aspect_ratio=request.aspect_ratio,
        mode=request.mode,
        audio=request.audio,
    )


def reworded(request: VideoRequest, prompt: str, picture: str | None = None) -> Draft:
    """Ask for other words with the same picture, or with another; flags may stand in the words."""
    if picture is not None and request.reference is None:
        return Draft(prompt=prompt, first_frame=picture)
    if picture is not None:
        return Draft(prompt=prompt, reference=picture)
    return Draft(prompt=prompt, first_frame=request.first_frame, reference=request.reference)


def with_choices(draft: Draft, request: VideoRequest, choices: Mapping[str, Any]) -> Draft:
    """Ask for the options that a member chose, where they differ from the earlier request."""
    changed = {name: value for name, value in choices.items() if value != getattr(request, name)}
    return replace(draft, **changed)


def continued(prompt: str, last_frame: str) -> Draft:
    """Ask for what comes after a clip that ends with this picture."""
    return Draft(prompt=prompt, first_frame=last_frame)
