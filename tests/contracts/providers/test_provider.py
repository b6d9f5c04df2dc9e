"""What is promised of every gateway surface; a new one joins with its stand, in the fixture."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from core.model.errors import CheckFailed, FetchFailed, NotSent, OutcomeUnknown, Refusal, Refused, TaskMissing
from core.ports import Failed, Finished, Working
from providers import SURFACES, Network, open_network
from providers.surface import Surface
from sandbox.gateways import LocalGateways, Pace
from tests import page
from tests.contracts.providers.provider_harness import Loss, No, ReelsStand, SandboxStand, Stand, Trouble
from tests.providers.reels import LocalReels
from tests.providers.world import CLIP, RememberedReplies, VirtualClock, place


@pytest.fixture
def replies() -> RememberedReplies:
    return RememberedReplies()


@pytest.fixture
async def gateways() -> AsyncIterator[LocalGateways]:
    async with LocalGateways(pace=Pace(queued=0.01, rendering=0.01), clip=CLIP) as opened:
        yield opened


@pytest.fixture
async def reels() -> AsyncIterator[LocalReels]:
    async with LocalReels(CLIP) as opened:
        yield opened


@pytest.fixture
async def network(gateways: LocalGateways, reels: LocalReels) -> AsyncIterator[Network]:
    urls = (gateways.anyint_url, gateways.worldrouter_url, reels.url, reels.films_url)
    allowed = [place(url) for url in urls]
    async with open_network(clock=VirtualClock(), allowed_hosts=allowed, create_read_timeout=0.5) as opened:
        yield opened


@pytest.fixture
def adapter(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> type[Surface]:
    """The class that stands on the page about adding a provider."""
    return page.adapter(tmp_path_factory.mktemp("page"), monkeypatch)


@pytest.fixture(params=[*SURFACES, "reels"])
def stand(
    request: pytest.FixtureRequest,
    gateways: LocalGateways,
    reels: LocalReels,
    network: Network,
    replies: RememberedReplies,
    adapter: type[Surface],
) -> Stand:
    """Each surface of the program, and the one of the page."""
    name: str = request.param
    if name in SURFACES:
        return SandboxStand(name, gateways, network, replies)
    return ReelsStand(adapter, reels, network, replies)


async def test_an_order_is_sent_once_and_names_its_task(stand: Stand) -> None:
    created = await stand.provider.create(stand.order())

    assert (stand.creates, stand.tasks) == (1, 1)
    assert created.ticket.provider == stand.provider.name
    assert isinstance(created.progress, Working)


@pytest.mark.parametrize(
    ("no", "why"),
    [
        (No.WRONG, Refusal.REQUEST),
        (No.KEY, Refusal.CONFIGURATION),
        (No.MONEY, Refusal.CREDIT),
        (No.BUSY, Refusal.BUSY),
    ],
)
async def test_a_refusal_made_nothing_and_says_who_can_do_something(
    stand: Stand, no: No, why: Refusal
) -> None:
    stand.refuses(no)

    with pytest.raises(Refused) as refused:
        await stand.provider.create(stand.order())

    assert refused.value.why is why
    assert refused.value.said
    assert refused.value.retry_after == (timedelta(seconds=7) if no is No.BUSY else None)
    assert (stand.creates, stand.tasks) == (1, 0)


async def test_what_cannot_reach_the_gateway_was_not_sent(stand: Stand) -> None:
    async with stand.unreachable():
        with pytest.raises(NotSent):
            await stand.provider.create(stand.order())

    assert (stand.creates, stand.tasks) == (0, 0)


@pytest.mark.parametrize("status", [200, 201, 400, 401, 402, 403, 404, 422, 424, 500])
async def test_a_reply_whose_words_were_erased_proves_nothing(
    stand: Stand, replies: RememberedReplies, status: int
) -> None:
    await stand.provider.create(stand.order())
    ((kept,),) = replies.kept.values()

    with pytest.raises(OutcomeUnknown):
        stand.provider.read(replace(kept, status=status, body=b""))


@pytest.mark.parametrize("loss", Loss)
async def test_an_answer_that_proves_nothing_is_unknown_and_never_sent_again(
    stand: Stand, loss: Loss
) -> None:
    stand.loses(loss)

    with pytest.raises(OutcomeUnknown) as unknown:
        await stand.provider.create(stand.order())

    assert "not sent again" in str(unknown.value)
    assert (stand.creates, stand.tasks) == (1, 1)


async def test_the_log_of_replies_tells_as_much_as_the_reply_did(
    stand: Stand, replies: RememberedReplies
) -> None:
    created = await stand.provider.create(stand.order(job_id=7))

    reply = await replies.last(7)

    assert reply is not None
    assert stand.provider.read(reply) == created


async def test_a_task_is_asked_about_until_its_clip_has_a_place(stand: Stand) -> None:
    created = await stand.provider.create(stand.order())
    at_first = await stand.provider.check(created.ticket)

    await stand.over()
    in_the_end = await stand.provider.check(created.ticket)

    assert isinstance(at_first, Working | Finished)
    assert isinstance(in_the_end, Finished)


async def test_a_task_that_comes_to_nothing_says_why(stand: Stand) -> None:
    stand.fails_the_task("The film tore")
    created = await stand.provider.create(stand.order())

    await stand.over()
    progress = await stand.provider.check(created.ticket)

    assert isinstance(progress, Failed)
    assert "The film tore" in progress.said


@pytest.mark.parametrize("trouble", Trouble)
async def test_a_question_that_goes_wrong_says_nothing_about_the_task(stand: Stand, trouble: Trouble) -> None:
    created = await stand.provider.create(stand.order())
    stand.troubles(trouble)

    with pytest.raises(CheckFailed) as failed:
        await stand.provider.check(created.ticket)
    await stand.over()

    assert failed.value.retry_after == (timedelta(seconds=7) if trouble is Trouble.TOO_MANY else None)
    assert isinstance(await stand.provider.check(created.ticket), Finished)


async def test_an_unknown_task_is_missing(stand: Stand) -> None:
    created = await stand.provider.create(stand.order())

    with pytest.raises(TaskMissing):
        await stand.provider.check(replace(created.ticket, task_id="1234567890"))


async def test_an_order_in_doubt_is_looked_up_where_that_is_possible_and_costs_nothing(
    stand: Stand,
) -> None:
    found = await stand.provider.look_up(stand.order())

    assert found is None
    assert stand.creates == 0


async def test_a_clip_comes_whole_and_no_other_host_gets_the_key(stand: Stand, tmp_path: Path) -> None:
    created = await stand.provider.create(stand.order())
    await stand.over()
    progress = await stand.provider.check(created.ticket)

    assert isinstance(progress, Finished)
    await stand.provider.fetch(created.ticket, progress.result, tmp_path / "video-7.mp4")

    assert (tmp_path / "video-7.mp4").read_bytes() == CLIP
    assert stand.file_keys <= {None}


async def test_a_clip_that_breaks_off_is_fetched_again_and_leaves_nothing_else(
    stand: Stand, tmp_path: Path
) -> None:
    created = await stand.provider.create(stand.order())
    await stand.over()
    progress = await stand.provider.check(created.ticket)
    stand.cuts_the_file()

    assert isinstance(progress, Finished)
    with pytest.raises(FetchFailed):
        await stand.provider.fetch(created.ticket, progress.result, tmp_path / "video-7.mp4")
    assert list(tmp_path.iterdir()) == []
    video = await stand.provider.fetch(created.ticket, progress.result, tmp_path / "video-7.mp4")

    assert video.size == len(CLIP)
    assert [path.name for path in tmp_path.iterdir()] == ["video-7.mp4"]
    assert (tmp_path / "video-7.mp4").read_bytes() == CLIP
    assert stand.creates == 1
