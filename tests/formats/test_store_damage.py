"""What is missing or damaged is an error, never zeros; a failed write leaves nothing to see."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.scenes import street_scene
from worldline.formats.errors import MissingFileError, PendingFrameError, SceneError, StoreError
from worldline.formats.scene import EncodedImage, Scene, Sweep
from worldline.formats.store import (
    StagedScene,
    clouds,
    footage,
    ledger,
    open_scene,
    open_staged,
    publish,
    remove_abandoned,
    remove_folder,
    shard_writer,
    stage,
    stage_scene,
    verify_scene,
)

FRAMES = 10


@pytest.fixture
def stored(tmp_path: Path) -> Path:
    return stage_scene(tmp_path, street_scene(frame_count=FRAMES)).path


def is_empty(folder: Path) -> bool:
    return not folder.exists() or not any(folder.iterdir())


READS: dict[str, Callable[[Scene], object]] = {
    "lidars/lidar/source/xyz/c/1/0/0": lambda scene: scene.data.sweep("lidar", 8),
    "lidars/lidar/blocks/first/c/0": lambda scene: scene.data.sweep("lidar", 0),
    "lidars/lidar/blocks/count/c/0": lambda scene: scene.data.sweep("lidar", 0),
    "cameras/front/bytes/c/0": lambda scene: scene.data.image("front", 0),
    "cameras/front/index/offset/c/0": lambda scene: scene.data.image("front", 0),
    "clocks/lidar/c/0": lambda scene: scene.clock.time_ns,
    "names/lidar/c/0/0": lambda scene: scene.clock.names,
    "poses/left/c/0/0": lambda scene: scene.sensor("left").world_from_sensor[3],
}


@pytest.mark.parametrize("file", READS)
def test_a_missing_file_is_an_error_when_it_is_read_and_found_by_verifying(stored: Path, file: str) -> None:
    (stored / file).unlink()
    with pytest.raises(StoreError, match="gone"):
        READS[file](open_scene(stored).scene)
    with pytest.raises(StoreError, match="gone"):
        verify_scene(stored)


@pytest.mark.parametrize("file", [file for file in READS if "source" not in file and "bytes" not in file])
@pytest.mark.parametrize("where", [0, 20, -1, -10])
def test_a_changed_byte_of_an_index_is_an_error_when_it_is_read(stored: Path, file: str, where: int) -> None:
    data = bytearray((stored / file).read_bytes())
    data[where] ^= 0x40
    (stored / file).write_bytes(data)
    with pytest.raises(StoreError):
        READS[file](open_scene(stored).scene)
    with pytest.raises(StoreError, match="not what was written"):
        verify_scene(stored)


@pytest.mark.parametrize("file", ["zarr.json", "lidars/lidar/zarr.json", "cameras/front/zarr.json"])
def test_a_scene_without_its_header_or_facts_does_not_open(stored: Path, file: str) -> None:
    (stored / file).write_text("{}")
    with pytest.raises(StoreError):
        open_scene(stored)
    (stored / file).unlink()
    with pytest.raises((StoreError, MissingFileError)):
        open_scene(stored)


def test_a_file_lost_while_open_is_an_error_and_not_zeros(stored: Path) -> None:
    scene = open_scene(stored)
    shutil.rmtree(stored / "lidars/lidar/source/ring/c", ignore_errors=True)
    for path in stored.glob("lidars/lidar/source/fields/ring/c/*/*"):
        path.unlink()
    for path in stored.glob("lidars/lidar/display/points/c/*/*/*"):
        path.unlink()
    with pytest.raises(StoreError, match="gone"):
        scene.scene.data.sweep("lidar", 0)
    with pytest.raises(StoreError, match="gone"):
        scene.display_block("lidar", 0)


def test_a_scene_removed_while_open_says_so(stored: Path) -> None:
    scene = open_scene(stored).scene
    shutil.rmtree(stored)
    with pytest.raises(StoreError, match="is gone"):
        scene.data.sweep("lidar", 0)


@pytest.mark.parametrize("where", [0, -1, -30])
def test_a_changed_byte_of_a_shard_is_an_error(stored: Path, where: int) -> None:
    path = stored / "lidars/lidar/source/xyz/c/0/0/0"
    data = bytearray(path.read_bytes())
    data[where] ^= 0x40
    path.write_bytes(data)
    scene = open_scene(stored)
    with pytest.raises(StoreError, match="import the scene again"):
        for frame in range(8):
            scene.scene.data.sweep("lidar", frame)
    with pytest.raises(StoreError, match="not what was written"):
        verify_scene(stored)


def test_a_truncated_file_is_an_error(stored: Path) -> None:
    path = stored / "cameras/front/bytes/c/1"
    os.truncate(path, path.stat().st_size - 10)
    with pytest.raises(StoreError, match=r"expected \d+ bytes, found \d+"):
        verify_scene(stored)
    with pytest.raises(StoreError, match="truncated"):
        open_scene(stored).scene.data.image("front", FRAMES - 1)


def test_a_chunk_that_the_shard_lacks_is_an_error(stored: Path) -> None:
    scene = open_scene(stored)  # ten blocks in shards of eight: the second shard has room for more
    assert scene.reader("lidars/lidar/source/xyz").locate(9)[2] > 0
    with pytest.raises(StoreError, match="chunk 10 to 10 is missing"):
        scene.reader("lidars/lidar/source/xyz").locate(10)


def test_another_layout_version_is_refused(stored: Path) -> None:
    path = stored / "zarr.json"
    header = json.loads(path.read_text())
    for version, fix in ((3, "use the newer program"), (0, "import the scene again"), ("two", "import")):
        header["attributes"]["worldline"]["version"] = version
        path.write_text(json.dumps(header))
        with pytest.raises(StoreError, match=rf"layout version {version}, this program knows 1 to 2\. {fix}"):
            open_scene(stored)
    path = stored / "manifest.json"
    path.write_text(path.read_text().replace('"version":2', '"version":3'))
    with pytest.raises(StoreError, match="layout version 3"):
        verify_scene(stored)
    path.write_text("not JSON")
    with pytest.raises(StoreError, match="not a manifest"):
        verify_scene(stored)


@pytest.mark.parametrize("module", ["settle_file", "settle_folder", "write_shard", "rename", "append", "resize"])
def test_a_failure_at_any_step_leaves_nothing_visible(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, module: str
) -> None:
    scene = street_scene(frame_count=FRAMES)
    calls = 0
    stop_at = 1

    def failing(real: Callable[..., object]) -> Callable[..., object]:
        def call(*args: object, **kwargs: object) -> object:
            nonlocal calls
            calls += 1
            if calls == stop_at:
                raise OSError(28, "No space left on device")
            return real(*args, **kwargs)

        return call

    if module in ("settle_file", "settle_folder"):
        real = failing(getattr(publish, module))
        for user in (publish, stage, ledger):
            monkeypatch.setattr(user, module, real, raising=False)
    elif module == "write_shard":
        real = failing(shard_writer.write_shard)
        for user in (clouds, footage):
            monkeypatch.setattr(user, module, real)
    elif module == "rename":
        monkeypatch.setattr(Path, "rename", failing(Path.rename))
    elif module == "append":
        monkeypatch.setattr(ledger.ProgressLog, "append", failing(ledger.ProgressLog.append))
    else:
        monkeypatch.setattr(stage.zarr.Array, "resize", failing(stage.zarr.Array.resize))
    failures = 0
    while True:
        calls = 0
        try:
            published = stage_scene(tmp_path, scene)
        except StoreError as error:
            assert "No space left" in str(error)
            assert is_empty(tmp_path / "scenes")
            failures += 1
            stop_at += 1 + stop_at // 3
            # A rename that fails while removing leaves the folder to `remove_abandoned`.
            remove_abandoned(tmp_path)
            assert is_empty(tmp_path / "staging")
        else:
            break
    assert failures
    monkeypatch.undo()
    verify_scene(published.path)


def test_a_source_that_fails_half_way_leaves_nothing(tmp_path: Path) -> None:
    scene = street_scene(frame_count=FRAMES)
    del scene.data.images["left", 9]  # type: ignore[attr-defined]
    with pytest.raises(KeyError):
        stage_scene(tmp_path, scene)
    assert is_empty(tmp_path / "scenes")
    assert is_empty(tmp_path / "staging")


WRITER = """
import sys
from pathlib import Path
from tests.scenes import street_scene
from worldline.formats.store import stage_scene
scene = street_scene(frame_count=40)
print("begin", flush=True)
for number in range(1000):
    object.__setattr__(scene, "name", f"scene{number}")
    print(stage_scene(Path(sys.argv[1]), scene).generation, flush=True)
"""


def test_a_killed_writer_leaves_whole_scenes_and_leftovers_that_are_known(tmp_path: Path) -> None:
    root = Path(__file__).resolve().parents[2]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(root), *sys.path])}
    for delay_s in (0.05, 0.31, 0.55):
        with subprocess.Popen(
            [sys.executable, "-c", WRITER, str(tmp_path)], env=environment, stdout=subprocess.PIPE, cwd=root
        ) as writer:
            assert writer.stdout is not None
            assert writer.stdout.readline() == b"begin\n"
            time.sleep(delay_s)
            writer.send_signal(signal.SIGKILL)
            acknowledged = writer.stdout.read().decode().split()
        for generation in acknowledged:
            assert (tmp_path / "scenes" / generation).is_dir()
        for path in (tmp_path / "scenes").glob("*"):
            verify_scene(path)
            open_scene(path)
        assert remove_abandoned(tmp_path) <= 1
        assert is_empty(tmp_path / "staging")


def test_a_staged_scene_of_a_living_writer_is_never_removed(tmp_path: Path) -> None:
    with StagedScene.create(tmp_path, street_scene()) as staged:
        assert remove_abandoned(tmp_path) == 0
        assert staged.path.is_dir()
    assert is_empty(tmp_path / "staging")


def test_a_scene_of_too_few_or_too_many_frames_is_not_published(tmp_path: Path) -> None:
    scene = street_scene(frame_count=4)
    with StagedScene.create(tmp_path, scene) as staged:
        for frame in range(3):
            staged.append_sweep("lidar", scene.data.sweep("lidar", frame))
        with pytest.raises(SceneError, match="sensor lidar has 3 of its 4 frames"):
            staged.publish()
        staged.append_sweep("lidar", scene.data.sweep("lidar", 3))
        with pytest.raises(SceneError, match="more sweeps than its clock's 4"):
            staged.append_sweep("lidar", scene.data.sweep("lidar", 3))
    assert is_empty(tmp_path / "scenes")


def test_frames_can_be_read_as_soon_as_they_are_ready(tmp_path: Path) -> None:
    scene = street_scene(frame_count=FRAMES)
    with StagedScene.create(tmp_path, scene) as staged:
        growing = open_staged(staged.path)
        assert (growing.state, growing.ready_frame_count, growing.frame_count) == ("growing", 0, FRAMES)
        assert growing.block_index("lidar").block_count == 0
        for frame in range(FRAMES):
            with pytest.raises(PendingFrameError):
                growing.image_bytes("left", frame)
            sweeps, images = frames_of(scene.data, frame)
            staged.write_frame(frame, sweeps, images)
            assert growing.refresh() == staged.ready_frame_count == 4 * ((frame + 1) // 4)
            for ready in range(growing.ready_frame_count):
                growing.scene.data.sweep("lidar", ready)
                assert growing.scene.data.image("left", ready) == scene.data.image("left", ready)
                assert growing.display_block("lidar", growing.blocks_of("lidar", ready)[0]).read()
        with pytest.raises(SceneError, match="expected frame 10 next, got 4"):
            staged.write_frame(4, {"lidar": scene.data.sweep("lidar", 4)}, {})
        assert growing.block_index("lidar").block_count == 8
        published = staged.publish()
    assert growing.refresh() == 8
    with pytest.raises(StoreError):
        growing.scene.data.sweep("lidar", 5)
    with pytest.raises(MissingFileError):
        open_staged(staged.path)
    assert open_scene(published.path).ready_frame_count == FRAMES
    # However it was staged, its content is the same scene.
    assert open_scene(published.path).scene.sensors == scene.sensors


def frames_of(data: object, frame: int) -> tuple[dict[str, Sweep], dict[str, EncodedImage]]:
    return (
        {"lidar": data.sweep("lidar", frame)},  # type: ignore[attr-defined]
        {name: data.image(name, frame) for name in ("front", "left")},  # type: ignore[attr-defined]
    )


def test_a_removed_scene_is_gone_at_once(stored: Path) -> None:
    remove_folder(stored)
    with pytest.raises(MissingFileError):
        open_scene(stored)
    remove_folder(stored)
