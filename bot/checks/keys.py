"""Asks each gateway in use something that is free: whether it is there and takes the key."""

from __future__ import annotations

from typing import Final, assert_never

from pydantic import SecretStr

from bot import gateways
from bot.checks.finding import Finding, failed, noted, passed
from bot.settings import Settings
from core.catalog import Catalog
from core.ports import Clock
from providers import SURFACES
from providers.probe import Kind, Verdict, probe

TITLES: Final = {"anyint": "AnyInt", "worldrouter": "WorldRouter"}


async def check(settings: Settings, clock: Clock) -> list[Finding]:
    """Ask the gateways whose surfaces are used; say of the others that they are not."""
    keys = {"anyint": settings.anyint_api_key, "worldrouter": settings.worldrouter_api_key}
    urls = {"anyint": settings.anyint_base_url, "worldrouter": settings.worldrouter_base_url}
    used = {SURFACES[name].gateway for name in settings.providers}
    findings: list[Finding] = []
    async with gateways.network(settings, clock) as network:
        for gateway, key in keys.items():
            if key is None or gateway not in used:
                findings.append(noted(TITLES[gateway], _unused(gateway, key)))
            else:
                verdict = await probe(
                    gateway, base_url=urls[gateway], key=key.get_secret_value(), network=network
                )
                findings.append(_judged(gateway, urls[gateway], verdict, settings))
    return findings


def _unused(gateway: str, key: SecretStr | None) -> str:
    return (
        f"not used: {gateway.upper()}_API_KEY is not set"
        if key is None
        else "not used: MATINEE_PROVIDERS leaves it out"
    )


def _judged(gateway: str, url: str, verdict: Verdict, settings: Settings) -> Finding:
    title, name = TITLES[gateway], gateway.upper()
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
        case Kind.UNCLEAR:
            hint = f"Check {name}_BASE_URL, or ask again later."
            return noted(title, f"answers, but not whether it takes the key ({verdict.said}). {hint}")
        case _:
            assert_never(verdict.kind)


def _lacking(settings: Settings, gateway: str, verdict: Verdict) -> list[str]:
    """Name the models that are used under the names that the gateway lists, and that it does not list."""
    if verdict.models is None or gateway not in settings.providers:
        return []
    used = dict.fromkeys(model.name for model in Catalog.shipped().of([gateway]))
    return [name for name in used if name not in verdict.models]
