"""Two windows on one scene, over real WebSockets."""

import json
import threading
import time
import uuid
from pathlib import Path
from typing import Any

import httpx
import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from tests.server.journals import car
from tests.server.servers import post_change
from worldline.server.catalogue import advance_scene, find_scene
from worldline.server.change import Change, checked_op
from worldline.server.database import open_database, writing
from worldline.server.journal import Journal


def window(client: httpx.Client, name: str, scene: str = "street") -> ClientConnection:
    address = str(client.base_url).replace("http://", "ws://").rstrip("/")
    return connect(f"{address}/api/scenes/{scene}/live?client={name}", open_timeout=10)


def hear(socket: ClientConnection, kind: str, timeout: float = 10) -> dict[str, Any]:
    """The next message of a kind."""
    while True:
        message = json.loads(socket.recv(timeout))
        if message["type"] == kind:
            return message


def test_both_windows_hear_a_change_once_and_in_order(served: httpx.Client) -> None:
    with window(served, "a") as a, window(served, "b") as b:
        assert hear(a, "ready")["revision"] == 1
        for number in range(5):
            post_change(served, "street", {f"objects/n{number}": car(900 + number)}, client="a")
        for socket in (a, b):
            messages = [hear(socket, "change") for _ in range(5)]
            assert [each["revision"] for each in messages] == [2, 3, 4, 5, 6]
            assert {each["client"] for each in messages} == {"a"}
            assert messages[0]["ops"] == [{"path": "objects/n0", "value": car(900)}]


def test_a_repeat_and_a_refusal_are_not_told(served: httpx.Client) -> None:
    with window(served, "a") as a:
        change = {"id": "one", "label": "x", "ops": [{"path": "objects/n", "value": car(900), "based_on": 0}]}
        for _ in range(3):
            assert served.post("/api/scenes/street/changes", json=change).status_code == 200
        assert served.post("/api/scenes/street/changes", json={**change, "id": "two"}).status_code == 409
        post_change(served, "street", {"objects/m": car(901)})
        assert [hear(a, "change")["revision"] for _ in range(2)] == [2, 3]


def test_people_see_each_other_with_names_and_colours_that_differ(served: httpx.Client) -> None:
    with window(served, "a") as a:
        hear(a, "presence")
        with window(served, "b") as b:
            people = hear(a, "presence")["people"]
            assert [each["name"] for each in people] == ["Guest 1", "Guest 2"]
            assert len({each["color"] for each in people}) == 2
            b.send(json.dumps({"type": "presence", "frame": 3, "object": "12"}))
            b_now = hear(a, "presence")["people"][1]
            assert (b_now["client"], b_now["frame"], b_now["object"]) == ("b", 3, "12")
        assert [each["client"] for each in hear(a, "presence")["people"]] == ["a"]


@pytest.mark.parametrize("text", ["", "{}", "[1]", '{"type":"presence","frame":-1}', '{"type":"edit"}'])
def test_what_is_no_message_closes_the_connection_with_a_reason(served: httpx.Client, text: str) -> None:
    with window(served, "a") as a:
        a.send(text)
        with pytest.raises(ConnectionClosed) as closed:
            while True:
                a.recv(10)
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 4422


def test_an_unknown_scene_closes_with_a_reason(served: httpx.Client) -> None:
    with window(served, "a", "nothing") as a, pytest.raises(ConnectionClosed, match="no scene"):
        a.recv(10)


def test_a_change_of_another_process_is_heard_too(served: httpx.Client, tmp_path: Path) -> None:
    engine = open_database(tmp_path)  # another connection, as another process has
    journal = Journal(engine)
    try:
        with window(served, "a") as a:
            hear(a, "ready")
            scene = find_scene(engine, "street").id
            change = Change(str(uuid.uuid4()), "elsewhere", "manual", "bob", (checked_op("objects/far", car(950), 0),))
            journal.append(scene, change).result(10)
            post_change(served, "street", {"objects/near": car(951)})
            messages = [hear(a, "change") for _ in range(2)]
            assert [each["revision"] for each in messages] == [2, 3]
            assert messages[0]["author"] == "bob"
    finally:
        journal.close()
        engine.dispose()


def test_frames_that_become_ready_are_told(served: httpx.Client, tmp_path: Path) -> None:
    engine = open_database(tmp_path)
    try:
        with window(served, "a") as a:
            hear(a, "ready")
            with writing(engine) as connection:
                advance_scene(connection, find_scene(engine, "street").id, ready_frame_count=3)
            assert hear(a, "ready")["ready_frame_count"] == 3
    finally:
        engine.dispose()


def test_who_looks_at_a_removed_scene_is_told_so(served: httpx.Client) -> None:
    with window(served, "a") as a:
        hear(a, "ready")
        served.delete("/api/scenes/street")
        with pytest.raises(ConnectionClosed):
            while True:
                a.recv(10)


def test_many_writers_and_a_listener_that_comes_late_end_equal(served: httpx.Client) -> None:
    heard: dict[str, list[dict[str, Any]]] = {"early": [], "late": []}

    def listen(name: str, until: int) -> None:
        with window(served, name) as socket:
            while not heard[name] or heard[name][-1]["revision"] < until:
                heard[name].append(hear(socket, "change", 20))

    def write(writer: int) -> None:
        with httpx.Client(base_url=served.base_url, timeout=30) as client:
            for number in range(10):
                op = {"path": f"objects/w{writer}n{number}", "value": car(1), "based_on": 0}
                change = {"id": f"{writer}-{number}", "label": "x", "ops": [op]}
                assert client.post("/api/scenes/street/changes", json=change).status_code == 200

    early = threading.Thread(target=listen, args=("early", 41))
    early.start()
    time.sleep(0.3)
    writers = [threading.Thread(target=write, args=(writer,)) for writer in range(4)]
    for thread in writers:
        thread.start()
    late = threading.Thread(target=listen, args=("late", 41))
    late.start()
    for thread in (*writers, early):
        thread.join(60)
    op = {"path": "objects/last", "value": car(1), "based_on": 0}
    served.post("/api/scenes/street/changes", json={"id": "last", "label": "x", "ops": [op]})
    late.join(60)
    revisions = [each["revision"] for each in heard["early"]]
    assert revisions == list(range(2, 42))
    late_revisions = [each["revision"] for each in heard["late"]]
    assert late_revisions == list(range(late_revisions[0], late_revisions[-1] + 1))
    entries = {each["path"]: each["value"] for each in served.get("/api/scenes/street/labels").json()["entries"]}
    for message in heard["early"]:
        for op in message["ops"]:
            assert entries[op["path"]] == op["value"]
    assert len({entry["number"] for path, entry in entries.items() if path.count("/") == 1 and path[0] == "o"}) > 40
