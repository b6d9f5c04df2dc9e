from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from typing import Any, Literal

import pytest
from hypothesis import given, strategies

from bot.process import log
from bot.process.log import Redaction

CANARY = "MTk4NjIyNDgzNDcxOTI1MjQ4.Cl2FMQ.ZnCjm1XVW7vRze4b7Cq4se7kKWs"
KEY = "sk-canary-0123456789"
SIGNATURE = "X-Amz-Signature=5d672d79c15b13162d9279b0855cfba6"

Style = Literal["console", "json"]


@pytest.fixture(autouse=True)
def loggers() -> Iterator[None]:
    """Give every logger its handlers and level back."""
    names = ["", "httpx", "httpcore", "aiosqlite", "discord", "PIL", "aiohttp.server", "asyncio"]
    known = [logging.getLogger(name) for name in names]
    before = [(logger, logger.level, [*logger.handlers], [*logger.filters]) for logger in known]
    yield
    for logger, level, handlers, filters in before:
        logger.setLevel(level)
        logger.handlers[:] = handlers
        logger.filters[:] = filters


def configure(style: Style | None = "json", level: str = "info") -> logging.Logger:
    log.configure(style=style, level=level, secrets=[CANARY, KEY])
    return logging.getLogger("matinee.test")


def told(capsys: pytest.CaptureFixture[str]) -> str:
    said = capsys.readouterr()
    assert said.out == ""
    return said.err


def test_a_line_of_json_says_when_who_what_and_the_rest(capsys: pytest.CaptureFixture[str]) -> None:
    configure().warning("job %s waits", 7, extra={"job_id": 7, "seconds": 1.5, "why": "busy"})

    line: dict[str, Any] = json.loads(told(capsys))
    assert line.pop("timestamp").endswith("Z")
    assert line == {
        "event": "job 7 waits",
        "level": "warning",
        "logger": "matinee.test",
        "job_id": 7,
        "seconds": 1.5,
        "why": "busy",
    }


def test_a_person_reads_plain_lines(capsys: pytest.CaptureFixture[str]) -> None:
    configure("console").info("ready", extra={"servers": 3})

    (line,) = told(capsys).splitlines()
    assert "ready" in line
    assert "servers=3" in line


def test_what_is_no_terminal_gets_json(capsys: pytest.CaptureFixture[str]) -> None:
    configure(None).info("ready")

    assert json.loads(told(capsys))["event"] == "ready"


def test_finer_lines_than_asked_for_are_left_out(capsys: pytest.CaptureFixture[str]) -> None:
    logger = configure(level="warning")

    logger.info("nobody needs this")
    logger.error("somebody needs this")

    assert [json.loads(line)["event"] for line in told(capsys).splitlines()] == ["somebody needs this"]


@pytest.mark.parametrize("name", ["httpx", "httpcore.connection", "aiosqlite", "discord.http"])
def test_libraries_that_log_words_and_links_stay_quiet_at_the_finest_level(
    capsys: pytest.CaptureFixture[str], name: str
) -> None:
    configure(level="debug")

    logging.getLogger(name).debug("GET https://cdn.example.org/a.png?%s", SIGNATURE)

    assert told(capsys) == ""


@pytest.mark.parametrize("style", ["console", "json"])
@pytest.mark.parametrize(
    ("text", "secret"),
    [
        (f"logging in with {CANARY}", CANARY),
        (f"{KEY}{KEY}", KEY),
        ("Authorization: Bearer another-key-of-somebody", "another-key-of-somebody"),
        ("authorization: bearer   another-key-of-somebody", "another-key-of-somebody"),
        ("Authorization: Bot MTIzNDU2Nzg5MDEyMzQ1Njc4.GabcdE.a-secret-part", "a-secret-part"),
        ("POST https://discord.com/api/v10/webhooks/123456/aW50ZXJhY3Rpb246dG9rZW4 403", "aW50ZXJhY3Rpb246"),
        ("POST /interactions/123456/aW50ZXJhY3Rpb246dG9rZW4/callback", "aW50ZXJhY3Rpb246"),
        (f"GET https://bucket.example.org/clip.mp4?{SIGNATURE}&expires=1 404", "5d672d79"),
        (f"GET https://bucket.example.org/clip.mp4?expires=1&{SIGNATURE}", "5d672d79"),
    ],
)
def test_what_looks_like_a_secret_is_hidden_wherever_it_stands(
    capsys: pytest.CaptureFixture[str], style: Style, text: str, secret: str
) -> None:
    logger = configure(style)

    logger.info(text)
    logger.info("%s", text)
    logger.info("carried along", extra={"url": text, "inside": {"headers": [text]}, "error": OSError(text)})

    said = told(capsys)
    assert secret not in said
    assert said.count("[hidden]") >= 5


def breaks() -> None:
    cause = OSError(f"connecting with Bearer {KEY}")
    raise RuntimeError(f"https://example.org/clip.mp4?{SIGNATURE}") from cause


@pytest.mark.parametrize("style", ["console", "json"])
def test_tracebacks_hide_secrets_too(capsys: pytest.CaptureFixture[str], style: Style) -> None:
    logger = configure(style)

    try:
        breaks()
    except RuntimeError:
        logger.exception("it broke with %s", CANARY, stack_info=True)

    said = told(capsys)
    assert "RuntimeError" in said
    assert "OSError" in said
    assert not [secret for secret in (KEY, CANARY, SIGNATURE) if secret in said]


def test_ordinary_lines_stay_as_they_are(capsys: pytest.CaptureFixture[str]) -> None:
    configure().info("job 7: 16:9, 5 s, “a boat? yes & no” at https://api.anyint.ai/openai/v1/videos")

    assert json.loads(told(capsys))["event"] == (
        "job 7: 16:9, 5 s, “a boat? yes & no” at https://api.anyint.ai/openai/v1/videos"
    )


@given(
    before=strategies.text(),
    after=strategies.text(),
    secret=strategies.text(strategies.characters(min_codepoint=33, max_codepoint=126), min_size=12),
)
def test_a_secret_is_hidden_between_any_words(before: str, after: str, secret: str) -> None:
    event = Redaction([secret])({"event": before + secret + after, "size": 7})

    assert secret not in event["event"].replace("[hidden]", "")
    assert event["size"] == 7


def test_a12_a_flood_of_broken_requests_or_connections_writes_one_line_of_each_kind(
    capsys: pytest.CaptureFixture[str],
) -> None:
    configure()
    for number in range(100):
        logging.getLogger("aiohttp.server").error("Error handling request from %s", f"192.0.2.{number}")
        logging.getLogger("aiohttp.server").error("Unhandled exception")
        logging.getLogger("asyncio").error("\n".join(["socket.accept() out of system resource", str(number)]))

    assert len(told(capsys).splitlines()) == 3


def test_what_is_no_flood_is_written_every_time(capsys: pytest.CaptureFixture[str]) -> None:
    logger = configure()
    for _ in range(3):
        logger.warning("the same again")
        logging.getLogger("asyncio").error("Task exception was never retrieved")

    assert len(told(capsys).splitlines()) == 6


def test_a12_a_flood_that_goes_on_writes_a_line_a_minute(capsys: pytest.CaptureFixture[str]) -> None:
    configure()
    flooded = logging.getLogger("aiohttp.server")
    for second in range(180):
        record = flooded.makeRecord(flooded.name, logging.ERROR, "", 0, "Unhandled exception", (), None)
        record.created = 1e9 + second
        flooded.handle(record)

    assert len(told(capsys).splitlines()) == 3
