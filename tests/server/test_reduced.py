"""Small pictures over the wire."""

import io
from pathlib import Path

import httpx
import numpy as np
from PIL import Image

from tests.formats.video_files import film, number_in
from tests.server.servers import running_server
from worldline.server.database import opened_database
from worldline.server.importing import import_source


def picture(answer: httpx.Response) -> Image.Image:
    assert answer.status_code == 200, answer.text
    return Image.open(io.BytesIO(answer.content))


def test_an_image_comes_small_and_may_be_kept(street: httpx.Client) -> None:
    generation = street.get("/api/scenes/street").json()["generation"]
    base = f"/api/scenes/street/data/{generation}"
    answer = street.get(f"{base}/reduced/front/160/2")
    small = picture(answer)
    whole = Image.open(io.BytesIO(street.get(f"{base}/images/front/2").content)).convert("RGB")
    wanted = np.asarray(whole.resize(small.size), dtype=np.float64)
    assert small.size == (160, 90)
    assert np.abs(np.asarray(small, dtype=np.float64) - wanted).mean() < 30  # noise in JPEG
    assert "immutable" in answer.headers["cache-control"]
    tag = {"If-None-Match": answer.headers["etag"]}
    assert street.get(f"{base}/reduced/front/160/2", headers=tag).status_code == 304
    head = street.head(f"{base}/reduced/front/160/2")
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-length"] == answer.headers["content-length"]


def test_what_is_not_there_is_said(street: httpx.Client) -> None:
    generation = street.get("/api/scenes/street").json()["generation"]
    base = f"/api/scenes/street/data/{generation}/reduced"
    for place in ("front/161/0", "front/160/6", "none/160/0", "lidar/160/0"):
        answer = street.get(f"{base}/{place}")
        assert (answer.status_code, answer.json()["code"]) == (404, "missing_frame"), place


def test_any_frame_of_a_film_comes_small(tmp_path: Path) -> None:
    path = film(tmp_path / "film.mp4", 60, "-g", 12, "-bf", 2)
    data = tmp_path / "data"
    with opened_database(data) as engine:
        import_source(engine, data, path, "film", "video", "ann", lambda *_: None)
    with running_server(data) as address, httpx.Client(base_url=address, timeout=30) as client:
        document = client.get("/api/scenes/film").json()
        base = f"/api/scenes/film/data/{document['generation']}/reduced/film/160"
        for frame in (0, 1, 11, 12, 31, 59):
            assert number_in(np.asarray(picture(client.get(f"{base}/{frame}")).convert("L"))) == frame
        assert client.get(f"{base}/60").status_code == 404
