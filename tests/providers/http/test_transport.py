"""Hard cases 49 to 55: parsing and transport. Numbers are those of the project's list of hard cases."""

import gzip
from dataclasses import replace
from datetime import timedelta

import pytest

from core.model.errors import CheckFailed, OutcomeUnknown, Refused
from core.ports import Failed, Finished, Provider, Working
from providers import AnyInt, Network
from providers.http.clients import Limits
from sandbox.gateways import Fault, LocalGateways
from sandbox.gateways.faults import (
    after_create,
    after_status,
    create_accepted_then_html,
    create_refused,
    create_says,
    gzip_bomb,
    on_create,
    on_status,
    progress_reads,
    reshaped,
    says,
    status_drips,
    status_has_byte_order_mark,
    status_has_duplicate_keys,
    status_has_lone_surrogate,
    status_is_broken_gzip,
    status_is_gzip_bomb,
    status_is_html,
    status_is_huge,
    status_is_nested,
    status_is_not_utf8,
    status_truncated,
    task_fails,
    task_never_ends,
    truncated,
)
from tests.providers.world import RememberedReplies, built, order, outcome, percent


async def test_case_49_a_byte_order_mark_is_harmless(provider: Provider, gateways: LocalGateways) -> None:
    gateways.faults.add(after_create(reshaped(lambda body: b"\xef\xbb\xbf" + body)))
    created = await provider.create(order(provider.name))
    gateways.faults.add(status_has_byte_order_mark())

    assert isinstance(await outcome(provider, created.ticket, gateways), Finished)


@pytest.mark.parametrize(
    "figure", [b"NaN", b"Infinity", b"-Infinity", b"1e999", b"9" * 5000, b"-" + b"9" * 400]
)
async def test_case_50_numbers_that_are_none_are_guarded(
    anyint: AnyInt, gateways: LocalGateways, figure: bytes
) -> None:
    gateways.faults.add(task_never_ends())
    created = await anyint.create(order("anyint"))
    gateways.faults.add(on_status(says(b'{"status": "processing", "progress": ' + figure + b"}")))

    try:
        progress = await anyint.check(created.ticket)
    except CheckFailed:
        return
    assert percent(progress) in {None, 0}


async def test_case_51_a_page_for_people_leaves_a_create_unknown(
    provider: Provider, gateways: LocalGateways, replies: RememberedReplies
) -> None:
    gateways.faults.add(create_accepted_then_html())
    gateways.faults.add(on_create(says(b"")))

    for job_id in (1, 2):
        with pytest.raises(OutcomeUnknown) as caught:
            await provider.create(order(provider.name, job_id=job_id))
        assert caught.value.is_from_elsewhere

    assert b"Please sign in" in replies.kept[1][0].body
    assert len(gateways.creates()) == 2


async def test_case_51_a_page_for_people_is_no_answer_to_a_question(
    provider: Provider, gateways: LocalGateways
) -> None:
    created = await provider.create(order(provider.name))
    gateways.faults.add(status_is_html())

    with pytest.raises(CheckFailed, match="readable"):
        await provider.check(created.ticket)


@pytest.mark.parametrize(
    "fault", [status_is_huge(), status_is_gzip_bomb(), status_is_nested(), status_drips()]
)
async def test_case_52_too_much_or_too_slow_is_cut_off(
    provider: Provider,
    gateways: LocalGateways,
    network: Network,
    replies: RememberedReplies,
    fault: Fault,
) -> None:
    impatient = replace(network, limits=Limits(asking_seconds=0.5))
    created = await provider.create(order(provider.name))
    gateways.faults.add(replace(fault, times=1))

    with pytest.raises(CheckFailed):
        await built(provider.name, gateways, impatient, replies).check(created.ticket)


async def test_case_52_a_bomb_in_answer_to_a_create_leaves_it_unknown(
    provider: Provider, gateways: LocalGateways, replies: RememberedReplies
) -> None:
    gateways.faults.add(after_create(gzip_bomb()))

    with pytest.raises(OutcomeUnknown, match="broke off"):
        await provider.create(order(provider.name))

    assert len(replies.kept[1][0].body) <= 16_384


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("30", 30),
        ("2.5", 2.5),
        ("0", 1),
        ("-5", 1),
        ("86400", 900),
        ("3600", 900),
        ("inf", 900),
        ("nan", None),
        ("soon", None),
        ("", None),
        ("Wed, 21 Oct 2015 07:28:00 GMT", 1),
        ("Fri, 31 Dec 2999 23:59:59 GMT", 900),
        ("Fri, 99 Foo 2999 23:59:59", None),
    ],
)
async def test_case_53_retry_after_is_read_in_every_form_and_bounded(
    anyint: AnyInt, gateways: LocalGateways, header: str, seconds: float | None
) -> None:
    gateways.faults.add(create_refused(429, headers={"Retry-After": header}))

    with pytest.raises(Refused) as caught:
        await anyint.create(order("anyint"))

    assert caught.value.retry_after == (None if seconds is None else timedelta(seconds=seconds))


async def test_case_53_a_date_is_counted_from_the_gateways_own_clock(
    anyint: AnyInt, gateways: LocalGateways
) -> None:
    dates = {"Date": "Wed, 21 Oct 2015 07:28:00 GMT", "Retry-After": "Wed, 21 Oct 2015 07:28:40 GMT"}
    gateways.faults.add(create_refused(429, headers=dates))

    with pytest.raises(Refused) as caught:
        await anyint.create(order("anyint"))

    assert caught.value.retry_after == timedelta(seconds=40)


async def test_case_54_the_content_type_decides_nothing(provider: Provider, gateways: LocalGateways) -> None:
    gateways.faults.add(on_create(says({"id": "t-1", "status": "queued"}, kind="text/html")))
    gateways.faults.add(on_create(says("<html></html>", kind="application/json")))

    created = await provider.create(order(provider.name))

    assert created.ticket.task_id == "t-1"
    with pytest.raises(OutcomeUnknown):
        await provider.create(order(provider.name))


@pytest.mark.parametrize("fault", [status_is_broken_gzip(), status_truncated()])
async def test_case_55_a_broken_body_is_asked_for_again(
    provider: Provider, gateways: LocalGateways, fault: Fault
) -> None:
    created = await provider.create(order(provider.name))
    gateways.faults.add(replace(fault, times=1))

    with pytest.raises(CheckFailed):
        await provider.check(created.ticket)

    assert isinstance(await outcome(provider, created.ticket, gateways), Finished)


async def test_case_55_a_wrong_charset_costs_a_letter_and_not_the_answer(
    provider: Provider, gateways: LocalGateways
) -> None:
    gateways.faults.add(on_create(says(b'{"id": "t-1", "status": "queued", "note": "caf\xe9"}')))
    created = await provider.create(order(provider.name))
    gateways.faults.add(status_is_not_utf8())

    assert created.ticket.task_id == "t-1"
    assert isinstance(await provider.check(created.ticket), Working)


async def test_case_55_half_a_letter_in_a_reason_can_still_be_written_down(
    provider: Provider, gateways: LocalGateways
) -> None:
    gateways.faults.add(task_fails())
    created = await provider.create(order(provider.name))
    gateways.faults.add(status_has_lone_surrogate())
    progress = await outcome(provider, created.ticket, gateways)

    assert isinstance(progress, Failed)
    assert progress.said.encode()


async def test_the_last_of_two_equal_keys_wins_and_nothing_breaks(
    anyint: AnyInt, gateways: LocalGateways
) -> None:
    created = await anyint.create(order("anyint"))
    gateways.faults.add(status_has_duplicate_keys(created.ticket.task_id))

    assert isinstance(await anyint.check(created.ticket), Failed)


async def test_a_reply_that_is_packed_though_it_was_not_asked_for_is_unpacked(
    anyint: AnyInt, gateways: LocalGateways
) -> None:
    created = await anyint.create(order("anyint"))
    gateways.faults.add(after_status(reshaped(packed, {"Content-Encoding": "gzip"})))
    gateways.faults.add(progress_reads(50))

    assert isinstance(await outcome(anyint, created.ticket, gateways), Finished)


def packed(body: bytes) -> bytes:
    return gzip.compress(body)


async def test_a_whole_reply_on_a_broken_connection_is_a_reply(
    anyint: AnyInt, gateways: LocalGateways
) -> None:
    gateways.faults.add(create_says({"id": "video_1", "status": "queued"}))
    gateways.faults.add(after_create(truncated(kept=1.0)))

    await anyint.create(order("anyint"))
    created = await anyint.create(order("anyint"))

    assert created.ticket.task_id == gateways.tasks[0].id
