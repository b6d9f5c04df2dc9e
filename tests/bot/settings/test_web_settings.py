from __future__ import annotations

import pytest

from bot.settings.settings import Settings, SettingsUnusable


def loaded(monkeypatch: pytest.MonkeyPatch, **values: str) -> Settings:
    for name, value in values.items():
        monkeypatch.setenv(name, value)
    return Settings.load()


@pytest.mark.parametrize(
    ("written", "understood"),
    [
        ("127.0.0.1:8080", "127.0.0.1:8080"),
        ("0.0.0.0:8080", "0.0.0.0:8080"),
        ("[::1]:8080", "[::1]:8080"),
        ("localhost:0", "localhost:0"),
        ("8080", "127.0.0.1:8080"),
        (":8080", "127.0.0.1:8080"),
    ],
)
def test_the_web_server_stays_on_this_machine_by_default(
    monkeypatch: pytest.MonkeyPatch, written: str, understood: str
) -> None:
    assert loaded(monkeypatch, MATINEE_HTTP_LISTEN=written).matinee_http_listen == understood


@pytest.mark.parametrize(
    "wrong", ["here", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536", "http://a:80", "a b:1"]
)
def test_what_is_not_a_place_to_listen_at_is_said(monkeypatch: pytest.MonkeyPatch, wrong: str) -> None:
    with pytest.raises(SettingsUnusable, match=r"MATINEE_HTTP_LISTEN: must be host:port"):
        loaded(monkeypatch, MATINEE_HTTP_LISTEN=wrong)


def test_by_default_nothing_listens_and_nothing_is_public(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = loaded(monkeypatch)

    assert settings.matinee_http_listen is None
    assert settings.matinee_public_url is None
    assert settings.matinee_link_days == 7


def test_a_public_address_is_https_and_ends_without_a_slash(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = loaded(
        monkeypatch, MATINEE_HTTP_LISTEN="8080", MATINEE_PUBLIC_URL="https://videos.example.org/matinee/"
    )

    assert settings.matinee_public_url == "https://videos.example.org/matinee"


@pytest.mark.parametrize(
    "wrong",
    ["http://videos.example.org", "https://u:p@example.org", "https://example.org/?a=1", "example.org"],
)
def test_an_address_that_discord_would_not_show_is_refused(
    monkeypatch: pytest.MonkeyPatch, wrong: str
) -> None:
    with pytest.raises(SettingsUnusable, match="MATINEE_PUBLIC_URL: "):
        loaded(monkeypatch, MATINEE_HTTP_LISTEN="8080", MATINEE_PUBLIC_URL=wrong)


def test_a_listed_host_may_be_tried_without_https(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = loaded(
        monkeypatch,
        MATINEE_HTTP_LISTEN="8080",
        MATINEE_PUBLIC_URL="http://127.0.0.1:8080",
        MATINEE_ALLOW_PRIVATE_HOSTS="127.0.0.1:8080",
    )

    assert settings.matinee_public_url == "http://127.0.0.1:8080"


def test_a_public_address_at_which_nothing_answers_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(SettingsUnusable, match="until MATINEE_HTTP_LISTEN is set"):
        loaded(monkeypatch, MATINEE_PUBLIC_URL="https://videos.example.org")


@pytest.mark.parametrize("days", ["0", "-1", "8", "7.1"])
def test_a_link_lives_for_seven_days_at_most(monkeypatch: pytest.MonkeyPatch, days: str) -> None:
    with pytest.raises(SettingsUnusable, match="MATINEE_LINK_DAYS"):
        loaded(monkeypatch, MATINEE_LINK_DAYS=days)


def test_a_bucket_needs_its_name_and_both_halves_of_its_key(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(SettingsUnusable) as refused:
        loaded(monkeypatch, MATINEE_S3_BUCKET="clips")

    assert refused.value.problems == [
        "MATINEE_S3_ACCESS_KEY_ID and MATINEE_S3_SECRET_ACCESS_KEY: missing, though a bucket is to be used."
    ]


def test_the_buckets_key_is_a_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = loaded(
        monkeypatch,
        MATINEE_S3_BUCKET="clips",
        MATINEE_S3_ACCESS_KEY_ID="an-id",
        MATINEE_S3_SECRET_ACCESS_KEY="canary-secret",
    )

    assert settings.secrets == ("canary-secret",)
    assert "canary-secret" not in repr(settings)
