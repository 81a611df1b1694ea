"""The interface, over a real socket."""

import json
import socket
import uuid

import httpx
import numpy as np
import pytest

from tests.pages import unpack
from tests.scenes import street_scene
from tests.server.journals import car, keyframe, track
from tests.server.servers import post_change
from worldline.formats.store.display import decode_block

SCENE = "/api/scenes/street"


def document(client: httpx.Client) -> dict:
    return client.get(SCENE).raise_for_status().json()


def data_url(client: httpx.Client, what: str) -> str:
    return f"{SCENE}/data/{document(client)['generation']}/{what}"


def test_the_session_names_the_local_user(street: httpx.Client) -> None:
    session = street.get("/api/session").json()
    assert session["user"] == {"id": "local", "name": "Ann"}
    assert session["mode"] == "local"


def test_formats_are_those_of_the_registry(street: httpx.Client) -> None:
    from worldline.formats.registry import FORMATS

    assert [each["name"] for each in street.get("/api/formats").json()] == [each.name for each in FORMATS]


def test_the_list_of_scenes_says_what_is_in_them(street: httpx.Client) -> None:
    (scene,) = street.get("/api/scenes").json()
    expected = street_scene()
    assert scene["name"] == "street"
    assert (scene["frame_count"], scene["ready_frame_count"]) == (expected.frame_count, expected.frame_count)
    assert scene["object_count"] == len(expected.labels.objects)
    assert (scene["state"], scene["source_format"], scene["revision"]) == ("ready", "test", 1)


def test_the_document_has_sensors_and_classes_and_nothing_of_each_frame(street: httpx.Client) -> None:
    found = document(street)
    expected = street_scene()
    (lidar,) = found["lidars"]
    assert [each["name"] for each in found["cameras"]] == [each.name for each in expected.cameras]
    assert (lidar["name"], lidar["frame_count"], lidar["first_time_ns"]) == ("lidar", expected.frame_count, 0)
    assert lidar["last_time_ns"] == expected.clock.time_ns[-1] - expected.clock.time_ns[0]
    assert lidar["fields"] == [{"name": "intensity", "type": "float32"}, {"name": "ring", "type": "uint8"}]
    assert found["schema"]["classes"][0]["name"] == "car"
    assert lidar.keys().isdisjoint({"clock", "world_from_sensor", "blocks"})


def test_a_page_has_what_belongs_to_its_frames(street: httpx.Client) -> None:
    expected = street_scene()
    answer = street.get(data_url(street, "frames/lidar/0"))
    header, columns = unpack(answer.content)
    assert answer.headers["cache-control"] == "private, max-age=31536000, immutable"
    assert header["names"] == list(expected.clock.names)
    poses = [[*pose.rotation_wxyz, *pose.translation_m] for pose in expected.sensor("lidar").world_from_sensor]
    assert columns["pose"].tolist() == poses
    assert columns["block_count"].sum() == sum(
        len(expected.data.sweep("lidar", frame)) for frame in range(expected.frame_count)
    )
    clock = np.frombuffer(street.get(data_url(street, "clock/lidar")).content, "<f8")
    assert np.array_equal(clock, expected.clock.time_ns - expected.clock.time_ns[0])
    assert np.array_equal(columns["time_ns"], clock)
    beyond = street.get(data_url(street, "frames/lidar/1"))
    assert (beyond.status_code, beyond.json()["code"]) == (404, "missing_frame")
    assert street.get(data_url(street, "frames/nothing/0")).status_code == 404
    assert street.get(data_url(street, "clock/nothing")).status_code == 404


def test_a_frame_is_found_by_its_own_name(street: httpx.Client) -> None:
    name = street_scene().clock.names[3]
    assert street.get("/api/scenes/street/frames", params={"name": name}).json() == {"frame": 3}
    assert street.get("/api/scenes/street/frames", params={"name": "no such"}).json() == {"frame": None}


def test_a_block_decodes_to_the_points_of_its_frame(street: httpx.Client) -> None:
    _, columns = unpack(street.get(data_url(street, "frames/lidar/0")).content)
    raw = street.get(data_url(street, "points/lidar/0")).content
    count = int(columns["block_count"][0])
    shown = decode_block(raw, count, document(street)["lidars"][0]["coding"])[:, :3]
    xyz = columns["origin_m"][0] + columns["scale_m"][0] * shown
    expected = street_scene().data.sweep("lidar", 0).xyz_m
    assert np.abs(xyz - expected[:count]).max() <= columns["scale_m"][0]


def test_an_image_is_the_source_file(street: httpx.Client) -> None:
    answer = street.get(data_url(street, "images/front/2"))
    expected = street_scene().data.image("front", 2)
    assert answer.content == expected.data
    assert answer.headers["content-type"] == expected.media_type
    assert answer.headers["cache-control"] == "private, max-age=31536000, immutable"


def test_who_has_the_bytes_gets_304(street: httpx.Client) -> None:
    url = data_url(street, "images/front/2")
    tag = street.get(url).headers["etag"]
    assert not tag.startswith("W/")
    for header in (tag, f'"other", {tag}', "*", f"W/{tag}"):
        answer = street.get(url, headers={"If-None-Match": header})
        assert (answer.status_code, answer.content, answer.headers["etag"]) == (304, b"", tag)
    assert street.get(url, headers={"If-None-Match": '"other"'}).status_code == 200


@pytest.mark.parametrize("sent", [(0, 9), (10, 99), (5, None), (None, 7)])
@pytest.mark.parametrize("what", ["images/front/1", "points/lidar/1"])
def test_a_range_is_that_part_of_the_representation(street: httpx.Client, sent: tuple, what: str) -> None:
    url, encoding = data_url(street, what), {"Accept-Encoding": "zstd"}
    with street.stream("GET", url, headers=encoding) as answer:
        whole = b"".join(answer.iter_raw())
    first, last = sent
    header = f"bytes={'' if first is None else first}-{'' if last is None else last}"
    with street.stream("GET", url, headers={**encoding, "Range": header}) as answer:
        part = b"".join(answer.iter_raw())
        expected = whole[-last:] if first is None else whole[first : None if last is None else last + 1]
        start = len(whole) - last if first is None else first
        assert answer.status_code == 206
        assert part == expected
        assert answer.headers["content-range"] == f"bytes {start}-{start + len(part) - 1}/{len(whole)}"


def test_a_range_beyond_the_end_is_refused_with_the_size(street: httpx.Client) -> None:
    url = data_url(street, "images/front/1")
    size = len(street.get(url).content)
    for header in (f"bytes={size}-", "bytes=-0"):
        answer = street.get(url, headers={"Range": header})
        assert (answer.status_code, answer.json()["code"]) == (416, "range")
        assert answer.headers["content-range"] == f"bytes */{size}"


@pytest.mark.parametrize("header", ["bytes=a-b", "bytes=5-2", "lines=1-2", "bytes=0-1,4-5", "bytes=-", "bytes"])
def test_a_range_that_means_nothing_here_is_ignored(street: httpx.Client, header: str) -> None:
    answer = street.get(data_url(street, "images/front/1"), headers={"Range": header})
    assert answer.status_code == 200


def test_a_range_of_what_has_changed_is_the_whole(street: httpx.Client) -> None:
    url = data_url(street, "images/front/1")
    tag = street.get(url).headers["etag"]
    part = {"Range": "bytes=0-9"}
    assert street.get(url, headers={**part, "If-Range": tag}).status_code == 206
    assert street.get(url, headers={**part, "If-Range": '"old"'}).status_code == 200


@pytest.mark.parametrize(
    ("url", "status", "code"),
    [
        ("/api/scenes/nothing", 404, "unknown_scene"),
        ("/api/scenes/nothing/labels", 404, "unknown_scene"),
        (f"{SCENE}/data/{'0' * 32}/points/lidar/0", 404, "unknown_scene"),
        ("GENERATION/points/lidar/999", 404, "missing_frame"),
        ("GENERATION/points/moon/0", 404, "missing_frame"),
        ("GENERATION/images/front/999", 404, "missing_frame"),
        ("GENERATION/images/lidar/0", 404, "missing_frame"),
        ("GENERATION/images/front/-1", 404, "not_found"),
        ("GENERATION/packets/front?first=0&count=1", 404, "missing_frame"),
        ("GENERATION/images/front/one", 404, "not_found"),
        ("GENERATION/packets/front?first=-1&count=1", 422, "request"),
        (f"{SCENE}/labels?at=99", 404, "unknown_revision"),
        (f"{SCENE}/labels?at=-1", 422, "request"),
        (f"{SCENE}/changes?limit=0", 422, "request"),
        ("/api/jobs/nothing", 404, "unknown_job"),
        ("/api/nothing", 404, "not_found"),
        ("/api/scenes/..%2f..%2fetc", 404, "not_found"),
    ],
)
def test_errors_have_one_shape(street: httpx.Client, url: str, status: int, code: str) -> None:
    answer = street.get(url.replace("GENERATION", data_url(street, "").rstrip("/")))
    body = answer.json()
    assert (answer.status_code, body["code"]) == (status, code), body
    assert body.keys() == {"code", "message", "detail"}
    assert body["message"]


def test_what_is_not_json_is_refused_in_the_one_shape(street: httpx.Client) -> None:
    for body in (b"", b"{", b"[]", b"\xff\xfe", b'{"id": "x"}', b'{"id":"x","label":"y","ops":[]}'):
        answer = street.post(f"{SCENE}/changes", content=body, headers={"Content-Type": "application/json"})
        assert (answer.status_code, answer.json()["code"]) == (422, "request"), body


def test_a_number_that_is_none_is_refused(street: httpx.Client) -> None:
    value = '{"shape":{"center_m":[NaN,0,0],"rotation_wxyz":[1,0,0,0]}}'
    text = f'{{"id":"nan","label":"x","ops":[{{"path":"tracks/1/keyframes/1","value":{value},"based_on":0}}]}}'
    answer = street.post(f"{SCENE}/changes", content=text, headers={"Content-Type": "application/json"})
    assert answer.status_code == 422
    assert answer.json()["code"] in {"label", "request"}


def test_a_change_is_in_the_labels_and_in_the_history(served: httpx.Client) -> None:
    applied = post_change(served, "street", {"objects/new": car(900), "tracks/new": track("new")})
    body = applied.json()
    assert applied.status_code == 200
    assert (body["revision"], body["author"], body["cause"]) == (2, "local", "manual")
    labels = served.get(f"{SCENE}/labels").json()
    assert labels["revision"] == 2
    assert {"path": "objects/new", "value": car(900), "revision": 2, "author": "local"} in labels["entries"]
    history = served.get(f"{SCENE}/changes", params={"since": 1}).json()
    assert history["revision"] == 2
    assert history["changes"][0]["ops"][0] == {"path": "objects/new", "value": car(900), "before": None}
    assert served.get("/api/scenes").json()[0]["object_count"] == len(street_scene().labels.objects) + 1


def test_labels_of_an_earlier_revision_stay_readable(served: httpx.Client) -> None:
    before = served.get(f"{SCENE}/labels").json()
    post_change(served, "street", {"objects/new": car(900)})
    then = served.get(f"{SCENE}/labels", params={"at": 1}).json()
    assert then == before


def test_a_stale_change_answers_409_with_both_values(served: httpx.Client) -> None:
    post_change(served, "street", {"objects/new": car(900)})
    op = {"path": "objects/new", "value": {**car(900), "class_name": "van"}, "based_on": 0}
    change = {"id": "x", "label": "x", "cause": "manual", "ops": [op]}
    answer = served.post(f"{SCENE}/changes", json=change)
    assert (answer.status_code, answer.json()["code"]) == (409, "stale")
    (conflict,) = answer.json()["detail"]["conflicts"]
    assert (conflict["yours"]["class_name"], conflict["theirs"]["class_name"]) == ("van", "car")
    assert (conflict["revision"], conflict["author"]) == (2, "local")


def test_a_repeated_post_is_one_change(served: httpx.Client) -> None:
    change = {"id": str(uuid.uuid4()), "label": "x", "ops": [{"path": "objects/n", "value": car(900), "based_on": 0}]}
    first, again = (served.post(f"{SCENE}/changes", json=change) for _ in range(2))
    assert first.json() == again.json()
    assert served.get(f"{SCENE}/labels").json()["revision"] == 2


def test_a_machine_may_not_touch_a_persons_keyframe(served: httpx.Client) -> None:
    post_change(served, "street", {"objects/n": car(900), "tracks/n": track("n"), "tracks/n/keyframes/1": keyframe(1)})
    answer = post_change(served, "street", {"tracks/n/keyframes/1": keyframe(2, "propagated")}, cause="propagated")
    assert (answer.status_code, answer.json()["code"]) == (409, "protected")


def test_undo_over_http_restores_the_text(served: httpx.Client) -> None:
    before = served.get(f"{SCENE}/labels").json()["entries"]
    made = post_change(served, "street", {"objects/n": car(900)}).json()
    undone = served.post(f"{SCENE}/changes/{made['id']}/undo", json={"id": "back"})
    assert (undone.status_code, undone.json()["skipped"]) == (200, [])
    assert served.get(f"{SCENE}/labels").json()["entries"] == before
    again = served.post(f"{SCENE}/changes/{made['id']}/undo", json={"id": "back again"})
    assert (again.status_code, again.json()["code"]) == (422, "request")  # not an id
    again = served.post(f"{SCENE}/changes/{made['id']}/undo", json={"id": "back-again"})
    assert (again.status_code, again.json()["code"]) == (409, "undo")


def test_a_removed_scene_is_gone_with_its_bytes(served: httpx.Client, tmp_path) -> None:
    url = data_url(served, "images/front/0")
    assert served.delete(SCENE).status_code == 204
    assert served.get(SCENE).status_code == 404
    assert served.get(url).status_code == 404
    assert served.get("/api/scenes").json() == []
    assert list((tmp_path / "scenes").iterdir()) == []
    assert served.delete(SCENE).status_code == 404


def test_a_body_that_is_too_large_is_refused(served: httpx.Client) -> None:
    def endless():
        for _ in range(70):
            yield b" " * (1 << 20)

    answer = served.post(f"{SCENE}/changes", content=endless(), headers={"Content-Type": "application/json"})
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")
    host, port = str(served.base_url.host), served.base_url.port
    with socket.create_connection((host, port), 10) as raw:
        raw.sendall(f"POST {SCENE}/changes HTTP/1.1\r\nHost: {host}\r\nContent-Length: {10**12}\r\n\r\n".encode())
        assert raw.recv(100).startswith(b"HTTP/1.1 413")


def test_a_large_change_is_applied_whole(served: httpx.Client) -> None:
    values = {"objects/big": car(900), "tracks/big": track("big")}
    values |= {f"objects/o{n}": car(1000 + n) for n in range(3000)}
    values |= {f"objects/o{n}/attributes/color": "lilac" for n in range(3000)}
    body = post_change(served, "street", values).json()
    assert len(body["ops"]) == len(values)
    assert json.dumps(served.get(f"{SCENE}/labels").json()).count('"lilac"') == 3000
