from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest

from core.model.video import Mode, VideoRequest
from core.ports import Finished, Stage, Working
from providers import AnyInt
from sandbox.gateways import LocalGateways
from tests.providers.world import CLIP, OMNI, PICTURE, TEXT, RememberedReplies, film, order, outcome


async def test_a_video_is_made_and_fetched(
    anyint: AnyInt, gateways: LocalGateways, replies: RememberedReplies, tmp_path: Path
) -> None:
    created = await anyint.create(order("anyint"))
    video = await film(anyint, created.ticket, gateways, tmp_path / "video-1.mp4")

    assert (tmp_path / "video-1.mp4").read_bytes() == CLIP
    assert (video.file, video.size, video.sha256) == ("video-1.mp4", len(CLIP), sha256(CLIP).hexdigest())
    assert created.progress == Working(Stage.RUNNING)
    assert created.ticket.task_id == gateways.tasks[0].id
    assert anyint.read(replies.kept[1][0]) == created


@pytest.mark.parametrize(
    ("request_", "body"),
    [
        (
            TEXT,
            {
                "model": "kling-3.0",
                "prompt": "A paper boat in the rain",
                "duration": "5",
                "aspect_ratio": "16:9",
                "mode": "std",
                "generate_audio": False,
            },
        ),
        (
            replace(TEXT, first_frame=PICTURE, mode=Mode.PRO, audio=True, duration_seconds=10),
            {
                "model": "kling-3.0",
                "prompt": "A paper boat in the rain",
                "image": PICTURE,
                "duration": "10",
                "aspect_ratio": "16:9",
                "mode": "pro",
                "generate_audio": True,
            },
        ),
        (
            replace(OMNI, reference=PICTURE),
            {
                "model": "kling-v3-omni",
                "prompt": "A paper boat in the rain",
                "input_reference": PICTURE,
                "frame_images": [{"url": PICTURE, "role": "first_frame"}],
                "duration": "5",
                "aspect_ratio": "16:9",
                "sound": "off",
            },
        ),
        (
            replace(OMNI, audio=True, aspect_ratio="9:16"),
            {
                "model": "kling-v3-omni",
                "prompt": "A paper boat in the rain",
                "duration": "5",
                "aspect_ratio": "9:16",
                "sound": "on",
            },
        ),
    ],
)
async def test_a_request_is_written_field_for_field_as_in_the_document(
    anyint: AnyInt, gateways: LocalGateways, request_: VideoRequest, body: object
) -> None:
    await anyint.create(order("anyint", request_))

    assert gateways.creates()[0].json == body


async def test_a_finished_task_says_where_its_clip_is(anyint: AnyInt, gateways: LocalGateways) -> None:
    created = await anyint.create(order("anyint"))
    progress = await outcome(anyint, created.ticket, gateways)

    task_id = created.ticket.task_id
    assert isinstance(progress, Finished)
    assert progress.result.url == f"{gateways.anyint_url}/openai/v1/videos/{task_id}/content"
