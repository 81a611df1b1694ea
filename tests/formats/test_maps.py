"""Maps: large point files become octrees, read in parts, and their coordinates keep the millimetre."""

from collections.abc import Callable
from pathlib import Path

import laspy
import numpy as np
import plyfile
import pytest
from scipy.spatial import cKDTree

from worldline.formats.errors import BrokenFileError
from worldline.formats.points import READER, parts
from worldline.formats.points.files import read_cloud
from worldline.formats.points.parts import is_large, open_cloud
from worldline.formats.points.survey import Survey, choose_origin
from worldline.formats.scene import Scene
from worldline.formats.store import StoredScene, open_scene, stage_scene
from worldline.formats.store.display import decode_block, dequantise

COUNT = 9000
UTM = np.array([500_000.0, 5_400_000.0, 300.0])


def coordinates(wide_m: float = 900.0) -> np.ndarray:
    """(N, 3) float64 whole millimetres of a map."""
    rng = np.random.default_rng(4)
    return np.round(UTM + rng.uniform(0, 1, (COUNT, 3)) * [wide_m, wide_m, 20], 3)


def write_las(path: Path, xyz: np.ndarray) -> None:
    header = laspy.LasHeader(point_format=3, version="1.2")
    header.scales, header.offsets = np.full(3, 0.001), UTM
    cloud = laspy.LasData(header)
    cloud.x, cloud.y, cloud.z = xyz.T
    cloud.intensity = (np.arange(len(xyz)) % 3000).astype(np.uint16)
    cloud.gps_time = np.arange(len(xyz), dtype=np.float64)
    cloud.write(str(path))


def write_ply(path: Path, xyz: np.ndarray) -> None:
    rows = np.zeros(
        len(xyz), dtype=[("x", "f8"), ("y", "f8"), ("z", "f8"), ("red", "u1"), ("green", "u1"), ("blue", "u1")]
    )
    rows["x"], rows["y"], rows["z"] = xyz.T
    rows["red"] = np.arange(len(xyz)) % 256
    plyfile.PlyData([plyfile.PlyElement.describe(rows, "vertex")], byte_order="<").write(str(path))


def write_pcd(path: Path, xyz: np.ndarray) -> None:
    header = (
        "# .PCD v0.7\nVERSION 0.7\nFIELDS x y z intensity\nSIZE 8 8 8 4\nTYPE F F F F\nCOUNT 1 1 1 1\n"
        f"WIDTH {len(xyz)}\nHEIGHT 1\nVIEWPOINT 0 0 0 1 0 0 0\nPOINTS {len(xyz)}\nDATA binary\n"
    )
    rows = np.zeros(len(xyz), dtype=[("xyz", "<f8", 3), ("i", "<f4")])
    rows["xyz"], rows["i"] = xyz, np.arange(len(xyz)) % 200
    path.write_bytes(header.encode() + rows.tobytes())


def write_npy(path: Path, xyz: np.ndarray) -> None:
    np.save(path, np.concatenate([xyz, np.arange(len(xyz), dtype=np.float64)[:, None] % 200], axis=1))


WRITERS: dict[str, Callable[[Path, np.ndarray], None]] = {
    "map.las": write_las,
    "map.laz": write_las,
    "map.ply": write_ply,
    "map.pcd": write_pcd,
    "map.npy": write_npy,
}


@pytest.fixture(autouse=True)
def small_is_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parts, "LARGE_POINTS", 2000)
    monkeypatch.setattr(parts, "PART_POINTS", 1700)


def imported(path: Path, data: Path) -> tuple[Scene, StoredScene]:
    (found,) = READER.read(path, "map")
    return found.scene, open_scene(stage_scene(data, found.scene).path)


@pytest.mark.parametrize("name", WRITERS)
def test_map_coordinates_keep_the_millimetre(tmp_path: Path, name: str) -> None:
    """From the file, through the store, to what a viewer and an annotation see."""
    exact = coordinates()
    WRITERS[name](tmp_path / name, exact)
    scene, stored = imported(tmp_path / name, tmp_path / "data")
    assert stored.document.lidars[0].has_octree
    assert stored.document.world_origin_m == scene.world_origin_m == (500_000.0, 5_400_000.0, 0.0)
    origin = np.asarray(stored.document.world_origin_m)

    source = stored.scene.data.sweep("lidar", 0)
    assert len(source) == COUNT
    from_utm = source.xyz_m.astype(np.float64) + (origin - UTM)
    away, which = cKDTree(exact - UTM).query(from_utm)
    assert sorted(which.tolist()) == list(range(COUNT))
    assert away.max() < 0.0005

    blocks = stored.blocks_of("lidar", 0)
    shown = []
    for block in blocks:
        grid, count = stored.grid_of("lidar", block)
        points = decode_block(stored.display_block("lidar", block).read(), count, "meshopt")
        shown.append(dequantise(points, grid).astype(np.float32))  # a viewer's numbers are float32 from the origin
    # A node of 1 km has steps of 15.6 mm; those that have no node below them are as fine as a millimetre.
    steps = max(stored.grid_of("lidar", block)[0].scale_m for block in blocks)
    assert np.abs(np.concatenate(shown) - source.xyz_m).max() <= steps / 2 + 0.0005


@pytest.mark.parametrize("name", WRITERS)
def test_parts_are_the_file(tmp_path: Path, name: str) -> None:
    WRITERS[name](tmp_path / name, coordinates())
    assert is_large(tmp_path / name)
    whole, cut = read_cloud(tmp_path / name), list(open_cloud(tmp_path / name).parts())
    assert len(cut) == -(-COUNT // 1700)
    assert np.array_equal(np.concatenate([part.xyz_m for part in cut]), whole.xyz_m)
    for field, values in whole.fields.items():
        assert np.array_equal(np.concatenate([part.fields[field] for part in cut]), values), field
    assert cut[0].left_out == whole.left_out


def test_fields_stay_with_their_points(tmp_path: Path) -> None:
    exact = coordinates()
    write_las(tmp_path / "map.las", exact)
    _, stored = imported(tmp_path / "map.las", tmp_path / "data")
    sweep = stored.scene.data.sweep("lidar", 0)
    number = sweep.fields["gps_time"].astype(int)
    assert sorted(number.tolist()) == list(range(COUNT))
    assert np.abs(sweep.xyz_m + np.asarray(stored.scene.world_origin_m) - exact[number]).max() < 0.0005
    assert np.array_equal(sweep.fields["intensity"], (number % 3000).astype(np.uint16))


def test_a_kitti_file_of_many_points_is_a_map(tmp_path: Path) -> None:
    points = np.random.default_rng(1).normal(0, 20, (5000, 4)).astype(np.float32)
    points.tofile(tmp_path / "cloud.bin")
    _, stored = imported(tmp_path / "cloud.bin", tmp_path / "data")
    assert stored.document.lidars[0].has_octree
    assert len(stored.scene.data.sweep("lidar", 0)) == 5000


def test_a_map_that_ends_too_early_is_refused(tmp_path: Path) -> None:
    for name, write in WRITERS.items():
        write(tmp_path / name, coordinates())
        data = (tmp_path / name).read_bytes()
        (tmp_path / name).write_bytes(data[: len(data) * 2 // 3])
        with pytest.raises(BrokenFileError, match=r"promises|expected|cannot|truncated|not what"):
            list(READER.read(tmp_path / name, "map"))


def test_a_point_without_a_place_is_told(tmp_path: Path) -> None:
    exact = coordinates()
    exact[5] = np.nan
    write_pcd(tmp_path / "map.pcd", exact)
    (found,) = READER.read(tmp_path / "map.pcd", "map")
    assert [(loss.what, loss.count) for loss in found.skipped] == [("points without a return", 1)]
    exact[5] = np.inf
    write_pcd(tmp_path / "map.pcd", exact)
    with pytest.raises(BrokenFileError, match="finite"):
        list(READER.read(tmp_path / "map.pcd", "map"))


def test_the_origin_of_a_wide_map_is_in_its_middle() -> None:
    def origin(low: list[float], high: list[float]) -> tuple[float, float, float]:
        return choose_origin(Survey(9, np.array(low), np.array(high), True, (), {}))

    assert origin([500_010, 5_400_020, 3], [500_900, 5_401_000, 40]) == (500_000, 5_400_000, 0)
    assert origin([500_000, 5_400_000, 3], [512_000, 5_400_900, 40]) == (506_000, 5_400_000, 0)


def test_frames_of_a_folder_are_octrees_each(tmp_path: Path) -> None:
    folder = tmp_path / "frames"
    folder.mkdir()
    for frame in range(3):
        write_las(folder / f"{frame}.las", coordinates() + np.array([0, 0, frame]))
    _, stored = imported(folder, tmp_path / "data")
    heights = [float(stored.scene.data.sweep("lidar", frame).xyz_m[:, 2].mean()) for frame in range(3)]
    assert np.allclose(np.diff(heights), 1.0, atol=1e-3)
