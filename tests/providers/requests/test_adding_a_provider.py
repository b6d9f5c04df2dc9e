"""`docs/adding-a-provider.md` makes what it says: a provider, from one module and three edits.

That its adapter keeps what every surface promises is proved in `tests/contracts/providers/test_provider.py`.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from core.model.catalog import Catalog
from core.model.video import VideoRequest
from core.ports import Order
from providers import GATEWAYS, SURFACES, Network, open_network
from tests import page
from tests.providers.reels import LocalReels
from tests.providers.world import CLIP, PICTURE, TEXT, RememberedReplies, VirtualClock, place


@pytest.fixture
async def reels() -> AsyncIterator[LocalReels]:
    async with LocalReels(CLIP) as opened:
        yield opened


@pytest.fixture
async def near(reels: LocalReels) -> AsyncIterator[Network]:
    """A network on which the gateway's own machine may be asked."""
    async with open_network(clock=VirtualClock(), allowed_hosts=[place(reels.url)]) as opened:
        yield opened


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The program after all steps of the page."""
    folder = tmp_path_factory.mktemp("matinee")
    page.copied(folder)
    page.follow(page.PROVIDER, folder)
    (folder / "docs").mkdir()
    return folder


def settings(reels: LocalReels) -> Mapping[str, str]:
    return {
        "REELS_API_KEY": reels.key,
        "REELS_BASE_URL": reels.url,
        "MATINEE_ALLOW_PRIVATE_HOSTS": place(reels.films_url),
        "MATINEE_POLL_FIRST_SECONDS": "0.02",
        "MATINEE_POLL_MIN_SECONDS": "0.02",
        "MATINEE_POLL_MAX_SECONDS": "0.1",
    }


def test_the_page_needs_one_module_three_files_and_less_than_eighty_lines_of_code() -> None:
    (module,) = page.blocks(page.PROVIDER, "python")
    edits = list(page.blocks(page.PROVIDER, "diff"))

    added = [line[1:] for edit in edits for line in edit.text.splitlines() if line.startswith("+")]
    code = [line for line in (*module.text.splitlines(), *added) if line.strip()]

    assert module.path == "providers/reels.py"
    assert {edit.path for edit in edits} == {
        "providers/__init__.py",
        "core/model/catalog.json",
        "bot/settings/settings.py",
    }
    assert len(module.text.splitlines()) < 80
    assert len(code) < 80


@pytest.mark.parametrize("request_", [TEXT, replace(TEXT, first_frame=PICTURE)])
async def test_what_is_sent_is_what_the_pages_document_says(
    reels: LocalReels,
    near: Network,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    request_: VideoRequest,
) -> None:
    surface = page.adapter(tmp_path, monkeypatch)(
        base_url=reels.url, key=reels.key, network=near, replies=RememberedReplies()
    )
    model = replace(next(iter(Catalog.shipped())), provider="reels", name="kling-v3")

    await surface.create(Order(1, request_, model))

    start = {"start": PICTURE} if request_.first_frame else {}
    assert reels.orders == [
        {
            "model": "kling-v3",
            "text": "A paper boat in the rain",
            "seconds": 5,
            "shape": "16:9",
            "quality": "std",
            "sound": False,
            **start,
        }
    ]


async def test_the_program_makes_a_video_there(copy: Path, reels: LocalReels) -> None:
    reels.finishes_at_once = True

    code, said = await page.run(
        copy, "-m", "bot", "generate", "A boat", "-o", "boat.mp4", "--json", environment=settings(reels)
    )

    events = [json.loads(line) for line in said.splitlines()]
    assert code == 0, said
    assert events[0] == {"event": "submitted", "provider": "reels", "task_id": "r-1"}
    assert events[-1]["event"] == "done"
    assert (copy / "boat.mp4").read_bytes() == CLIP
    assert len(reels.orders) == 1
    assert reels.file_keys == [None]


async def test_the_command_line_the_catalogue_and_the_settings_know_it(copy: Path, reels: LocalReels) -> None:
    listed = await page.run(copy, "-m", "bot", "models", "--json", environment={})
    unknown = await page.run(
        copy, "-m", "bot", "generate", "x", "--provider", "raels", "-o", "x.mp4", environment={}
    )
    without_a_key = await page.run(
        copy, "-m", "bot", "generate", "x", "--provider", "reels", "-o", "x.mp4", environment={}
    )
    written = await page.run(copy, "-m", "bot.settings.docs_page", environment={})

    assert "reels" in {json.loads(line)["provider"] for line in listed[1].splitlines()}
    assert unknown[0] == 2
    assert "anyint, anyint-native, worldrouter, reels" in unknown[1]
    assert without_a_key == (78, "REELS_API_KEY: missing, though reels is to be used.\n")
    assert written == (0, "")
    assert "| `REELS_API_KEY` |" in (copy / "docs/settings.md").read_text(encoding="utf-8")
    assert "\nREELS_API_KEY=\n" in (copy / ".env.example").read_text(encoding="utf-8")
    assert reels.orders == []


async def test_doctor_asks_it_something_that_is_free(copy: Path, reels: LocalReels) -> None:
    nowhere = {"DISCORD_TOKEN": "some.made.up.token", "DISCORD_API_URL": "http://127.0.0.1:9/api/v10"}

    _, accepted = await page.run(copy, "-m", "bot", "doctor", environment={**settings(reels), **nowhere})
    _, refused = await page.run(
        copy, "-m", "bot", "doctor", environment={**settings(reels), **nowhere, "REELS_API_KEY": "old"}
    )

    assert "✓ settings: usable; videos are made by reels" in accepted
    assert "✓ Reels: reachable, takes the key" in accepted
    assert "✗ Reels: refuses the key" in refused
    assert "REELS_API_KEY" in refused
    assert reels.orders == []


@pytest.mark.parametrize("surface", SURFACES)
def test_every_surface_has_models_and_a_gateway_that_can_be_asked_for_free(surface: str) -> None:
    models = list(Catalog.shipped().of([surface]))

    assert models
    assert SURFACES[surface].probe_paths
    assert SURFACES[surface].gateway in GATEWAYS
