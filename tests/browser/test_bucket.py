"""A scene in a bucket, in the browser: its bytes come from the bucket itself, or from the server after all."""

from pathlib import Path
from secrets import token_hex

import numpy as np
import pytest
from playwright.sync_api import Response

from tests.scenes import street_scene
from tests.seaweed import Seaweed
from tests.server.servers import import_scene
from tests.server.test_s3 import named_bucket
from worldline.server.presigning import MEDIA_TYPE

# The coordinates that the viewer's workers made of a frame.
DECODED = """async (frame) => [...(await window.worldline.stream.points("lidar", frame)).xyz]"""
HALF_STEP_M = 0.0025 + 1e-5


@pytest.mark.parametrize("allowed", [True, False])
def test_blocks_come_from_the_bucket_and_where_it_refuses_the_page_from_the_server(
    person, serve, seaweed: Seaweed, monkeypatch, tmp_path: Path, pictures: Path, allowed: bool
) -> None:
    named_bucket(seaweed, monkeypatch, token_hex(4), S3_DELIVERY="presigned")
    import_scene(tmp_path)
    address = serve(tmp_path)
    seaweed.allow_origin(address if allowed else "http://elsewhere.example")
    window = person(address)
    answers: list[Response] = []
    window.page.context.on("response", lambda each: answers.append(each))
    window.open("street")
    scene = street_scene()
    for frame in range(scene.frame_count):
        found = np.array(window.page.evaluate(DECODED, frame)).reshape(-1, 3)
        assert np.abs(found - scene.data.sweep("lidar", frame).xyz_m).max() <= HALF_STEP_M
    window.page.screenshot(path=pictures / f"bucket-{'allowed' if allowed else 'refused'}.png")
    direct = [each.url for each in answers if each.url.startswith(f"{seaweed.endpoint}/") and each.status == 206]
    blocks = [each for each in answers if each.url.startswith(f"{address}/api/") and "/points/lidar/" in each.url]
    carried = [each.url for each in blocks if each.headers["content-type"] != MEDIA_TYPE]
    assert len(blocks) >= scene.frame_count
    if allowed:
        assert carried == []  # the server only said where they are
        assert sum("/display/points/c/" in url for url in direct) >= scene.frame_count
        assert any("/cameras/" in url for url in direct)
    else:
        assert len(carried) >= scene.frame_count
    assert not window.errors
