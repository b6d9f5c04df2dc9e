"""A wrong base URL is found before anything is paid: what is ordered there would be left in doubt."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager

import pytest
from aiohttp import web

from bot.cli.checks import keys
from bot.cli.checks.finding import Finding, Mark, passed
from bot.settings.settings import Settings
from core.model.errors import OutcomeUnknown
from providers import GATEWAYS, build, open_network
from sandbox.gateways import LocalGateways
from tests.providers.world import RememberedReplies, VirtualClock, order

KEY = "sk-canary-0123456789"


@asynccontextmanager
async def serving(response: Callable[[], web.Response]) -> AsyncGenerator[str]:
    """Answer every request with this, at the address that is returned."""

    async def answer(_request: web.Request) -> web.StreamResponse:
        return response()

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


def page(status: int) -> web.Response:
    return web.Response(text="<!doctype html><h1>Hello</h1>", status=status, content_type="text/html")


async def found(gateway: str, url: str, monkeypatch: pytest.MonkeyPatch) -> Finding:
    """What the doctor says of this gateway at this address."""
    monkeypatch.setenv(f"{gateway.upper()}_API_KEY", KEY)
    monkeypatch.setenv(f"{gateway.upper()}_BASE_URL", url)
    findings = await keys.check(Settings.load(["provider"]), VirtualClock())
    return next(finding for finding in findings if finding.subject.lower() == gateway)


@pytest.mark.parametrize(
    "response",
    [
        lambda: page(404),
        lambda: page(405),
        lambda: page(200),
        lambda: web.Response(text="404 page not found", status=404),
        lambda: web.Response(status=404),
        lambda: web.Response(status=301, headers={"Location": "https://elsewhere.example/"}),
    ],
    ids=["html-404", "html-405", "website", "text-404", "empty-404", "redirect"],
)
@pytest.mark.parametrize("gateway", ["anyint", "worldrouter"])
async def test_an_address_that_is_no_gateway_is_named(
    monkeypatch: pytest.MonkeyPatch, gateway: str, response: Callable[[], web.Response]
) -> None:
    async with serving(response) as url:
        finding = await found(gateway, url, monkeypatch)

    assert finding.is_failure
    assert f"{url} is not the gateway" in finding.said
    assert f"Correct {gateway.upper()}_BASE_URL" in finding.said
    assert KEY not in finding.said


@pytest.mark.parametrize("provider", ["anyint", "anyint-native", "worldrouter"])
async def test_a_paid_request_to_such_an_address_would_be_left_in_doubt(provider: str) -> None:
    gateway = provider.partition("-")[0]
    async with serving(lambda: page(404)) as url, open_network(clock=VirtualClock()) as network:
        surface = build(
            [provider],
            keys={gateway: KEY},
            base_urls={gateway: url},
            network=network,
            replies=RememberedReplies(),
        )[provider]

        with pytest.raises(OutcomeUnknown, match="HTTP 404"):
            await surface.create(order(provider))


@pytest.mark.parametrize(
    "response",
    [
        lambda: web.json_response({"detail": "Not Found"}, status=404),
        lambda: page(503),
        lambda: web.Response(status=500),
    ],
    ids=["another-api", "maintenance", "broken"],
)
async def test_an_address_that_may_be_right_is_noted_with_what_to_check(
    monkeypatch: pytest.MonkeyPatch, response: Callable[[], web.Response]
) -> None:
    async with serving(response) as url:
        finding = await found("anyint", url, monkeypatch)

    assert finding.mark is Mark.NOTED
    assert finding.said.endswith("Check ANYINT_BASE_URL, or ask again later.")


@pytest.mark.parametrize(
    ("gateway", "path"), [("anyint", "/openai/v1"), ("anyint", "/openai"), ("worldrouter", "/v1")]
)
async def test_an_address_with_its_routes_in_it_is_used_and_asked_alike(
    gateways: LocalGateways, monkeypatch: pytest.MonkeyPatch, gateway: str, path: str
) -> None:
    urls = Settings.load().base_urls
    monkeypatch.setenv(f"{gateway.upper()}_BASE_URL", urls[gateway] + path)

    findings = await keys.check(Settings.load(["provider"]), VirtualClock())

    assert gateways.requests
    assert passed(GATEWAYS[gateway].title, "reachable, takes the key") in findings
