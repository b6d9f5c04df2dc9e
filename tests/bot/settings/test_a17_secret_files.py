"""Files with secrets that other users of the machine can read or change."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from bot.cli.checks.finding import Mark
from bot.settings import secret_files
from bot.settings.settings import Settings
from sandbox.discord import LocalDiscord
from sandbox.gateways import LocalGateways
from tests.bot.command_line import Command, ended, settings_for, started

SECRETS = ("DISCORD_TOKEN", "ANYINT_API_KEY", "WORLDROUTER_API_KEY", "MATINEE_S3_SECRET_ACCESS_KEY")
CANARY = "sk-canary-0123456789"


def written(path: Path, content: str, mode: int) -> Path:
    path.write_text(content)
    path.chmod(mode)
    return path


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604, 0o444, 0o440])
@pytest.mark.parametrize("name", SECRETS)
def test_a17_a_secret_that_others_can_read_is_named(
    folder: Path, monkeypatch: pytest.MonkeyPatch, name: str, mode: int
) -> None:
    path = written(folder / "secret", CANARY, mode)
    monkeypatch.setenv(f"{name}_FILE", str(path))

    (warning,) = Settings.warnings()

    assert warning == (
        f"{name}_FILE: the file {path} can be read by other users of this machine (mode {mode:o}). "
        f"Type: chmod 600 {path}"
    )
    assert CANARY not in warning


@pytest.mark.parametrize("mode", [0o666, 0o660, 0o622, 0o602, 0o777])
def test_a17_a_secret_that_others_can_change_is_named(
    folder: Path, monkeypatch: pytest.MonkeyPatch, mode: int
) -> None:
    monkeypatch.setenv("DISCORD_TOKEN_FILE", str(written(folder / "secret", CANARY, mode)))

    (warning,) = Settings.warnings()

    assert f"can be read and changed by other users of this machine (mode {mode:o})" in warning


@pytest.mark.parametrize("mode", [0o600, 0o400, 0o700, 0o611])
def test_a17_what_is_the_owners_alone_is_fine(
    folder: Path, monkeypatch: pytest.MonkeyPatch, mode: int
) -> None:
    monkeypatch.setenv("DISCORD_TOKEN_FILE", str(written(folder / "secret", CANARY, mode)))

    assert Settings.warnings() == []


def test_a17_a_link_is_followed_and_odd_names_can_be_typed(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _ = written(folder / "kept", CANARY, 0o644)
    link = folder / "my token; really"
    link.symlink_to("kept")
    monkeypatch.setenv("DISCORD_TOKEN_FILE", str(link))

    (warning,) = Settings.warnings()

    assert warning.endswith(f"Type: chmod 600 '{link}'")


@pytest.mark.parametrize(
    ("content", "mode", "is_named"),
    [
        (f"DISCORD_TOKEN={CANARY}\n", 0o644, True),
        (f"export ANYINT_API_KEY='{CANARY}'\n", 0o640, True),
        (f"DISCORD_TOKEN={CANARY}\n", 0o600, False),
        ("MATINEE_LOG_LEVEL=debug\nDISCORD_TOKEN=\n", 0o644, False),
        ("MATINEE_LOG_LEVEL=debug\n", 0o666, True),
    ],
    ids=["a token", "a key", "its owner's alone", "no secret", "no secret, and open to changes"],
)
def test_a17_dotenv_is_a_file_with_secrets_too(
    folder: Path, content: str, mode: int, *, is_named: bool
) -> None:
    _ = written(folder / ".env", content, mode)

    assert any(".env: the file .env can be" in warning for warning in Settings.warnings()) == is_named


def test_a17_what_docker_hands_over_is_dockers(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(secret_files, "_HANDED_OVER", folder / "run")
    (folder / "run").mkdir()
    _ = written(folder / "run" / "token", CANARY, 0o444)
    outside = written(folder / "outside", CANARY, 0o444)

    for path, named in ((folder / "run" / "token", 0), (folder / "run" / ".." / "outside", 1), (outside, 1)):
        monkeypatch.setenv("DISCORD_TOKEN_FILE", str(path))
        assert len(Settings.warnings()) == named


def test_a17_a_file_of_another_user_is_taken_over_first(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = written(folder / "secret", CANARY, 0o644)
    monkeypatch.setenv("DISCORD_TOKEN_FILE", str(path))
    monkeypatch.setattr(os, "geteuid", lambda: path.stat().st_uid + 1)

    (warning,) = Settings.warnings()

    assert f"Type: chown {path.stat().st_uid + 1} {path} && chmod 600 {path}" in warning


@pytest.mark.parametrize(
    ("mode", "mark", "code"), [(0o644, Mark.NOTED, 0), (0o664, Mark.FAILED, 1), (0o600, Mark.PASSED, 0)]
)
async def test_a17_the_doctor_fails_for_what_others_can_change(
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    matinee: Command,
    gateways: LocalGateways,
    mode: int,
    mark: Mark,
    code: int,
) -> None:
    async with LocalDiscord() as discord:
        monkeypatch.setenv("DISCORD_TOKEN_FILE", str(written(folder / "token", discord.token, mode)))
        monkeypatch.setenv("DISCORD_API_URL", discord.api_url)
        monkeypatch.setenv("DISCORD_GATEWAY_URL", discord.gateway_url)

        ran = await matinee("doctor")

    assert gateways.tasks == []
    assert ran.code == code
    (line,) = [line for line in ran.out.splitlines() if " settings: " in line]
    assert line.startswith(f"{mark.value} settings: ")
    assert (f"chmod 600 {folder / 'token'}" in line) == (mode != 0o600)


async def test_a17_the_start_says_so_in_its_log(folder: Path, gateways: LocalGateways) -> None:
    async with LocalDiscord() as discord:
        path = written(folder / "token", discord.token, 0o644)
        settings = {
            **settings_for(gateways),
            "DISCORD_TOKEN_FILE": str(path),
            "DISCORD_API_URL": discord.api_url,
            "DISCORD_GATEWAY_URL": discord.gateway_url,
            "MATINEE_DATA_DIR": str(folder / "data"),
        }
        running = await started("run", environment=settings)
        await discord.bot_ready(40)
        running.terminate()
        ran = await ended(running)

    assert ran.code == 0
    assert ran.err.count(f"Type: chmod 600 {path}") == 1
    assert discord.token not in ran.err
