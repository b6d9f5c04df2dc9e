"""How each provider is doing at paid creates: why, since when, and until when none is sent there."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from datetime import timedelta
from typing import Final

from core.dispatch.health import CLOSED, Condition, Standing
from core.dispatch.unconfirmed_creates import UnconfirmedCreates
from core.model.errors import Refusal, Refused
from core.model.operator_alerts import NoAlerts, ProviderClosed, ProviderDown, ProviderUnconfirming
from core.polling.schedule import OUTAGE
from core.ports import AlertChannel, Clock

log = logging.getLogger(__name__)

_CONDITION_OF: Final = {
    Refusal.BUSY: Condition.SLOW,
    Refusal.UPSTREAM: Condition.SLOW,
    Refusal.CREDIT: Condition.OUT_OF_CREDIT,
    Refusal.CONFIGURATION: Condition.MISCONFIGURED,
}
_REST: Final = {
    Condition.SLOW: timedelta(seconds=15),
    Condition.DOWN: timedelta(seconds=15),
    Condition.OUT_OF_CREDIT: timedelta(minutes=5),
    Condition.MISCONFIGURED: timedelta(minutes=5),
}
_ESTRANGED: Final = timedelta(minutes=1)


class CreateHealth:
    """Learns from what providers answer to paid requests.

    The operator gets an alert of each provider or model that closes, of one that stays out of reach, and of
    one that does not confirm requests.
    """

    def __init__(self, clock: Clock, providers: Iterable[str], alerts: AlertChannel | None = None) -> None:
        self._clock = clock
        self._alerts = alerts or NoAlerts()
        self._told_of: set[str] = set()
        self._unconfirmed = UnconfirmedCreates(clock)
        self._models: dict[tuple[str, str], Standing] = {}
        now = clock.monotonic()
        fresh = Standing(Condition.WORKING, "nothing went wrong yet", now, now)
        self._known = dict.fromkeys(providers, fresh)
        self._worked_at = dict.fromkeys(self._known, now)

    def of(self, provider: str) -> Standing:
        standing = self._known[provider]
        return standing if standing.is_closed else self._unconfirmed.of(provider) or standing

    def of_model(self, provider: str, model: str) -> Standing:
        """Return how a provider is doing for one of its models."""
        standing = self._models.get((provider, model))
        return self.of(provider) if standing is None or self._is_over(standing) else standing

    def is_free(self, provider: str) -> bool:
        """Whether a paid request may be sent there now."""
        return self.seconds_until_free([provider]) == 0

    def is_left_alone(self, provider: str) -> bool:
        """Whether nothing is sent there now, not even by a job that is already being sent."""
        return not self._is_over(self._known[provider]) or self._unconfirmed.seconds_of_rest(provider) > 0

    def takes_nothing(self, provider: str) -> bool:
        """Whether it does not work and has taken no order for longer than a moment of trouble."""
        lasted = timedelta(seconds=self._clock.monotonic() - self._worked_at[provider])
        return self.of(provider).condition is not Condition.WORKING and lasted > OUTAGE

    def takes(self, provider: str, model: str) -> bool:
        """Whether the provider takes this model, as far as is known."""
        return self.of_model(provider, model).model is None

    def resting(self) -> frozenset[str]:
        """Return the providers to which no paid request is sent now."""
        return frozenset(name for name in self._known if not self.is_free(name))

    def closed_providers(self) -> frozenset[str]:
        """Return those of them that only the operator can open again."""
        return frozenset(name for name in self.resting() if self._known[name].is_closed)

    def seconds_until_free(self, providers: Iterable[str]) -> float:
        """Return the seconds until the first of these is free."""
        now = self._clock.monotonic()
        return max(
            0.0,
            min(
                max(self._known[name].until - now, self._unconfirmed.seconds_until_free(name))
                for name in providers
            ),
        )

    def begin(self, provider: str) -> None:
        """A paid request is about to be sent there. The caller then calls `end`."""
        self._unconfirmed.begin(provider)

    def end(self, provider: str) -> None:
        self._unconfirmed.end(provider)

    def note_success(self, provider: str, model: str = "") -> None:
        self._unconfirmed.clear(provider)
        self._models.pop((provider, model), None)
        self._worked_at[provider] = self._clock.monotonic()
        self._note(provider, Condition.WORKING, "it answers", timedelta())

    def resume(self, provider: str) -> None:
        """Send paid requests there again at once: the operator says that it works."""
        for key in [key for key in self._models if key[0] == provider]:
            del self._models[key]
        self._unconfirmed.clear(provider)
        self._note(provider, Condition.WORKING, "somebody said that it is well", timedelta())

    def note_unconfirmed(self, provider: str, why: str, *, sent_at: float) -> None:
        """Learn from a request that was sent, at this moment of the monotonic clock, and never confirmed."""
        if self._unconfirmed.note(provider, sent_at):
            log.error("provider does not confirm requests", extra={"provider": provider, "why": why})
            self._alerts.send(ProviderUnconfirming(provider, why))

    def disable(
        self, provider: str, error: Refused, *, model: str = "", seconds: float | None = None
    ) -> None:
        """Learn from a refusal; one that the request itself caused says nothing about the provider.

        `seconds` is the gateway's retry_after, if it gives one.
        """
        condition = _CONDITION_OF.get(error.why)
        if error.is_about_model:
            self._note_model(provider, model, error.said)
        elif condition is not None:
            rest = _REST[condition] if seconds is None else timedelta(seconds=seconds)
            self._note(provider, condition, error.said, rest)

    def pause(self, provider: str, why: str) -> None:
        """Learn from a request that could not be sent. After some minutes the operator gets one alert."""
        self._note(provider, Condition.DOWN, why, _REST[Condition.DOWN])
        lasted = timedelta(seconds=self._clock.monotonic() - self._known[provider].since)
        if lasted > OUTAGE and provider not in self._told_of:
            self._told_of.add(provider)
            self._alerts.send(ProviderDown(provider, why))

    def reject_key(self, provider: str, why: str) -> None:
        """Learn that something else answered in its place: the outcome of a request would be unknown."""
        self._note(provider, Condition.DOWN, why, _ESTRANGED)

    def _note_model(self, provider: str, model: str, reason: str) -> None:
        """Close one model; the provider's others go on. The operator gets one alert."""
        now, key = self._clock.monotonic(), (provider, model)
        before = self._models.get(key)
        since = now if before is None else before.since
        until = now + _REST[Condition.MISCONFIGURED].total_seconds()
        self._models[key] = Standing(Condition.MISCONFIGURED, reason, since, until, model)
        if before is None:
            log.error("model is refused", extra={"provider": provider, "model": model, "why": reason})
            self._alerts.send(ProviderClosed(provider, is_out_of_credit=False, reason=reason, model=model))

    def _note(self, provider: str, condition: Condition, reason: str, rest: timedelta) -> None:
        now = self._clock.monotonic()
        before = self._known[provider]
        has_changed = before.condition is not condition
        since = now if has_changed else before.since
        self._known[provider] = Standing(condition, reason, since, now + rest.total_seconds())
        if has_changed:
            self._told_of.discard(provider)
            level = logging.INFO if condition is Condition.WORKING else logging.WARNING
            level = logging.ERROR if condition in CLOSED else level
            log.log(level, "provider is %s", condition, extra={"provider": provider, "why": reason})
            if condition in CLOSED:
                self._alerts.send(ProviderClosed(provider, condition is Condition.OUT_OF_CREDIT, reason))

    def _is_over(self, standing: Standing) -> bool:
        """Whether it may be tried again by now."""
        return self._clock.monotonic() >= standing.until
