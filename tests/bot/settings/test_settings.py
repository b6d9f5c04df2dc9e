from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings, strategies

from bot.settings.settings import Settings, SettingsUnusable
from tests.bot.command_line import NAMES, Command

SECRETS = ("DISCORD_TOKEN", "ANYINT_API_KEY", "WORLDROUTER_API_KEY")
CANARY = "sk-canary-0123456789"


def problems(*needs: str) -> list[str]:
    with pytest.raises(SettingsUnusable) as refused:
        Settings.load(needs)
    return refused.value.problems


def test_without_any_setting_there_are_the_documented_defaults() -> None:
    loaded = Settings.load()

    assert loaded.discord_token is None
    assert loaded.discord_api_url is None
    assert loaded.anyint_base_url == "https://api.anyint.ai"
    assert loaded.worldrouter_base_url == "https://inference-api-pre-d80ca3.worldrouter.ai"
    assert loaded.matinee_data_dir == Path("data")
    assert loaded.database_path == Path("data/matinee.db")
    assert (
        loaded.matinee_poll_first_seconds,
        loaded.matinee_poll_min_seconds,
        loaded.matinee_poll_max_seconds,
    ) == (10, 2, 60)
    assert loaded.matinee_create_read_timeout_seconds == 120
    assert loaded.matinee_allow_private_hosts == ()
    assert (loaded.matinee_log_format, loaded.matinee_log_level) == (None, "info")
    assert loaded.providers == ()
    assert loaded.secrets == ()


def test_every_problem_is_named_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = {
        "DISCORD_GATEWAY_URL": "https://example.org",
        "ANYINT_BASE_URL": "http://10.0.0.1:8080",
        "WORLDROUTER_API_KEY": "two words",
        "ANYINT_API_KEY_FILE": "nowhere/key",
        "MATINEE_PROVIDERS": "anyint,openai",
        "MATINEE_ALLOW_PRIVATE_HOSTS": "localhost",
        "MATINEE_DATABASE_URL": "postgres://db",
        "MATINEE_POLL_FIRST_SECONDS": "soon",
        "MATINEE_POLL_MAX_SECONDS": "0",
        "MATINEE_OPERATORS": "1,me",
        "MATINEE_LOG_LEVEL": "loud",
    }
    for name, value in wrong.items():
        monkeypatch.setenv(name, value)

    assert sorted(problems("discord", "provider")) == [
        "ANYINT_API_KEY_FILE: the file nowhere/key cannot be read (FileNotFoundError).",
        (
            "ANYINT_BASE_URL: would send the key unencrypted. "
            "Use https, or list 10.0.0.1:8080 in MATINEE_ALLOW_PRIVATE_HOSTS."
        ),
        "DISCORD_GATEWAY_URL: not an address that starts with ws or wss.",
        "DISCORD_TOKEN: missing. Copy the token from the Bot page of your application.",
        "MATINEE_ALLOW_PRIVATE_HOSTS: must be a comma list of host:port.",
        "MATINEE_DATABASE_URL: only sqlite:///path is supported.",
        "MATINEE_LOG_LEVEL: must be 'debug', 'info', 'warning' or 'error'.",
        "MATINEE_OPERATORS: not a whole number.",
        "MATINEE_POLL_FIRST_SECONDS: not a number.",
        "MATINEE_POLL_MAX_SECONDS: must be more than 0.",
        "MATINEE_PROVIDERS: must be a comma list of anyint, anyint-native, worldrouter.",
        "WORLDROUTER_API_KEY: has characters that no key has. Copy it anew.",
    ]


async def test_the_program_prints_one_problem_a_line_and_ends_with_78(
    matinee: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MATINEE_LOG_FORMAT", "xml")

    ran = await matinee("run")

    assert (ran.code, ran.out) == (78, "")
    assert ran.err.splitlines() == [
        "MATINEE_LOG_FORMAT: must be 'console' or 'json'.",
        "DISCORD_TOKEN: missing. Copy the token from the Bot page of your application.",
        "ANYINT_API_KEY or WORLDROUTER_API_KEY: missing. One of them is needed.",
    ]


BOUNDS = (
    "MATINEE_BUDGET_USD_PER_DAY",
    "MATINEE_BUDGET_USD_PER_MONTH",
    "MATINEE_SERVER_BUDGET_USD_PER_DAY",
    "MATINEE_SERVER_BUDGET_USD_PER_MONTH",
    "MATINEE_MEMBER_VIDEOS_PER_DAY",
    "MATINEE_MEMBER_OPEN_JOBS",
)
"""The settings that bound orders; with 0 no member may order."""


@pytest.mark.parametrize(
    ("name", "given", "taken"),
    [
        *((name, none, None) for name in BOUNDS for none in ("none", "None", " none ")),
        *((name, "0", 0) for name in BOUNDS),
        ("MATINEE_BUDGET_USD_PER_DAY", "10", 10),
        ("MATINEE_BUDGET_USD_PER_MONTH", "12.50", Decimal("12.5")),
        ("MATINEE_MEMBER_VIDEOS_PER_DAY", "10", 10),
        ("MATINEE_MEMBER_OPEN_JOBS", "3", 3),
        ("MATINEE_SERVER_RUNNING", "none", None),
        ("MATINEE_SERVER_RUNNING", "1", 1),
        ("MATINEE_MEMBER_RUNNING", "none", 10_000),
        ("MATINEE_MEMBER_RUNNING", "3", 3),
        ("MATINEE_PROVIDER_RUNNING", "none", 10_000),
        ("MATINEE_PROVIDER_RUNNING", "32", 32),
        ("DISCORD_API_URL", "http://127.0.0.1:8200/api/v10", "http://127.0.0.1:8200/api/v10"),
        ("DISCORD_GATEWAY_URL", "ws://127.0.0.1:8200/gateway", "ws://127.0.0.1:8200/gateway"),
        ("DISCORD_CDN_URL", "http://127.0.0.1:8200", "http://127.0.0.1:8200"),
        ("ANYINT_BASE_URL", "https://api.anyint.ai", "https://api.anyint.ai"),
        ("WORLDROUTER_BASE_URL", "https://router.example/", "https://router.example"),
        ("MATINEE_PROVIDERS", "anyint,anyint-native,worldrouter", ("anyint", "anyint-native", "worldrouter")),
        ("MATINEE_DATA_DIR", "./data", Path("data")),
        ("MATINEE_DATABASE_URL", "sqlite:///path", "sqlite:///path"),
        ("MATINEE_POLL_FIRST_SECONDS", "10", 10),
        ("MATINEE_POLL_MIN_SECONDS", "2", 2),
        ("MATINEE_POLL_MAX_SECONDS", "60", 60),
        ("MATINEE_CREATE_READ_TIMEOUT_SECONDS", "120", 120),
        ("MATINEE_ALLOW_PRIVATE_HOSTS", "10.0.0.1:8080,Proxy:81", ("10.0.0.1:8080", "proxy:81")),
        ("MATINEE_ALLOW_PRIVATE_HOSTS", "", ()),
        ("MATINEE_LOG_FORMAT", "console", "console"),
        ("MATINEE_LOG_FORMAT", "json", "json"),
        *(("MATINEE_LOG_LEVEL", level, level) for level in ("debug", "info", "warning", "error")),
        ("MATINEE_OPERATORS", "80351110224678912, 2", (80351110224678912, 2)),
    ],
)
@pytest.mark.parametrize("is_in_file", [True, False], ids=["in .env", "in the environment"])
def test_every_documented_value_is_taken_as_it_is_meant(
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    given: str,
    taken: object,
    is_in_file: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    if is_in_file:
        (folder / ".env").write_text(f"{name}={given}\n")
    else:
        monkeypatch.setenv(name, given)

    assert getattr(Settings.load(), name.lower()) == taken


def test_a_web_server_and_its_public_address_are_taken_together(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MATINEE_HTTP_LISTEN", "127.0.0.1:8080")
    monkeypatch.setenv("MATINEE_PUBLIC_URL", "https://videos.example.org")
    loaded = Settings.load()

    assert (loaded.matinee_http_listen, loaded.matinee_public_url) == (
        "127.0.0.1:8080",
        "https://videos.example.org",
    )


@pytest.mark.parametrize("name", ["MATINEE_SERVER_RUNNING", "MATINEE_MEMBER_RUNNING", *BOUNDS])
@pytest.mark.parametrize("given", ["no", "nobody", "unlimited", "-1", "null"])
def test_what_may_or_may_not_mean_no_limit_stops_the_start(
    monkeypatch: pytest.MonkeyPatch, name: str, given: str
) -> None:
    monkeypatch.setenv(name, given)

    assert [problem.partition(":")[0] for problem in problems()] == [name]


def test_a_named_provider_needs_its_own_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MATINEE_PROVIDERS", "anyint-native,worldrouter,anyint")
    monkeypatch.setenv("WORLDROUTER_API_KEY", CANARY)

    assert problems("provider") == ["ANYINT_API_KEY: missing, though anyint-native, anyint is to be used."]


def test_providers_are_those_that_have_a_key_unless_they_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORLDROUTER_API_KEY", CANARY)
    monkeypatch.setenv("ANYINT_API_KEY", CANARY)
    usual = Settings.load(["provider"]).providers

    monkeypatch.setenv("MATINEE_PROVIDERS", " worldrouter , anyint-native,worldrouter")
    named = Settings.load(["provider"]).providers

    assert usual == ("anyint", "worldrouter")
    assert named == ("worldrouter", "anyint-native")


def test_a_secret_may_come_from_a_file(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "token").write_text(f"{CANARY}\n")
    monkeypatch.setenv("DISCORD_TOKEN_FILE", str(folder / "token"))

    assert Settings.load(["discord"]).secrets == (CANARY,)


@pytest.mark.parametrize("name", SECRETS)
def test_every_secret_may_come_from_a_file_that_dotenv_names(folder: Path, name: str) -> None:
    (folder / "secret").write_text(CANARY)
    (folder / ".env").write_text(f"{name}_FILE=secret\n")

    assert Settings.load().secrets == (CANARY,)


def test_a_secret_itself_goes_before_its_file(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "token").write_text("from-the-file")
    monkeypatch.setenv("DISCORD_TOKEN_FILE", "token")
    monkeypatch.setenv("DISCORD_TOKEN", "from-the-environment")

    assert Settings.load(["discord"]).secrets == ("from-the-environment",)


@pytest.mark.parametrize(
    ("content", "says"), [(b" \n", "is empty."), (b"\xff\xfe", "cannot be read (UnicodeDecodeError).")]
)
def test_a_secret_file_without_a_secret_is_named(
    folder: Path, monkeypatch: pytest.MonkeyPatch, content: bytes, says: str
) -> None:
    (folder / "token").write_bytes(content)
    monkeypatch.setenv("DISCORD_TOKEN_FILE", "token")

    assert problems("discord") == [f"DISCORD_TOKEN_FILE: the file token {says}"]


def test_the_environment_goes_before_dotenv(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / ".env").write_text("MATINEE_LOG_LEVEL=debug\nMATINEE_LOG_FORMAT=json\n")
    monkeypatch.setenv("MATINEE_LOG_LEVEL", "error")

    loaded = Settings.load()

    assert (loaded.matinee_log_level, loaded.matinee_log_format) == ("error", "json")


def test_a_dotenv_file_that_cannot_be_read_is_named(folder: Path) -> None:
    (folder / ".env").write_bytes(b"DISCORD_TOKEN=\xff\n")

    assert problems() == [".env: the file cannot be read (UnicodeDecodeError)."]


@pytest.mark.parametrize("blank", ["", "  "])
def test_a_blank_setting_is_no_setting(monkeypatch: pytest.MonkeyPatch, blank: str) -> None:
    monkeypatch.setenv("DISCORD_TOKEN", blank)

    assert problems("discord")[0].startswith("DISCORD_TOKEN: missing.")


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:8080", "http://localhost", "http://[::1]:99", "http://gateway.lan:8000"]
)
def test_plain_http_is_for_this_machine_and_for_listed_hosts(
    monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    monkeypatch.setenv("MATINEE_ALLOW_PRIVATE_HOSTS", "Gateway.lan:8000")
    monkeypatch.setenv("ANYINT_BASE_URL", f"{url}/")

    assert Settings.load().anyint_base_url == url


@pytest.mark.parametrize(
    "url",
    [
        CANARY,
        f"https://{CANARY}@example.org",
        f"https://me:{CANARY}@example.org",
        f"https://example.org?key={CANARY}",
        f"https://example.org:{CANARY}",
        f"https://[{CANARY}",
        f"ftp://{CANARY}",
    ],
)
@pytest.mark.parametrize("name", ["ANYINT_BASE_URL", "DISCORD_API_URL", "DISCORD_GATEWAY_URL"])
def test_a_key_that_was_put_into_an_address_is_not_repeated(
    monkeypatch: pytest.MonkeyPatch, name: str, url: str
) -> None:
    monkeypatch.setenv(name, url)

    (problem,) = problems()
    assert problem.startswith(f"{name}: ")
    assert CANARY not in problem


def test_settings_do_not_show_their_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in SECRETS:
        monkeypatch.setenv(name, CANARY)

    loaded = Settings.load()

    assert loaded.secrets == (CANARY,) * 3
    assert CANARY not in f"{loaded!r} {loaded} {loaded.model_dump_json()}"


@given(
    values=strategies.dictionaries(
        strategies.sampled_from([name for name in NAMES if not name.endswith("_FILE")]),
        strategies.text(strategies.characters(exclude_characters="\0", codec="utf-8"), max_size=30),
    )
)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_is_wrong_is_named_without_its_secrets(values: dict[str, str]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        for name, value in values.items():
            patch.setenv(name, value)
        for name in SECRETS:
            patch.setenv(name, f"{CANARY} copied {values.get(name, '')}")

        found = problems("discord", "provider")

    assert {f"{name}: has characters that no key has. Copy it anew." for name in SECRETS} <= set(found)
    assert all(problem.partition(":")[0] in NAMES and "\n" not in problem for problem in found)
    assert CANARY not in "".join(found)
