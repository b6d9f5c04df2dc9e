from __future__ import annotations

import asyncio
from dataclasses import replace

from core.ports import NoReply, Reply, ReplyArchive, ReplyLog


def reply(body: bytes, status: int = 200) -> Reply:
    return Reply(provider="anyint", family="videos", base_url="https://a.example", status=status, body=body)


async def test_a_job_without_a_reply_has_none(replies: ReplyLog) -> None:
    assert await replies.last(1) is None


async def test_a_reply_comes_back_byte_for_byte(replies: ReplyLog) -> None:
    odd = reply(b'{"id": "\xff\x00\r\n\xe2\x98\x83"}', status=502)

    await replies.append(1, odd)

    assert await replies.last(1) == odd


async def test_a_request_without_a_reply_is_known_for_one(replies: ReplyArchive) -> None:
    await replies.append(1, NoReply("anyint", 2))
    await replies.redact([1])

    assert await replies.last(1) == NoReply("anyint", 2)


async def test_the_last_reply_of_a_job_counts(replies: ReplyLog) -> None:
    for job_id, body in ((1, b"first"), (2, b"other"), (1, b"second")):
        await replies.append(job_id, reply(body))

    assert await replies.last(1) == reply(b"second")
    assert await replies.last(2) == reply(b"other")


async def test_replies_that_come_at_once_are_all_kept(replies: ReplyLog) -> None:
    await asyncio.gather(*(replies.append(n, reply(b"%d" % n)) for n in range(50)))

    assert [await replies.last(n) for n in range(50)] == [reply(b"%d" % n) for n in range(50)]


async def test_of_a_redacted_reply_the_fact_that_it_came_is_kept(replies: ReplyArchive) -> None:
    for job_id in (1, 2):
        await replies.append(job_id, reply(b"said"))

    await replies.redact([1, 3])

    assert await replies.last(1) == replace(reply(b"said"), body=b"")
    assert await replies.last(2) == reply(b"said")
    assert await replies.last(3) is None


async def test_after_a_redaction_replies_are_kept_as_before(replies: ReplyArchive) -> None:
    await replies.append(1, reply(b"said"))
    await replies.redact([1])

    await replies.append(2, reply(b"said"))

    assert await replies.last(2) == reply(b"said")
