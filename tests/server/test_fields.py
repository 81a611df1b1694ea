"""A field comes as the sensor gave it, to whoever asks for it."""

import httpx
import numpy as np
import pytest
import zstandard

from tests.scenes import street_scene

SCENE = "/api/scenes/street"


def url(client: httpx.Client, name: str, block: int = 0, sensor: str = "lidar") -> str:
    generation = client.get(SCENE).json()["generation"]
    return f"{SCENE}/data/{generation}/fields/{sensor}/{block}?name={name}"


def test_a_field_is_exactly_the_sources(street: httpx.Client) -> None:
    lidar = street.get(SCENE).json()["lidars"][0]
    scene = street_scene()
    types = {each["name"]: each["type"] for each in lidar["fields"]}
    assert set(types) == {"intensity", "ring"}
    for name, kind in types.items():
        answer = street.get(url(street, name, block=1), headers={"Accept-Encoding": "identity"})
        expected = scene.data.sweep("lidar", 1).fields[name]
        assert answer.headers["content-type"] == "application/octet-stream"
        assert np.array_equal(np.frombuffer(answer.content, np.dtype(kind).newbyteorder("<")), expected)


def test_a_client_that_takes_zstd_gets_it_and_one_that_does_not_gets_the_same_values(street: httpx.Client) -> None:
    address = url(street, "ring")
    with street.stream("GET", address, headers={"Accept-Encoding": "zstd"}) as answer:
        assert answer.headers["content-encoding"] == "zstd"
        packed, tag = b"".join(answer.iter_raw()), answer.headers["etag"]
        assert "immutable" in answer.headers["cache-control"]
    plain = street.get(address, headers={"Accept-Encoding": "identity"})
    assert "content-encoding" not in plain.headers
    assert zstandard.decompress(packed) == plain.content
    assert plain.headers["etag"] != tag
    again = street.get(address, headers={"Accept-Encoding": "zstd", "If-None-Match": tag})
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize(
    ("name", "block", "sensor", "status"),
    [("nothing", 0, "lidar", 404), ("ring", 999, "lidar", 404), ("ring", 0, "front", 404), ("", 0, "lidar", 422)],
)
def test_what_is_not_there_is_an_error(street: httpx.Client, name: str, block: int, sensor: str, status: int) -> None:
    answer = street.get(url(street, name, block, sensor))
    assert answer.status_code == status
    if name == "nothing":
        assert "intensity, ring" in answer.json()["message"]
