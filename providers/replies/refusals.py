"""Who can act on a refusal: the one thing that a gateway's codes and words decide."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Final, TypeAlias

from core.model.errors import Refusal
from providers.replies.error_payloads import ErrorPayload
from providers.replies.outcomes import BUSY_STATUS, Evidence

Says: TypeAlias = Callable[[Evidence], bool]

_MONEY: Final = re.compile(
    r"balance|insufficient|quota|budget|arrears|out of credit|not enough .{0,20}credit|billing|prepaid"
    r"|resource pack"
)
_UNSUPPORTED_MODEL: Final = re.compile(
    r"(unsupported|unknown|invalid) model|model(_name)? .{0,80}(not (found|supported|exist)|is invalid)"
)
_RATE: Final = re.compile(r"rate.?limit|too.?many|throttl|concurren|parallel")


def codes(*known: int | str) -> Says:
    """Fit an answer whose code or type is one of these."""
    wanted = {str(code) for code in known}
    return lambda seen: not wanted.isdisjoint(_payload(seen).identifiers.split())


def coded(pattern: re.Pattern[str]) -> Says:
    """Fit an answer whose code or type reads like this."""
    return lambda seen: pattern.search(_payload(seen).identifiers) is not None


def worded(pattern: re.Pattern[str]) -> Says:
    """Fit an answer whose words read like this."""
    return lambda seen: pattern.search(_payload(seen).said.casefold()) is not None


def upstream(*statuses: int) -> Says:
    """Fit an answer that passes on one of these statuses from the upstream behind the gateway."""
    return lambda seen: _payload(seen).upstream_status in statuses


def is_rate(seen: Evidence) -> bool:
    """Fit an answer whose code is about rates, whatever its type says."""
    return _RATE.search(_payload(seen).code.casefold()) is not None


def waits(seen: Evidence) -> bool:
    return seen.asks_to_wait


def anything(_: Evidence) -> bool:
    return True


def _payload(seen: Evidence) -> ErrorPayload:
    return seen.error or ErrorPayload()


@dataclass(frozen=True, slots=True)
class Who:
    """Who can act on a refusal with one of these statuses and this content, and the source of the rule.

    `is_about_model`: the gateway lacks this model only, and takes others.
    """

    statuses: Collection[int]
    says: Says
    why: Refusal
    source: str
    is_about_model: bool = False


_EVERY: Final = range(1000)
_BUSY: Final = frozenset({BUSY_STATUS})
_UPSTREAM: Final = frozenset({424})
_NO_MODEL: Final = frozenset({400, 404, 422})

WHO_CAN_ACT: Final = (
    Who(_BUSY, waits, Refusal.BUSY, "RFC 9110 10.2.3: it says itself when it passes"),
    Who(_BUSY, codes(1302, 1303), Refusal.BUSY, "Kling, Error code: too fast, too many parallel tasks"),
    Who(_BUSY, is_rate, Refusal.BUSY, "WorldRouter, Troubleshooting: kling_too_many_pending_tasks"),
    Who(_BUSY, codes(1100, 1101, 1102), Refusal.CREDIT, "Kling, Error code: arrears, resource pack used up"),
    Who(_BUSY, codes("insufficient_quota"), Refusal.CREDIT, "OpenAI, Error codes: 429 about the plan"),
    Who(
        _BUSY, codes("budget_exceeded"), Refusal.CREDIT, "LiteLLM, Budgets: in its `type`; `code` is a status"
    ),
    Who(_BUSY, codes(1304), Refusal.CONFIGURATION, "Kling, Error code: this address is not allowed"),
    Who(_BUSY, anything, Refusal.BUSY, "WorldRouter, Notes and limits: exceeding the cap returns 429"),
    Who(_UPSTREAM, upstream(400, 413, 415, 422), Refusal.REQUEST, "WorldRouter: fix the reported parameter"),
    Who(_UPSTREAM, anything, Refusal.UPSTREAM, "WorldRouter, Troubleshooting: retry after a short wait"),
    Who(
        _EVERY,
        codes("model_not_found", "unsupported_model", "key_model_access_denied", "team_model_access_denied"),
        Refusal.CONFIGURATION,
        "OpenAI, Error codes; LiteLLM, Virtual keys",
        is_about_model=True,
    ),
    Who(
        _NO_MODEL,
        worded(_UNSUPPORTED_MODEL),
        Refusal.CONFIGURATION,
        "WorldRouter, Troubleshooting: unsupported model",
        is_about_model=True,
    ),
    Who(
        _EVERY,
        codes("kling_team_required", "invalid_api_key"),
        Refusal.CONFIGURATION,
        "WorldRouter, Troubleshooting; OpenAI, Error codes",
    ),
    Who(_EVERY, codes(1000, 1001, 1002, 1003, 1004), Refusal.CONFIGURATION, "Kling, Error code: the key"),
    Who(
        _EVERY,
        codes(1103, 1202, 1203, 1304),
        Refusal.CONFIGURATION,
        "Kling, Error code: rights, route, model",
    ),
    Who(_EVERY, codes(1100, 1101, 1102), Refusal.CREDIT, "Kling, Error code: the account"),
    Who(_EVERY, codes(1200, 1201, 1300, 1301), Refusal.REQUEST, "Kling, Error code: parameters, content"),
    Who(_EVERY, codes(1302, 1303), Refusal.BUSY, "Kling, Error code: too fast, too many parallel tasks"),
    Who(
        _EVERY, coded(_MONEY), Refusal.CREDIT, "WorldRouter: kling_balance_too_low; LiteLLM: budget_exceeded"
    ),
    Who({403}, worded(_MONEY), Refusal.CREDIT, "new-api says a used-up quota with 403"),
)
"""Read from the top; the first that fits decides. Where none fits, the usual meaning of the status counts."""


def who_can_act(evidence: Evidence, usual: Refusal) -> tuple[Refusal, bool]:
    """Return who can act on a refusal, and whether it is about the one model only."""
    fitting = (who for who in WHO_CAN_ACT if evidence.status in who.statuses and who.says(evidence))
    found = next(fitting, None)
    return (usual, False) if found is None else (found.why, found.is_about_model)
