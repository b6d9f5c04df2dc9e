"""Asks the bot that runs on the same data how gateways have answered it: a free question shows only part."""

from __future__ import annotations

from typing import Final

from bot.cli.checks.finding import Finding, failed, noted, passed
from bot.process.control_socket import NoBotListens, Refusal, ask
from bot.process.operator_actions import HEALTH, TROUBLES, Trouble
from bot.settings.settings import Settings
from core.dispatch.end_reasons import cut
from core.dispatch.health import CLOSED, Condition

_UNHEARD: Final = "it does not answer, so what it knows of the gateways is not seen here. Look at its log."
_HINTS: Final = {
    Condition.OUT_OF_CREDIT: "Top up the account there; the bot tries it again by itself.",
    Condition.MISCONFIGURED: "Change the account there; a changed setting needs a restart.",
    Condition.UNCONFIRMED: "It is tried again by itself; `matinee jobs resume {provider}` does so at once.",
}


async def check(settings: Settings) -> list[Finding]:
    """Report what the running bot finds wrong with the gateways; nothing where no bot runs."""
    try:
        said = await ask(settings.matinee_data_dir, HEALTH, 0, silent=_UNHEARD)
    except NoBotListens:
        return []
    except Refusal as error:
        return [noted("running bot", str(error))]
    findings = [_judge(trouble) for trouble in TROUBLES.validate_json(said)]
    return findings or [passed("running bot", "no gateway has given it trouble that lasts")]


def _judge(trouble: Trouble) -> Finding:
    """Fail for what only the operator ends; note what passes by itself."""
    asked = "asked about tasks" if trouble.is_about_tasks else "asked for videos"
    hint = _HINTS.get(trouble.condition, "It is tried again by itself.").format(provider=trouble.provider)
    since = f"{trouble.since:%Y-%m-%d %H:%M} UTC"
    said = f"{asked}, {trouble.provider} is {trouble.condition} since {since}: {cut(trouble.reason)} {hint}"
    return (failed if trouble.condition in CLOSED else noted)("running bot", said)
