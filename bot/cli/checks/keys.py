"""Asks each gateway in use a free question: whether it is there and accepts the key."""

from __future__ import annotations

from typing import assert_never

from bot.cli.checks.finding import Finding, failed, noted, passed
from bot.compose import providers as gateways
from bot.settings.settings import Settings
from core.ports import Clock
from providers import GATEWAYS, SURFACES
from providers.probe import Kind, Verdict, probe


async def check(settings: Settings, clock: Clock) -> list[Finding]:
    """Ask the gateways whose surfaces are used; name the others as unused."""
    used = {SURFACES[name].gateway for name in settings.providers}
    findings: list[Finding] = []
    async with gateways.network(settings, clock) as network:
        for gateway, surface in GATEWAYS.items():
            key, url = settings.keys.get(gateway), settings.base_urls[gateway]
            if key is None or gateway not in used:
                findings.append(noted(surface.title, _unused(gateway, has_key=key is not None)))
            else:
                verdict = await probe(surface, base_url=url, key=key, network=network)
                findings.append(_judge(gateway, url, verdict, settings))
    return findings


def _unused(gateway: str, *, has_key: bool) -> str:
    if has_key:
        return "not used: MATINEE_PROVIDERS leaves it out"
    return f"not used: {gateway.upper()}_API_KEY is not set"


def _judge(gateway: str, url: str, verdict: Verdict, settings: Settings) -> Finding:
    title, name = GATEWAYS[gateway].title, gateway.upper()
    match verdict.kind:
        case Kind.ACCEPTED:
            lacking = _lacking(settings, gateway, verdict)
            if lacking:
                return noted(title, f"takes the key, but does not list {', '.join(lacking)} for this account")
            return passed(title, "reachable, takes the key")
        case Kind.REFUSED:
            return failed(title, f"refuses the key ({verdict.said}). Copy it anew into {name}_API_KEY.")
        case Kind.UNREACHABLE:
            hint = f"Check the network and {name}_BASE_URL."
            return failed(title, f"{url} cannot be reached ({verdict.said}). {hint}")
        case Kind.ELSEWHERE:
            hint = f"Correct {name}_BASE_URL: whatever is ordered there would be left in doubt."
            return failed(title, f"{url} is not the gateway ({verdict.said}). {hint}")
        case Kind.UNCLEAR:
            hint = f"Check {name}_BASE_URL, or ask again later."
            return noted(title, f"answers, but not whether it takes the key ({verdict.said}). {hint}")
        case _:
            assert_never(verdict.kind)


def _lacking(settings: Settings, gateway: str, verdict: Verdict) -> list[str]:
    """Name the models that are used under the names that the gateway lists, and that it does not list."""
    if verdict.models is None or gateway not in settings.providers:
        return []
    used = dict.fromkeys(model.name for model in gateways.catalog(settings).of([gateway]))
    return [name for name in used if name not in verdict.models]
