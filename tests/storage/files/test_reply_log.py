from __future__ import annotations

import asyncio
import errno
import json
import stat
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.model.errors import StoreFull
from core.ports import NoReply, Reply
from storage.files import durable
from storage.files.reply_log import BODY_LIMIT, SIZE_LIMIT, FileReplyLog

DAY = (24 * 60 * 60 * 1000) << 22
"""How much a job's id grows in a day."""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "replies.log"


def reply(body: bytes = b"{}") -> Reply:
    return Reply(provider="anyint", family="videos", base_url="https://a.example", status=200, body=body)


async def test_replies_are_there_after_opening_again(path: Path) -> None:
    await FileReplyLog(path).append(1, reply(b"one"))

    assert await FileReplyLog(path).last(1) == reply(b"one")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


async def test_what_is_missing_and_when_to_come_again_is_kept(path: Path) -> None:
    refused = replace(reply(b"later"), status=429, is_cut=True, retry_after=7.5)
    await FileReplyLog(path).append(1, refused)

    assert await FileReplyLog(path).last(1) == refused


async def test_a_line_of_an_earlier_version_is_read(path: Path) -> None:
    await FileReplyLog(path).append(1, reply(b"one"))
    line = json.loads(path.read_bytes())
    path.write_text("\n" + json.dumps({k: v for k, v in line.items() if k not in {"is_cut", "retry_after"}}))

    assert await FileReplyLog(path).last(1) == reply(b"one")


async def test_of_a_request_without_a_reply_a_line_is_kept_as_it_always_was(path: Path) -> None:
    await FileReplyLog(path).append(1, NoReply("anyint", 2))

    assert path.read_bytes() == (
        b'\n{"job_id": 1, "provider": "anyint", "family": "", "base_url": "", "status": 0, "attempt": 2, '
        b'"is_cut": false, "retry_after": null, "body": ""}'
    )
    assert await FileReplyLog(path).last(1) == NoReply("anyint", 2)


async def test_a_reply_is_on_the_disk_when_append_returns(path: Path, on_disk: dict[int, int]) -> None:
    log = FileReplyLog(path)

    await log.append(1, reply())
    assert on_disk.keys() == {path.stat().st_ino, path.parent.stat().st_ino}

    await log.append(2, reply())
    assert on_disk[path.stat().st_ino] == path.stat().st_size


async def test_what_is_known_of_each_of_many_jobs_is_its_own_newest_reply(path: Path) -> None:
    log = FileReplyLog(path)
    for n in range(60):
        await log.append(n % 20, reply(b"%d" % n))

    known = [await log.last(n) for n in range(20)]
    reopened = FileReplyLog(path)

    assert known == [reply(b"%d" % (40 + n)) for n in range(20)]
    assert [await reopened.last(n) for n in range(20)] == known
    assert await reopened.last(20) is None


async def test_a_file_that_was_replaced_meanwhile_tells_nothing_of_another_job(path: Path) -> None:
    log, other = FileReplyLog(path), FileReplyLog(path.with_name("other.log"))
    await log.append(1, reply())
    await other.append(2, reply())

    path.with_name("other.log").replace(path)

    assert await log.last(1) is None


async def test_a_long_body_is_cut(path: Path) -> None:
    log = FileReplyLog(path)

    await log.append(1, reply(b"x" * BODY_LIMIT * 2))

    assert await log.last(1) == reply(b"x" * BODY_LIMIT)


async def test_each_reply_is_one_json_line(path: Path) -> None:
    log = FileReplyLog(path)
    for n in range(3):
        await log.append(n, reply(b"line\nbreak"))

    lines = path.read_text("ascii").strip().split("\n")

    assert [json.loads(line)["job_id"] for line in lines] == [0, 1, 2]


@pytest.mark.parametrize("opens_again", [True, False])
async def test_a_line_that_a_crash_tore_harms_neither_those_before_nor_those_after(
    path: Path, *, opens_again: bool
) -> None:
    log = FileReplyLog(path)
    await log.append(1, reply(b"before"))
    await log.append(2, reply(b"torn"))
    path.write_bytes(path.read_bytes()[:-9])

    log = FileReplyLog(path) if opens_again else log
    await log.append(3, reply(b"after"))

    assert await log.last(1) == reply(b"before")
    assert await log.last(2) is None
    assert await log.last(3) == reply(b"after")


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A file with the replies to jobs 1 and 2."""
    path = tmp_path_factory.mktemp("whole") / "replies.log"

    async def write() -> None:
        for job_id, body in ((1, b"first"), (2, b"second")):
            await FileReplyLog(path).append(job_id, reply(body))

    asyncio.run(write())
    return path.read_bytes()


@given(cut=st.integers(0, 400))
def test_wherever_a_file_was_cut_it_can_be_read(
    cut: int, whole: bytes, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("cut") / "replies.log"
    path.write_bytes(whole[:cut])

    last = asyncio.run(FileReplyLog(path).last(2))

    assert last == (reply(b"second") if cut >= len(whole) else None)


@pytest.mark.parametrize("name", ["missing/replies.log", "."])
async def test_a_file_that_cannot_be_written_stops_no_caller(tmp_path: Path, name: str) -> None:
    log = FileReplyLog(tmp_path / name)

    await log.append(1, reply())

    assert await log.last(1) is None


async def test_a_reply_is_written_even_if_its_caller_was_cancelled(path: Path) -> None:
    log = FileReplyLog(path)
    writing = asyncio.create_task(log.append(1, reply()))
    await asyncio.sleep(0)
    writing.cancel()
    await asyncio.gather(writing, return_exceptions=True)

    await log.redact([])  # its one thread has come past the writing then

    assert b"anyint" in path.read_bytes()


async def test_lines_that_are_a_week_older_than_the_newest_go_at_the_next_opening(path: Path) -> None:
    log = FileReplyLog(path)
    for age in (8, 6, 0):
        await log.append((10 - age) * DAY, reply())

    log = FileReplyLog(path)

    assert await log.last(2 * DAY) is None
    assert await log.last(4 * DAY) == reply()
    assert await log.last(10 * DAY) == reply()


async def test_the_oldest_lines_of_a_file_that_is_too_big_go_at_the_next_opening(path: Path) -> None:
    log = FileReplyLog(path)
    await log.append(1, reply(b"x" * BODY_LIMIT))
    await log.append(2, reply(b"newest"))
    line, newest = path.read_bytes().split(b"\n")[1:]
    path.write_bytes((b"\n" + line) * (SIZE_LIMIT // len(line) + 1) + b"\n" + newest)
    assert path.stat().st_size > SIZE_LIMIT

    log = FileReplyLog(path)

    assert SIZE_LIMIT - len(line) - len(newest) - 2 <= path.stat().st_size <= SIZE_LIMIT
    assert await log.last(2) == reply(b"newest")


async def test_a_caller_that_asks_during_a_redaction_finds_every_request_that_was_answered(
    path: Path,
) -> None:
    log, jobs = FileReplyLog(path), range(1, 41)
    for n in jobs:
        await log.append(n, reply(b"x" * BODY_LIMIT))
    hushing = asyncio.create_task(_hushed_one_by_one(log, jobs))

    found = [await asyncio.gather(*map(log.last, jobs))]
    while not hushing.done():
        found.append(await asyncio.gather(*map(log.last, jobs)))

    assert all(None not in replies for replies in found)
    assert await asyncio.gather(*map(FileReplyLog(path).last, jobs)) == [reply(b"")] * len(jobs)


async def _hushed_one_by_one(log: FileReplyLog, jobs: Iterable[int]) -> None:
    for n in jobs:
        await log.redact([n])


async def test_a_folder_that_fails_after_the_words_were_taken_out_loses_no_other_reply(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = FileReplyLog(path)
    for n in (1, 2):
        await log.append(n, reply())
    monkeypatch.setattr(durable, "rename", _half_done)

    with pytest.raises(StoreFull):
        await log.redact([1])

    assert [await log.last(n) for n in (1, 2)] == [reply(b""), reply()]


def _half_done(old: Path, new: Path) -> None:
    old.replace(new)
    raise OSError(errno.EIO, "Input/output error")


async def test_what_says_nothing_any_more_is_not_written_again(path: Path, on_disk: dict[int, int]) -> None:
    log = FileReplyLog(path)
    await log.append(1, reply(b"said"))
    await log.redact([1])
    on_disk.clear()

    await log.redact([1])

    assert on_disk == {}


async def test_what_a_program_left_that_was_killed_while_writing_again_goes_at_the_next_opening(
    path: Path,
) -> None:
    await FileReplyLog(path).append(1, reply())
    part = path.with_name("replies.log.part")
    part.write_bytes(path.read_bytes())

    log = FileReplyLog(path)

    assert not part.exists()
    assert await log.last(1) == reply()


async def test_half_a_copy_for_which_there_was_no_room_takes_none_from_the_next_reply(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = FileReplyLog(path)
    await log.append(1, reply())
    with monkeypatch.context() as full:
        full.setattr(durable, "append", _written_in_part)
        with pytest.raises(StoreFull):
            await log.redact([1])

    await log.append(2, reply())

    assert [file.name for file in path.parent.iterdir()] == ["replies.log"]
    assert [await log.last(n) for n in (1, 2)] == [reply(), reply()]


def _written_in_part(path: Path, content: bytes) -> None:
    path.write_bytes(content[:10])
    raise OSError(errno.ENOSPC, "No space left on device")


@pytest.mark.parametrize(
    "damage", ['{"job_id": "x"}', '{"job_id": null}', '{"job_id": [1]}', "7", "[" * 200_000]
)
async def test_a17_a_damaged_line_stops_no_start(path: Path, damage: str) -> None:
    await FileReplyLog(path).append(1, reply())
    with path.open("a") as file:
        file.write(f"\n{damage}")

    log = FileReplyLog(path)

    assert (log.job_ids, await log.last(1)) == (frozenset({1}), reply())
