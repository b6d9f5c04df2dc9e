"""What is needed to show a linked video."""

from __future__ import annotations

from dataclasses import dataclass

from core.delivery.signed_links import SharedLinks, Signer
from core.ports import ClipStore, Clock, JobStore


@dataclass(frozen=True, slots=True)
class LinkContext:
    """`address` is the public one of our server: no slash at its end."""

    address: str
    signer: Signer
    shared: SharedLinks
    store: JobStore
    clips: ClipStore
    clock: Clock
