"""Hard cases 14 to 25: what the paid create asks for (the numbers are those of the list of hard cases)."""

import asyncio
from dataclasses import replace

import pytest

from core.model.catalog import Catalog
from core.model.errors import (
    DurationNotOffered,
    OutcomeUnknown,
    PictureUnusable,
    PromptMissing,
    PromptTooLong,
    Refusal,
)
from core.model.video import Draft, Mode
from core.ports import Finished, Provider
from core.requests.validation import validate
from providers import AnyInt, AnyIntNative, Network, WorldRouter
from sandbox.gateways import Fault, LocalGateways
from sandbox.gateways.faults import (
    create_accepted_then_html,
    create_accepted_then_refused,
    create_moderated,
    create_refused,
    create_says,
    on_create,
    says,
    task_fails,
    task_moderated,
)
from tests.providers.looking import inspect
from tests.providers.pictures.drawings import drawing
from tests.providers.world import OMNI, PICTURE, TEXT, RememberedReplies, built, order, outcome, refused, said


async def test_case_14_a_duration_is_sent_as_text_and_checked_before(
    worldrouter: WorldRouter, gateways: LocalGateways
) -> None:
    await worldrouter.create(order("worldrouter", replace(TEXT, duration_seconds=10)))

    assert gateways.creates()[0].json["Duration"] == "10"
    with pytest.raises(DurationNotOffered, match="5 or 10"):
        validate(Draft(prompt="A boat", duration_seconds=7), Catalog.shipped().of(["worldrouter"]))


@pytest.mark.parametrize(
    ("name", "field", "model"),
    [
        ("anyint", "model", "kling-3.0"),
        ("anyint-native", "model_name", "kling-v3"),
        ("worldrouter", "Model", "kling-v3"),
    ],
)
async def test_case_15_one_family_has_a_name_for_each_surface(
    gateways: LocalGateways,
    network: Network,
    replies: RememberedReplies,
    name: str,
    field: str,
    model: str,
) -> None:
    gateways.faults.add(says_another_model())
    provider = built(name, gateways, network, replies)

    created = await provider.create(order(name))

    assert gateways.creates()[0].json[field] == model
    assert created.ticket.task_id == "t-1"


def says_another_model() -> Fault:
    """Echo a model under a name of its own, which is no reason to worry."""
    return create_says({"id": "t-1", "task_id": "t-1", "model": "kling-v3-std", "status": "queued"})


async def test_case_16_the_ratio_of_a_picture_is_its_own(
    worldrouter: WorldRouter, native: AnyIntNative, gateways: LocalGateways
) -> None:
    await worldrouter.create(order("worldrouter", replace(TEXT, first_frame=PICTURE)))
    await native.create(order("anyint-native", OMNI))

    with_picture, omni_without = (sent.json for sent in gateways.creates())
    assert "AspectRatio" not in with_picture
    assert omni_without["aspect_ratio"] == "16:9"


async def test_case_17_the_route_follows_from_the_input(
    worldrouter: WorldRouter, gateways: LocalGateways
) -> None:
    for request in (TEXT, replace(TEXT, first_frame=PICTURE), replace(OMNI, first_frame=PICTURE)):
        await worldrouter.create(order("worldrouter", request))

    assert [sent.path.rpartition("/")[2] for sent in gateways.creates()] == [
        "text2video",
        "image2video",
        "omni-video",
    ]
    assert [sent.status for sent in gateways.creates()] == [200, 200, 200]


async def test_case_18_a_picture_that_cannot_be_fetched_is_reported_late(
    provider: Provider, gateways: LocalGateways
) -> None:
    gateways.faults.add(task_fails("Failed to fetch the image: https://cdn.example/a.png?ex=1&hm=secret"))

    created = await provider.create(order(provider.name, replace(TEXT, first_frame=PICTURE)))
    progress = await outcome(provider, created.ticket, gateways)

    assert said(progress) == "Failed to fetch the image: https://cdn.example/a.png"


@pytest.mark.parametrize(("width", "height"), [(299, 400), (400, 299), (3000, 1000), (400, 1100)])
async def test_case_18_a_picture_of_the_wrong_shape_is_refused_before_it_costs(
    width: int, height: int
) -> None:
    with pytest.raises(PictureUnusable, match=f"{width} by {height}"):
        await inspect(drawing(width, height))


@pytest.mark.parametrize("kind", ["WEBP", "GIF", "BMP", "TIFF"])
async def test_case_19_a_picture_of_another_kind_is_converted(kind: str) -> None:
    picture = await inspect(drawing(400, 300, kind))

    assert (picture.media_type, picture.width, picture.height) == ("image/jpeg", 400, 300)
    assert picture.is_converted


async def test_case_19_a_rotated_or_transparent_picture_is_put_right() -> None:
    rotated = await inspect(drawing(400, 300, "JPEG", orientation=6))
    transparent = await inspect(drawing(400, 300, "PNG", mode="RGBA"))

    assert (rotated.width, rotated.height) == (300, 400)
    assert transparent.media_type == "image/jpeg"


async def test_case_20_a_prompt_is_made_fit_before_it_is_sent(
    native: AnyIntNative, gateways: LocalGateways
) -> None:
    catalog = Catalog.shipped().of(["anyint-native"])
    typed = "\x00A boat\u202e, <<<image_1>>> waves <<< element_2 >>>"
    request = validate(Draft(prompt=typed, model="kling-v3-omni"), catalog)

    await native.create(order("anyint-native", request))

    assert gateways.creates()[0].json["prompt"] == "A boat, image_1 waves element_2"
    with pytest.raises(PromptTooLong):
        validate(Draft(prompt="a" * 2501), catalog)
    with pytest.raises(PromptMissing):
        validate(Draft(prompt="\u200b \x07"), catalog)


@pytest.mark.parametrize("with_picture", [True, False])
async def test_case_21_omni_works_with_and_without_a_picture(
    anyint: AnyInt, gateways: LocalGateways, *, with_picture: bool
) -> None:
    await anyint.create(order("anyint", replace(OMNI, reference=PICTURE if with_picture else None)))

    sent = gateways.creates()[0].json
    assert sent.get("input_reference") == (PICTURE if with_picture else None)
    assert ("frame_images" in sent) is with_picture


@pytest.mark.parametrize("audio", [True, False])
async def test_case_22_sound_is_said_in_one_way_also_when_off(
    anyint: AnyInt, gateways: LocalGateways, *, audio: bool
) -> None:
    await anyint.create(order("anyint", replace(TEXT, audio=audio)))
    await anyint.create(order("anyint", replace(OMNI, audio=audio)))

    standard, omni = (sent.json for sent in gateways.creates())
    assert (standard["generate_audio"], "sound" in standard) == (audio, False)
    assert (omni["sound"], "generate_audio" in omni) == ("on" if audio else "off", False)


async def test_case_23_moderation_says_the_same_early_and_late(
    provider: Provider, gateways: LocalGateways
) -> None:
    gateways.faults.add(create_moderated())
    gateways.faults.add(task_moderated())

    early = await refused(provider)
    created = await provider.create(order(provider.name))
    late = await outcome(provider, created.ticket, gateways)

    assert early.why is Refusal.REQUEST
    assert early.said.startswith("Failure to pass the risk control system")
    assert said(late).startswith("Failure to pass the risk control system")


async def test_case_24_a_picture_goes_as_a_link_so_a_request_is_never_too_large(
    provider: Provider, gateways: LocalGateways
) -> None:
    await provider.create(order(provider.name, replace(TEXT, first_frame=PICTURE, mode=Mode.PRO)))

    assert len(gateways.creates()[0].body) < 1000


async def test_case_24_a_413_counts_only_in_the_gateways_own_words(
    provider: Provider, gateways: LocalGateways
) -> None:
    gateways.faults.add(create_refused(413, "too_large"))
    gateways.faults.add(on_create(says("<html>413</html>", 413, kind="text/html")))

    error = await refused(provider)

    assert error.why is Refusal.REQUEST
    with pytest.raises(OutcomeUnknown):
        await provider.create(order(provider.name))


@pytest.mark.parametrize("status", [500, 502, 503, 504, 520, 524, 408, 409, 425])
async def test_case_25_a_troubled_gateway_leaves_the_outcome_unknown_and_answers_questions(
    provider: Provider, gateways: LocalGateways, status: int
) -> None:
    created = await provider.create(order(provider.name))
    gateways.faults.add(create_accepted_then_refused(status))
    gateways.faults.add(create_accepted_then_html(status))

    for job_id in (2, 3):
        with pytest.raises(OutcomeUnknown):
            await provider.create(order(provider.name, job_id=job_id))

    assert len(gateways.creates()) == 3
    assert isinstance(await outcome(provider, created.ticket, gateways), Finished)


async def test_case_25_the_operator_may_know_that_a_503_makes_nothing(
    gateways: LocalGateways, network: Network, replies: RememberedReplies
) -> None:
    gateways.faults.add(create_refused(503))
    anyint = AnyInt(
        base_url=gateways.anyint_url,
        key=gateways.anyint_key,
        network=network,
        replies=replies,
        safe_statuses=[503],
    )

    error = await refused(anyint)

    assert error.why is Refusal.UPSTREAM


async def test_no_create_waits_for_another(provider: Provider, gateways: LocalGateways) -> None:
    async with asyncio.TaskGroup() as group:
        for job_id in range(20):
            group.create_task(provider.create(order(provider.name, job_id=job_id)))

    assert len(gateways.tasks) == 20
