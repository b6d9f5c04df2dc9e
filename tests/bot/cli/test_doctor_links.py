from __future__ import annotations

import pytest

from bot.cli.checks import links
from bot.cli.checks.finding import Mark
from bot.settings.settings import Settings

BUCKET = {
    "MATINEE_S3_BUCKET": "clips",
    "MATINEE_S3_ACCESS_KEY_ID": "an-id",
    "MATINEE_S3_SECRET_ACCESS_KEY": "a-canary-secret",
    "MATINEE_S3_ENDPOINT": "http://127.0.0.1:1",
}


async def said(monkeypatch: pytest.MonkeyPatch, **settings: str) -> dict[str, tuple[Mark, str]]:
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    return {finding.subject: (finding.mark, finding.said) for finding in await links.check(Settings.load())}


async def test_without_a_place_for_large_videos_the_doctor_says_what_to_set(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    mark, words = (await said(monkeypatch))["links"]

    assert mark is Mark.NOTED
    assert "Set MATINEE_PUBLIC_URL, or a bucket" in words


async def test_a_server_that_the_world_cannot_reach_is_noted(monkeypatch: pytest.MonkeyPatch) -> None:
    mark, words = (await said(monkeypatch, MATINEE_HTTP_LISTEN="8080"))["web server"]

    assert mark is Mark.NOTED
    assert "127.0.0.1:8080" in words


async def test_a_public_server_is_well(monkeypatch: pytest.MonkeyPatch) -> None:
    found = await said(
        monkeypatch,
        MATINEE_HTTP_LISTEN="8080",
        MATINEE_PUBLIC_URL="https://videos.example.org",
        MATINEE_LINK_DAYS="1.5",
    )

    assert found == {
        "web server": (
            Mark.PASSED,
            "listens at 127.0.0.1:8080; links to https://videos.example.org live for 1.5 days",
        )
    }


async def test_a_bucket_that_does_not_answer_fails_with_what_to_check(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    mark, words = (await said(monkeypatch, **BUCKET))["bucket"]

    assert mark is Mark.FAILED
    assert words.startswith("clips: it does not answer as it should")
    assert "MATINEE_S3_" in words
    assert "a-canary-secret" not in words
