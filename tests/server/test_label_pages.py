"""Labels in pages: together they are the whole of one revision, whatever is changed while they are read."""

import uuid
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.server.journals import Desk, car
from tests.server.servers import import_scene, running_server
from worldline.server import label_pages
from worldline.server.change import Change, checked_op
from worldline.server.database import reading
from worldline.server.history import state_rows
from worldline.server.label_pages import labels_tag, page_rows

SCENE = "/api/scenes/street"


def paged(client: httpx.Client, limit: int, between: Callable[[], None] = lambda: None) -> tuple[int, list[dict]]:
    """All entries, page by page, as a client asks for them."""
    page = client.get(f"{SCENE}/labels", params={"limit": limit}).raise_for_status().json()
    revision, entries = page["revision"], page["entries"]
    while page["next"] is not None:
        between()
        asked = {"limit": limit, "after": page["next"], "at": revision}
        page = client.get(f"{SCENE}/labels", params=asked).raise_for_status().json()
        assert page["revision"] == revision
        assert len(page["entries"]) <= limit
        entries += page["entries"]
    return revision, entries


@settings(max_examples=25)
@given(
    st.lists(st.dictionaries(st.integers(0, 12), st.booleans(), min_size=1, max_size=6), min_size=1, max_size=6),
    st.integers(1, 7),
)
def test_the_pages_of_any_revision_are_the_whole_of_it(
    tmp_path_factory: pytest.TempPathFactory, rounds: list[dict[int, bool]], limit: int
) -> None:
    desk = Desk(tmp_path_factory.mktemp("journal"))
    standing: dict[str, int] = {}
    for number, wanted in enumerate(rounds, start=1):
        ops = []
        for key, is_set in wanted.items():
            path = f"objects/{key}"
            value = car(100 * number + key) if is_set else None
            ops.append(checked_op(path, value, standing.get(path, 0)))
        change = Change(str(uuid.uuid4()), "any", "manual", "ann", tuple(ops))
        revision = desk.journal.append(desk.scene, change, None).result(10).revision
        for op in ops:
            standing[op.path] = 0 if op.value is None else revision
    with reading(desk.engine) as connection:
        for at in range(len(rounds) + 1):
            whole = list(state_rows(connection, desk.scene, at))
            found = []
            while page := page_rows(connection, desk.scene, at, found[-1][0] if found else "", limit):
                assert len(page) <= limit
                found += page
            assert found == whole
        tags = {labels_tag(connection, desk.scene, "0" * 32, at) for at in range(len(rounds) + 1)}
        assert len(tags) == len(rounds) + 1
    desk.close()


def test_pages_stay_of_one_revision_while_others_work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import_scene(tmp_path)
    with running_server(tmp_path) as address, httpx.Client(base_url=address) as client:
        whole = client.get(f"{SCENE}/labels").json()

        def others() -> None:
            fresh = f"objects/{uuid.uuid4()}"
            op = {"path": fresh, "value": car(900), "based_on": 0}
            change = {"id": str(uuid.uuid4()), "label": "new", "cause": "manual", "ops": [op]}
            client.post(f"{SCENE}/changes", json=change).raise_for_status()

        assert paged(client, 3, others) == (whole["revision"], whole["entries"])
        monkeypatch.setattr(label_pages, "PAGE", 2)
        monkeypatch.setattr("worldline.server.api_labels.PAGE", 2)
        now = client.get(f"{SCENE}/labels").json()
        assert now["revision"] > whole["revision"]
        assert client.get(f"{SCENE}/labels", params={"at": whole["revision"]}).json() == whole  # written in pieces
        assert paged(client, 100_000) == (now["revision"], now["entries"])


def test_who_has_the_labels_of_a_revision_is_not_sent_them_again(tmp_path: Path) -> None:
    import_scene(tmp_path)
    with running_server(tmp_path) as address, httpx.Client(base_url=address) as client:
        tag = client.get(f"{SCENE}/labels").headers["etag"]
        again = client.get(f"{SCENE}/labels", headers={"If-None-Match": tag})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
        op = {"path": "objects/new", "value": car(900), "based_on": 0}
        change = {"id": str(uuid.uuid4()), "label": "new", "cause": "manual", "ops": [op]}
        client.post(f"{SCENE}/changes", json=change).raise_for_status()
        assert client.get(f"{SCENE}/labels", headers={"If-None-Match": tag}).status_code == 200
        assert client.get(f"{SCENE}/labels", params={"limit": 0}).status_code == 422
