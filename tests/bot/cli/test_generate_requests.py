"""Each example of the gateways' documents, typed at the command line and read off the wire."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings, strategies

from core.model.video import PROMPT_LIMIT
from providers import SURFACES
from sandbox.gateways import LocalGateways, faults
from tests.bot.command_line import Command
from tests.providers.world import CLIP, place
from tests.sandbox.gateways.requests import picture, picture_host

FRAME = "https://your-domain.com/source-image.png"
PERSON = "https://your-domain.com/person.png"
AIRPLANE = "A cinematic paper airplane flying slowly through a blue sky, stable camera, soft daylight."
DOLLY = "Animate the subject with a slow cinematic dolly-in while keeping the background consistent."
TURN = "Make the character in the reference image turn toward the camera in an animated film style."
STREET = "A cinematic shot of a city street at sunset."
SCENE = "Animate this scene with a slow dolly-in."

OPENAI = "/openai/v1/videos"
NATIVE = "/transtreams/kling/v1/videos"
WORLDROUTER = "/v1/videos"

EXAMPLES: list[tuple[list[str], str, dict[str, Any]]] = [
    # AnyInt's Kling page: the text-to-video example
    (
        ["--provider", "anyint", "--mode", "std", "--duration", "5", "--aspect-ratio", "16:9", AIRPLANE],
        OPENAI,
        {
            "model": "kling-3.0",
            "prompt": AIRPLANE,
            "duration": "5",
            "aspect_ratio": "16:9",
            "mode": "std",
            "generate_audio": False,
        },
    ),
    # the image-to-video example
    (
        ["--provider", "anyint", "--image", FRAME, "--mode", "pro", "--duration", "5", DOLLY],
        OPENAI,
        {
            "model": "kling-3.0",
            "prompt": DOLLY,
            "image": FRAME,
            "duration": "5",
            "aspect_ratio": "16:9",
            "mode": "pro",
            "generate_audio": False,
        },
    ),
    # the Omni reference example
    (
        ["--provider", "anyint", "--model", "kling-v3-omni", "--reference", PERSON, TURN],
        OPENAI,
        {
            "model": "kling-v3-omni",
            "prompt": TURN,
            "input_reference": PERSON,
            "frame_images": [{"url": PERSON, "role": "first_frame"}],
            "duration": "5",
            "aspect_ratio": "16:9",
            "sound": "off",
        },
    ),
    # what costs extra is asked for as explicitly as it is declined
    (
        ["--provider", "anyint", "--audio", "--duration", "10", "--aspect-ratio", "9:16", AIRPLANE],
        OPENAI,
        {
            "model": "kling-3.0",
            "prompt": AIRPLANE,
            "duration": "10",
            "aspect_ratio": "9:16",
            "mode": "std",
            "generate_audio": True,
        },
    ),
    # AnyInt's native routes: model_name and mode, and a route of its own for Omni
    (
        ["--provider", "anyint-native", "--mode", "pro", AIRPLANE],
        f"{NATIVE}/text2video",
        {
            "model_name": "kling-v3",
            "prompt": AIRPLANE,
            "duration": "5",
            "mode": "pro",
            "aspect_ratio": "16:9",
            "generate_audio": False,
        },
    ),
    (
        ["--provider", "anyint-native", "--image", FRAME, DOLLY],
        f"{NATIVE}/image2video",
        {
            "model_name": "kling-v3",
            "prompt": DOLLY,
            "image": FRAME,
            "duration": "5",
            "mode": "std",
            "generate_audio": False,
        },
    ),
    (
        ["--provider", "anyint-native", "--model", "kling-v3-omni", "--image", PERSON, TURN],
        f"{NATIVE}/omni-video",
        {
            "model_name": "kling-v3-omni",
            "prompt": TURN,
            "image_list": [{"image_url": PERSON, "type": "first_frame"}],
            "duration": "5",
            "sound": "off",
        },
    ),
    # WorldRouter's Kling page: the text-to-video example
    (
        ["--provider", "worldrouter", "--mode", "std", "--aspect-ratio", "16:9", STREET],
        f"{WORLDROUTER}/text2video",
        {"Model": "kling-v3", "Prompt": STREET, "Duration": "5", "Mode": "std", "AspectRatio": "16:9"},
    ),
    # the first-frame example: the ratio is the picture's
    (
        ["--provider", "worldrouter", "--image", FRAME, SCENE],
        f"{WORLDROUTER}/image2video",
        {
            "Model": "kling-v3",
            "Prompt": SCENE,
            "Duration": "5",
            "Mode": "std",
            "ImageList": [{"ImageUrl": FRAME, "Type": "first_frame"}],
        },
    ),
    (
        ["--provider", "worldrouter", "--model", "kling-v2-6", "--mode", "pro", STREET],
        f"{WORLDROUTER}/text2video",
        {"Model": "kling-v2-6", "Prompt": STREET, "Duration": "5", "Mode": "pro", "AspectRatio": "16:9"},
    ),
    (
        ["--provider", "worldrouter", "--model", "kling-v3-omni", "--image", FRAME, SCENE],
        f"{WORLDROUTER}/omni-video",
        {
            "Model": "kling-v3-omni",
            "Prompt": SCENE,
            "Duration": "5",
            "ImageList": [{"ImageUrl": FRAME, "Type": "first_frame"}],
        },
    ),
]


@pytest.mark.parametrize(("arguments", "path", "body"), EXAMPLES)
async def test_the_documents_examples_are_sent_field_for_field(
    matinee: Command, gateways: LocalGateways, arguments: list[str], path: str, body: object
) -> None:
    gateways.faults.add(faults.task_fails())  # before it looks for the examples' pictures on the internet

    ran = await matinee("generate", *arguments, "-o", "clip.mp4", "--json")

    (create,) = gateways.creates()
    assert (create.method, create.path, create.json) == ("POST", path, body)
    assert create.headers["Content-Type"] == "application/json"
    assert ran.lines[0]["event"] == "submitted"


async def test_a_picture_is_fetched_by_the_gateway(
    matinee: Command, gateways: LocalGateways, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with picture_host(picture()) as link:
        monkeypatch.setenv("MATINEE_ALLOW_PRIVATE_HOSTS", place(link))

        ran = await matinee("generate", "A boat", "--image", link, "-o", "clip.mp4")

    assert ran.code == 0, ran.err
    assert gateways.creates()[0].json["image"] == link
    assert (folder / "clip.mp4").read_bytes() == CLIP


def test_every_surface_has_its_examples() -> None:
    asked = {arguments[arguments.index("--provider") + 1] for arguments, _, _ in EXAMPLES}

    assert asked == SURFACES.keys()


@pytest.mark.parametrize("provider", SURFACES)
async def test_only_the_gateways_own_key_travels(
    matinee: Command, gateways: LocalGateways, provider: str
) -> None:
    key = gateways.worldrouter_key if provider == "worldrouter" else gateways.anyint_key

    await matinee("generate", "A boat", "--provider", provider, "-o", "clip.mp4")

    authorised = [request.headers.get("Authorization") for request in gateways.requests]
    assert set(authorised) <= {f"Bearer {key}", None}
    assert authorised[0] == f"Bearer {key}"


@pytest.mark.parametrize(
    "prompt",
    [
        '{"model": "other"}',
        "a \U0001f6f6 on the sea",
        "\u6d77\u4e0a\u306e\u8239",
        "“quoted” \\ and\na new line",
        "x" * PROMPT_LIMIT,
    ],
)
async def test_a_prompt_arrives_as_it_was_typed(
    matinee: Command, gateways: LocalGateways, prompt: str
) -> None:
    ran = await matinee("generate", prompt, "-o", "clip.mp4")

    assert ran.code == 0, ran.err
    assert gateways.creates()[0].json["prompt"] == prompt


@given(prompt=strategies.text(max_size=40) | strategies.from_regex(r"a boat( --?[a-z]{1,8}( [0-9:]{1,4})?)*"))
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_any_words_are_either_sent_once_or_refused_unsent(
    matinee: Command, gateways: LocalGateways, prompt: str
) -> None:
    gateways.requests.clear()

    ran = await matinee("generate", "-o", "clip.mp4", "--provider", "worldrouter", "--", prompt)

    sent = [create.json["Prompt"] for create in gateways.creates()]
    assert (ran.code, len(sent)) in {(0, 1), (2, 0)}, ran.err
    assert all(words.strip() == words != "" and len(words) <= len(prompt) * 3 for words in sent)
