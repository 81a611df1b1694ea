"""A film over the wire: packets as they are stored, exact to the byte."""

from fractions import Fraction
from pathlib import Path

import av
import httpx
import numpy as np
import pytest

from tests.pages import unpack
from tests.server.servers import running_server
from worldline.formats.registry import find_format
from worldline.server.database import opened_database
from worldline.server.importing import import_source


@pytest.fixture
def film(tmp_path: Path) -> Path:
    path = tmp_path / "film.mp4"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=10, options={"g": "4"})
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        stream.codec_context.time_base = Fraction(1, 10)
        for number in range(12):
            image = np.full((48, 64, 3), number * 20, dtype=np.uint8)
            for packet in stream.encode(av.VideoFrame.from_ndarray(image, format="rgb24")):
                container.mux(packet)
        for packet in stream.encode():
            container.mux(packet)
    return path


def test_packets_arrive_as_they_are_in_the_film(film: Path, tmp_path: Path) -> None:
    data = tmp_path / "data"
    with opened_database(data) as engine:
        import_source(engine, data, film, "film", "video", "ann", lambda *_: None)
    (read,) = find_format("video").reader.read(film, "film")
    camera = read.scene.cameras[0].name
    expected = list(read.scene.data.packets(camera))
    with running_server(data) as address, httpx.Client(base_url=address) as client:
        document = client.get("/api/scenes/film").json()
        described = document["cameras"][0]
        base = f"/api/scenes/film/data/{document['generation']}"
        assert described["media"] == "video"
        assert described["stream"]["codec"].startswith("avc1")
        header, index = unpack(client.get(f"{base}/packets-index/{camera}").content)
        assert header == {"count": len(expected)}
        assert index["size"].tolist() == [len(packet.data) for packet in expected]
        assert index["key"].tolist() == [packet.is_key for packet in expected]
        assert index["pts"].tolist() == [packet.pts for packet in expected]
        assert np.array_equal(index["frame"], np.argsort(np.argsort(index["pts"])))
        some = client.get(f"{base}/packets/{camera}", params={"first": 3, "count": 5})
        assert some.content == b"".join(packet.data for packet in expected[3:8])
        part = client.get(f"{base}/packets/{camera}", params={"first": 3, "count": 5}, headers={"Range": "bytes=10-29"})
        assert (part.status_code, part.content) == (206, some.content[10:30])
        beyond = client.get(f"{base}/packets/{camera}", params={"first": 11, "count": 2})
        assert (beyond.status_code, beyond.json()["code"]) == (404, "missing_frame")
        assert client.get(f"{base}/images/{camera}/0").status_code == 404
