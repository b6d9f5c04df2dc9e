"""Requests field for field as the gateways' documents show them."""

from dataclasses import replace

import pytest

from core.model.video import Mode, VideoRequest
from providers import AnyIntNative, WorldRouter
from sandbox.gateways import LocalGateways
from tests.providers.world import OMNI, PICTURE, TEXT, order

PROMPT = "A paper boat in the rain"
FIRST = replace(TEXT, first_frame=PICTURE, mode=Mode.PRO, duration_seconds=10)


@pytest.mark.parametrize(
    ("request_", "path", "body"),
    [
        (
            TEXT,
            "/v1/videos/text2video",
            {"Model": "kling-v3", "Prompt": PROMPT, "Duration": "5", "Mode": "std", "AspectRatio": "16:9"},
        ),
        (
            FIRST,
            "/v1/videos/image2video",
            {
                "Model": "kling-v3",
                "Prompt": PROMPT,
                "Duration": "10",
                "Mode": "pro",
                "ImageList": [{"ImageUrl": PICTURE, "Type": "first_frame"}],
            },
        ),
        (
            replace(TEXT, model="kling-v2-6"),
            "/v1/videos/text2video",
            {"Model": "kling-v2-6", "Prompt": PROMPT, "Duration": "5", "Mode": "std", "AspectRatio": "16:9"},
        ),
        (
            OMNI,
            "/v1/videos/omni-video",
            {"Model": "kling-v3-omni", "Prompt": PROMPT, "Duration": "5", "AspectRatio": "16:9"},
        ),
        (
            replace(OMNI, first_frame=PICTURE),
            "/v1/videos/omni-video",
            {
                "Model": "kling-v3-omni",
                "Prompt": PROMPT,
                "Duration": "5",
                "ImageList": [{"ImageUrl": PICTURE, "Type": "first_frame"}],
            },
        ),
    ],
)
async def test_worldrouter(
    worldrouter: WorldRouter, gateways: LocalGateways, request_: VideoRequest, path: str, body: object
) -> None:
    await worldrouter.create(order("worldrouter", request_))

    assert [(sent.path, sent.json) for sent in gateways.creates()] == [(path, body)]


@pytest.mark.parametrize(
    ("request_", "family", "body"),
    [
        (
            TEXT,
            "text2video",
            {
                "model_name": "kling-v3",
                "prompt": PROMPT,
                "duration": "5",
                "mode": "std",
                "aspect_ratio": "16:9",
                "generate_audio": False,
            },
        ),
        (
            FIRST,
            "image2video",
            {
                "model_name": "kling-v3",
                "prompt": PROMPT,
                "image": PICTURE,
                "duration": "10",
                "mode": "pro",
                "generate_audio": False,
            },
        ),
        (
            replace(OMNI, audio=True),
            "omni-video",
            {
                "model_name": "kling-v3-omni",
                "prompt": PROMPT,
                "duration": "5",
                "aspect_ratio": "16:9",
                "sound": "on",
            },
        ),
        (
            replace(OMNI, first_frame=PICTURE),
            "omni-video",
            {
                "model_name": "kling-v3-omni",
                "prompt": PROMPT,
                "image_list": [{"image_url": PICTURE, "type": "first_frame"}],
                "duration": "5",
                "sound": "off",
            },
        ),
    ],
)
async def test_anyint_native(
    native: AnyIntNative, gateways: LocalGateways, request_: VideoRequest, family: str, body: object
) -> None:
    await native.create(order("anyint-native", request_))

    assert [(sent.path, sent.json) for sent in gateways.creates()] == [
        (f"/transtreams/kling/v1/videos/{family}", body)
    ]
