"""The server is killed, again and again, while sixteen writers are at it."""

import http.client
import json
import multiprocessing
import os
import random
import signal
import threading
import time
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path

from sqlalchemy import select

from tests.server.journals import add_scene, car
from worldline.server.database import open_database, reading
from worldline.server.history import changes_since, state_rows
from worldline.server.listening import bound_socket, serve
from worldline.server.settings import Settings
from worldline.server.tables import ops

CYCLES = 20
WRITERS = 16
RUN_S = 0.6


def run_server(data: str, port: int, ready: Connection) -> None:
    serve(Settings(data=Path(data), port=port, warm_up=False), ready.send)


@dataclass(slots=True)
class Writer:
    """Posts change after change; one without an answer is sent again, under the same id."""

    number: int
    port: int
    stopped: threading.Event
    acknowledged: dict[str, int] = field(default_factory=dict)
    repeated: int = 0

    def run(self) -> None:
        """Write until stopped; the last change is always acknowledged."""
        sent = 0
        while not self.stopped.is_set():
            sent += 1
            path = f"objects/w{self.number}n{sent}"
            op = {"path": path, "value": car(self.number * 1_000_000 + sent), "based_on": 0}
            change = {"id": f"{self.number}-{sent}", "label": "x", "ops": [op]}
            while change["id"] not in self.acknowledged:
                self._post(change)

    def _post(self, change: dict) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            while True:  # one connection as long as it lives
                headers = {"Content-Type": "application/json"}
                connection.request("POST", "/api/scenes/street/changes", json.dumps(change), headers)
                answer = connection.getresponse()
                body = json.loads(answer.read())
                assert answer.status == 200, body
                assert body["id"] == change["id"]
                self.acknowledged[change["id"]] = body["revision"]
                return
        except (OSError, http.client.HTTPException):
            self.repeated += 1
            time.sleep(0.02)
        finally:
            connection.close()


def test_nothing_acknowledged_is_lost_or_doubled_by_kill_9(tmp_path: Path) -> None:
    engine = open_database(tmp_path)
    scene = add_scene(engine)
    with bound_socket("127.0.0.1", 0) as probe:
        port = probe.getsockname()[1]
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["worldline.server.listening"])
    stopped = threading.Event()
    writers = [Writer(number, port, stopped) for number in range(WRITERS)]
    threads = [threading.Thread(target=writer.run) for writer in writers]
    for cycle in range(CYCLES + 1):
        here, there = context.Pipe()
        server = context.Process(target=run_server, args=(str(tmp_path), port, there))
        server.start()
        assert here.poll(30), "the server did not start"
        here.recv()
        if cycle == 0:
            for thread in threads:
                thread.start()
        if cycle == CYCLES:
            stopped.set()
            for thread in threads:
                thread.join(30)
                assert not thread.is_alive()
        else:
            time.sleep(RUN_S * random.uniform(0.5, 1.5))
        assert server.pid is not None
        os.kill(server.pid, signal.SIGKILL)
        server.join(10)

    acknowledged = {name: revision for writer in writers for name, revision in writer.acknowledged.items()}
    with reading(engine) as connection:
        history = changes_since(connection, scene, 0, 10_000_000)
        now = state_rows(connection, scene)
        fold = state_rows(connection, scene, len(history))
        stored = connection.execute(select(ops.c.path).where(ops.c.scene_id == scene)).scalars().all()
    revisions = {change.id: change.revision for change in history}
    assert len(revisions) == len(history), "a change stands twice"
    assert revisions == acknowledged, "every change is acknowledged in the end, under the revision it has"
    assert sorted(revisions.values()) == list(range(1, len(history) + 1))
    assert len(set(stored)) == len(stored) == len(history)
    assert [row[0] for row in now] == sorted(stored)
    assert now == fold
    assert sum(writer.repeated for writer in writers) > CYCLES  # the kills did hit requests
    assert len(history) > CYCLES * WRITERS
    engine.dispose()
