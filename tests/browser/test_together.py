"""What must not be lost: a server that dies in the middle, and two people on one keyframe."""

import re
import shutil
import socket

import pytest
from sqlalchemy import select

from tests.browser.conftest import run_command
from tests.shared_data import shared_data
from worldline.server.database import open_database, reading
from worldline.server.history import state_paths, state_rows
from worldline.server.tables import scenes

SCENE = "kitti"


@pytest.fixture(scope="module")
def imported(tmp_path_factory):
    """The labelled recording, imported once."""
    data = tmp_path_factory.mktemp("together") / "data"
    source = shared_data("scalabel_kitti_sample", "tracking")
    run_command("import", str(source), "--format", "kitti-tracking", "--name", SCENE, "--data", str(data))
    return data


@pytest.fixture
def data(imported, tmp_path):
    """A data folder of this test's own."""
    return shutil.copytree(imported, tmp_path / "data")


@pytest.fixture
def port():
    """A port that nobody listens on."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return listening.getsockname()[1]


def keyframe_of(one):
    """The selected object's keyframe at the first frame, as the server has it."""
    return one.entries(SCENE)[f"tracks/{one.state('selected')}.cuboid/keyframes/0"]


def entries_on_disk(data):
    """The labels as a database has them whose server is dead."""
    engine = open_database(data)
    with reading(engine) as connection:
        found = state_paths(state_rows(connection, connection.execute(select(scenes.c.id)).scalar_one()))
    engine.dispose()
    return found


def changes_of(one):
    """Every change of the journal."""
    return one.page.request.get(f"{one.address}/api/scenes/{SCENE}/changes").json()["changes"]


def test_a_server_that_dies_in_the_middle_loses_and_doubles_nothing(person, serve, data, port):
    address = serve(data, port=port)
    one = person(address)
    one.open(SCENE)
    one.press("Tab", "w")
    one.until_saved()
    before = one.cuboid()
    count = len(changes_of(one))

    serve.kill(address)
    one.press("a", "a")
    one.until(lambda: one.state("save.kind") == "offline", "the top bar says that the server is away")
    one.press("h", "Shift+q")
    assert "kept here" in one.page.locator(".save").inner_text()
    edited = one.cuboid()
    assert edited != before

    assert serve(data, port=port) == address
    one.until_saved()
    assert one.cuboid() == edited
    changes = changes_of(one)
    assert len({change["id"] for change in changes}) == len(changes)
    assert [change["label"].split(" ")[0] for change in changes[count:]] == ["Move", "Flip", "Move"]

    one.press("Control+z", "Control+z", "Control+z")
    one.until(lambda: one.cuboid() == before, "all three are undone")
    one.until_saved()
    acknowledged = one.entries(SCENE)
    serve.kill(address)
    assert entries_on_disk(data) == acknowledged
    assert not one.errors


def test_two_people_on_one_keyframe_choose_what_holds(person, serve, data):
    address = serve(data)
    one, other = person(address), person(address)
    for each in (one, other):
        each.open(SCENE)
        each.press("Tab")
    assert one.state("selected") == other.state("selected")

    def meet():
        """Both move it before either hears of the other; the second to arrive is asked."""
        for each, key in ((one, "w"), (other, "s")):
            each.page.keyboard.press(key)
        asked = one.until(lambda: next((each for each in (one, other) if each.state("conflict")), None), "a conflict")
        return asked, (other if asked is one else one)

    def choose(asked, what):
        asked.page.locator(".conflict-banner button", has_text=re.compile(what)).click()
        asked.until(lambda: asked.state("conflict") is None, "the banner goes")
        asked.until_saved()
        one.until(lambda: one.cuboid() == other.cuboid(), "both show the same")
        assert keyframe_of(one)["shape"]["center_m"] == one.cuboid()["center_m"]

    start = one.cuboid()
    asked, quicker = meet()
    mine, theirs = asked.cuboid(), quicker.cuboid()
    assert mine != theirs
    choose(asked, "Keep mine")
    assert one.cuboid() == mine
    asked.press("Control+z")
    asked.until(lambda: one.cuboid() == other.cuboid() == theirs, "undo brings back what the other had made")
    quicker.press("Control+z")
    quicker.until(lambda: one.cuboid() == other.cuboid() == start, "and then the other undoes that")

    asked, quicker = meet()
    theirs = quicker.cuboid()
    choose(asked, "Take theirs")
    assert one.cuboid() == theirs
    assert not one.errors
    assert not other.errors
