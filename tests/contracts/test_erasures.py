from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

import pytest

from core.model.delivery import Destination
from core.model.errors import Stale
from core.model.job import Charge, IllegalMove, Job, JobState, Reason
from core.model.ledger import Account, Scope, Usage
from core.model.limits import Known
from core.model.video import VideoRequest
from core.ports import DataSummary, Erasure
from core.privacy.erased_job import ERASED, erased
from tests.contracts.conftest import Registry
from tests.contracts.examples import ALICE, BOB, NOON, in_doubt, life, moved_by_force, queued

LATER = NOON + timedelta(hours=1)
NOBODY = -4711
PRICE = 350_000
PICTURE = f"picture:{'ab' * 32}.png"
ERASURE = Erasure(NOBODY, ALICE, LATER)
TODAY, MONTH, EVER = "2026-03-01", "2026-03", ""


async def lived(registry: Registry, moments: Sequence[Job]) -> Job:
    """Let a job live through these moments; return it as it is then."""
    await registry.store.admit(moments[0])
    for before, after in pairwise(moments):
        await registry.store.move(before, after)
    return moments[-1]


async def gone(registry: Registry, job: Job, erasure: Erasure = ERASURE) -> Job:
    """Have a job erased; return what is left of it."""
    after = erased(job, erasure.pseudonym, LATER)
    await registry.erasures.erase(job, after)
    return after


def failed(job_id: int, said: str = "Your words were refused.") -> list[Job]:
    """A job that ended without a video, of which the member was told."""
    paid = queued(job_id).submitting("anyint", NOON)
    reason = Reason(code="refused", said=said, charge=Charge.NOTHING)
    rejected = paid.ended(JobState.REJECTED, reason, NOON)
    return [queued(job_id), paid, rejected, rejected.notified(NOON)]


def with_picture(moments: Sequence[Job], picture: str) -> list[Job]:
    return [replace(job, request=replace(job.request, first_frame=picture)) for job in moments]


def used(member: int, period: str) -> Account:
    return Account(Scope.MEMBER, member, period)


async def test_an_erasure_is_noted_until_it_is_done(registry: Registry) -> None:
    await registry.erasures.begin(ERASURE)

    assert await registry.erasures.under_way() == [ERASURE]
    assert await registry.erasures.finish(ERASURE)
    assert await registry.erasures.under_way() == []
    assert not await registry.erasures.finish(ERASURE)


async def test_who_asks_again_keeps_the_pseudonym_and_means_what_came_since(registry: Registry) -> None:
    await registry.erasures.begin(ERASURE)

    again = await registry.erasures.begin(Erasure(-1, ALICE, LATER + timedelta(hours=1)))
    early = await registry.erasures.begin(Erasure(-2, ALICE, NOON))

    assert again == early == Erasure(NOBODY, ALICE, LATER + timedelta(hours=1))
    assert await registry.erasures.under_way() == [again]


async def test_of_a_job_that_is_erased_no_words_are_left(registry: Registry) -> None:
    done = await lived(registry, life(1))
    await registry.erasures.begin(ERASURE)

    after = await gone(registry, done)

    assert await registry.store.get(1) == after
    assert after.is_erased
    assert after.request == VideoRequest(
        model="kling-v3", prompt="", duration_seconds=5, aspect_ratio="16:9", audio=False
    )
    assert (after.result, after.video, after.ticket) == (None, None, done.ticket)
    assert [event.detail for event in await registry.store.events(1)] == [None] * 10 + ["erased"]


async def test_why_a_job_failed_is_said_no_more_and_what_it_cost_still_is(registry: Registry) -> None:
    told = await lived(registry, failed(1))
    await registry.erasures.begin(ERASURE)

    await gone(registry, told)

    (job,) = await registry.store.recent()
    assert job.reason == Reason(code="refused", said=ERASED, charge=Charge.NOTHING)


async def test_an_erased_job_is_nobodys_and_is_still_known_and_found_by_its_message(
    registry: Registry,
) -> None:
    done = await lived(registry, life(1))
    await registry.erasures.begin(ERASURE)

    after = await gone(registry, done)

    assert await registry.store.of_requester(ALICE) == []
    assert await registry.store.of_requester(NOBODY) == [after]
    assert await registry.store.by_message(501) == after
    assert await registry.store.admit(queued(1)) == Known(after)


async def test_what_a_video_cost_goes_from_the_member_to_the_pseudonym_and_from_no_other_member(
    registry: Registry,
) -> None:
    done = await lived(registry, life(1))
    await lived(registry, [queued(2)])
    accounts = [Account(Scope.BOT, 0, EVER), Account(Scope.SERVER, 301, TODAY)]
    before = [await registry.store.usage(account) for account in accounts]
    entries = await registry.store.entries(1)
    await registry.erasures.begin(ERASURE)

    await gone(registry, done)

    for period in (TODAY, MONTH, EVER):
        assert await registry.store.usage(used(ALICE, period)) == Usage(1, 1, PRICE, 0)
        assert await registry.store.usage(used(NOBODY, period)) == Usage(0, 1, 0, PRICE)
    assert [await registry.store.usage(account) for account in accounts] == before
    assert await registry.store.entries(1) == entries


async def test_use_in_a_period_that_is_held_goes_on_counting_until_it_is_held_no_more(
    registry: Registry,
) -> None:
    jobs = [await lived(registry, life(number)) for number in (1, 2)]
    await registry.erasures.begin(ERASURE)
    assert not await registry.erasures.hold(ERASURE, [TODAY])

    for job in jobs:
        await gone(registry, job)

    assert await registry.erasures.hold(ERASURE, [TODAY])
    assert not await registry.erasures.finish(ERASURE)
    assert (await registry.store.usage(used(ALICE, TODAY))).videos == 2
    assert (await registry.store.usage(used(ALICE, MONTH))).videos == 0
    assert (await registry.store.usage(used(NOBODY, TODAY))).videos == 0
    assert not await registry.erasures.hold(ERASURE, ["2026-03-02"])
    assert await registry.store.usage(used(ALICE, TODAY)) == Usage()
    assert await registry.store.usage(used(NOBODY, TODAY)) == Usage(0, 2, 0, 2 * PRICE)
    assert await registry.erasures.finish(ERASURE)


async def test_a_job_with_something_left_to_do_cannot_be_erased(registry: Registry) -> None:
    await registry.erasures.begin(ERASURE)
    doubtful = in_doubt(1)
    await registry.store.admit(doubtful[0])

    for before, after in pairwise(doubtful):
        with pytest.raises(IllegalMove):
            await gone(registry, before)
        await registry.store.move(before, after)

    with pytest.raises(IllegalMove):
        await gone(registry, doubtful[-1])
    assert not await registry.erasures.finish(ERASURE)


async def test_a_job_whose_member_was_not_told_yet_cannot_be_erased(registry: Registry) -> None:
    untold = await lived(registry, failed(1)[:-1])
    await registry.erasures.begin(ERASURE)

    with pytest.raises(IllegalMove):
        await gone(registry, untold)


async def test_no_member_is_erased_who_did_not_ask_for_it(registry: Registry) -> None:
    done = await lived(registry, life(1))
    await registry.erasures.begin(Erasure(-1, BOB, LATER))

    with pytest.raises(IllegalMove):
        await gone(registry, done)
    with pytest.raises(IllegalMove):
        await gone(registry, done, Erasure(-1, BOB, LATER))

    assert await registry.store.get(1) == done


async def test_what_was_ordered_after_the_request_is_not_erased(registry: Registry) -> None:
    erasure = await registry.erasures.begin(ERASURE)
    done = await lived(registry, [replace(job, ordered_at=LATER + timedelta(minutes=1)) for job in life(1)])

    with pytest.raises(IllegalMove):
        await gone(registry, done)

    assert await registry.erasures.finish(erasure)


async def test_all_that_is_there_is_meant_by_a_clock_that_was_set_back_too(registry: Registry) -> None:
    done = await lived(registry, life(1))

    erasure = await registry.erasures.begin(replace(ERASURE, asked_at=NOON - timedelta(days=1)))
    await gone(registry, done)

    assert erasure.asked_at == NOON
    assert await registry.erasures.finish(erasure)


async def test_nothing_but_words_may_be_changed_by_erasing(registry: Registry) -> None:
    done = await lived(registry, life(1))
    await registry.erasures.begin(ERASURE)
    after = erased(done, NOBODY, LATER)

    for forged in (
        replace(after, price=1),
        replace(after, state=JobState.FAILED),
        replace(after, ticket=None),
        replace(after, version=done.version),
        replace(after, next_at=NOON),
        replace(after, destination=replace(after.destination, guild_id=None)),
    ):
        with pytest.raises(IllegalMove):
            await registry.erasures.erase(done, forged)


async def test_a_job_that_changed_meanwhile_is_not_erased_by_what_was_known_of_it(registry: Registry) -> None:
    done = await lived(registry, life(1))
    await registry.erasures.begin(ERASURE)
    await registry.store.move(done, done.without_video(LATER))

    with pytest.raises(Stale):
        await gone(registry, done)


async def test_what_was_erased_is_never_changed_again(registry: Registry) -> None:
    done = await lived(registry, life(1))
    await registry.erasures.begin(ERASURE)
    after = await gone(registry, done)

    with pytest.raises(IllegalMove):
        await registry.store.move(after, moved_by_force(after, JobState.DONE))
    with pytest.raises(IllegalMove):
        await gone(registry, after)


async def test_what_a_member_did_with_others_videos_is_known_and_given_to_the_pseudonym(
    registry: Registry,
) -> None:
    doubt = await lived(registry, [replace(job, destination=bobs(job)) for job in in_doubt(1)])
    await registry.store.move(doubt, doubt.dismissed(ALICE, LATER))
    (act,) = await registry.personal.acts_of(ALICE)
    await registry.erasures.begin(ERASURE)

    await registry.erasures.rename(ERASURE)

    assert (act.job_id, act.after) == (1, JobState.DISMISSED)
    assert await registry.personal.acts_of(ALICE) == []
    (job,) = await registry.store.of_requester(BOB)
    assert job.actor == str(NOBODY)
    assert [event.actor for event in await registry.store.events(1)][-1] == str(NOBODY)


def bobs(job: Job) -> Destination:
    return replace(job.destination, requester_id=BOB)


async def test_what_a_member_did_with_their_own_video_is_given_to_the_pseudonym_with_it(
    registry: Registry,
) -> None:
    cancelled = queued(1).cancelled(ALICE, NOON)
    told = await lived(registry, [queued(1), cancelled, cancelled.notified(NOON)])
    await registry.erasures.begin(ERASURE)

    await gone(registry, told)

    actors = [event.actor for event in await registry.store.events(1)]
    assert actors == ["member", str(NOBODY), "matinee", "matinee"]


async def test_a_dossier_counts_what_there_is(registry: Registry) -> None:
    await lived(registry, with_picture(life(1), PICTURE))
    await lived(registry, [queued(2, minutes=5)])
    await lived(registry, [queued(3, requester_id=BOB)])

    dossier = await registry.personal.summary(ALICE)

    assert dossier == DataSummary(jobs=2, open_jobs=1, since=NOON, pictures=1, clips=1, bookings=3, acts=0)
    assert await registry.personal.summary(999) == DataSummary()


async def test_a_members_jobs_are_given_the_newest_first(registry: Registry) -> None:
    for number in (1, 2, 3):
        await lived(registry, [queued(number, minutes=number)])
    await lived(registry, [queued(4, requester_id=BOB)])

    assert [job.id async for job in registry.personal.jobs_of(ALICE)] == [3, 2, 1]


async def test_a_picture_that_another_job_needs_is_shared(registry: Registry) -> None:
    other = f"picture:{'cd' * 32}.png"
    await lived(registry, with_picture(life(1), PICTURE))
    await lived(registry, with_picture(life(2), other))
    await lived(registry, with_picture([queued(3, requester_id=BOB)], other))
    await registry.erasures.begin(ERASURE)

    assert await registry.erasures.shared_pictures(ERASURE, {PICTURE, other}) == {other}
    assert await registry.erasures.shared_pictures(ERASURE, set()) == set()


async def test_a_picture_that_a_running_job_of_the_same_member_needs_is_shared(registry: Registry) -> None:
    await lived(registry, with_picture(life(1), PICTURE))
    await lived(registry, with_picture([queued(2)], PICTURE))
    await registry.erasures.begin(ERASURE)

    assert await registry.erasures.shared_pictures(ERASURE, {PICTURE}) == {PICTURE}


async def test_scouring_does_no_harm(registry: Registry) -> None:
    done = await lived(registry, life(1))

    assert await registry.erasures.vacuum()

    assert await registry.store.get(1) == done
