"""Point files are read whole and exactly, as independent readers read them."""

import contextlib
import struct
from collections.abc import Callable
from pathlib import Path

import laspy
import numpy as np
import plyfile
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.formats.clouds import assert_same_sweep
from tests.shared_data import shared_data
from worldline.formats.errors import BrokenFileError, FormatError, MissingFileError, SceneError
from worldline.formats.points import READER, read_cloud
from worldline.formats.points.files import natural_key
from worldline.formats.registry import ReadScene, find_format
from worldline.formats.report import Loss
from worldline.formats.store import open_scene, stage_scene

RANDOM = np.random.default_rng(5)
XYZ = RANDOM.normal(0, 20, (700, 3)).astype(np.float32)
INTENSITY = RANDOM.integers(0, 256, 700).astype(np.float32)


def read_one(path: Path) -> ReadScene:
    (found,) = READER.read(path, "cloud")
    return found


def write_with_open3d(path: Path, *, text: bool = False, packed: bool = False) -> Path:
    o3d = pytest.importorskip("open3d")
    cloud = o3d.t.geometry.PointCloud(o3d.core.Tensor(XYZ))
    cloud.point["intensity"] = o3d.core.Tensor(INTENSITY.reshape(-1, 1))
    assert o3d.t.io.write_point_cloud(str(path), cloud, write_ascii=text, compressed=packed)
    return path


def read_with_open3d(path: Path) -> dict[str, np.ndarray]:
    o3d = pytest.importorskip("open3d")
    cloud = o3d.t.io.read_point_cloud(str(path))
    columns = {name: cloud.point[name].numpy() for name in cloud.point}
    answered = ~np.isnan(columns["positions"]).any(axis=1)
    return {name: values[answered] for name, values in columns.items()}


@pytest.mark.parametrize(("text", "packed"), [(True, False), (False, False), (False, True)])
def test_pcd_written_by_open3d_is_read_exactly(tmp_path: Path, text: bool, packed: bool) -> None:
    cloud = read_cloud(write_with_open3d(tmp_path / "a.pcd", text=text, packed=packed))
    tolerance = 1e-5 if text else 0  # open3d writes ten digits
    assert np.allclose(cloud.xyz_m, XYZ, rtol=0, atol=tolerance)
    assert np.allclose(cloud.fields["intensity"], INTENSITY, rtol=0, atol=tolerance)


@pytest.mark.parametrize("text", [True, False])
def test_ply_written_by_open3d_is_read_exactly(tmp_path: Path, text: bool) -> None:
    cloud = read_cloud(write_with_open3d(tmp_path / "a.ply", text=text))
    tolerance = 1e-5 if text else 0  # open3d writes six digits
    assert np.allclose(cloud.xyz_m, XYZ, rtol=tolerance, atol=tolerance)
    assert np.allclose(cloud.fields["intensity"], INTENSITY, rtol=0, atol=tolerance)


REAL = [
    "pcd_ply_las_e57/open3d_ml/fragment.pcd",
    "pcd_ply_las_e57/pcl/bun0.pcd",
    "pcd_ply_las_e57/pcl/car6.pcd",
    "pcd_ply_las_e57/pcl/colored_cloud.pcd",
    "pcd_ply_las_e57/pcl/five_people.pcd",
    "pcd_ply_las_e57/pcl/milk_cartoon_all_small_clorox.pcd",
    "pcd_ply_las_e57/labelcloud/exemplary.ply",
    "pcd_ply_las_e57/small_gicp/source.ply",
]


@pytest.mark.parametrize("name", REAL)
def test_real_files_are_read_as_open3d_reads_them(name: str) -> None:
    path = shared_data(*name.split("/"))
    cloud = read_cloud(path)
    referee = read_with_open3d(path)
    assert len(cloud.xyz_m) > 300
    assert np.array_equal(cloud.xyz_m, referee["positions"])
    if "colors" in referee and referee["colors"].dtype == np.uint8:
        color = cloud.fields["rgb"] if "rgb" in cloud.fields else cloud.fields["rgba"][:, :3]
        assert np.array_equal(color, referee["colors"])
    if "intensity" in referee:
        assert np.array_equal(cloud.fields["intensity"], referee["intensity"][:, 0])


@pytest.mark.parametrize(
    "name", ["autzen_trim.laz", "plane.laz", "simple.copc.laz", "simple1_4.las", "vegetation_1_3.las"]
)
def test_real_las_files_keep_every_dimension(tmp_path: Path, name: str) -> None:
    path = shared_data("pcd_ply_las_e57", "laspy", name)
    found = read_one(path)
    assert found.skipped == ()
    sweep = found.scene.data.sweep("lidar", 0)
    las = laspy.read(str(path))
    exact = np.stack([las.x, las.y, las.z], axis=1)
    assert np.abs(sweep.xyz_m + np.asarray(found.scene.world_origin_m) - exact).max() <= 5e-4
    for dimension in las.point_format.dimension_names:
        if dimension in ("red", "green", "blue"):
            column = sweep.fields["rgb"][:, ["red", "green", "blue"].index(dimension)]
        elif dimension not in ("X", "Y", "Z"):
            column = sweep.fields[dimension]
        else:
            continue
        assert np.array_equal(column, las[dimension])
    stored = open_scene(stage_scene(tmp_path, found.scene).path)
    assert_same_sweep(stored.scene.data.sweep("lidar", 0), sweep)
    assert stored.scene.world_origin_m == found.scene.world_origin_m


def test_a_real_file_with_padding_is_read_by_its_columns() -> None:
    # open3d crashes on it. What its header calls timestamp and ring is not: they are read as the header says.
    path = shared_data("sustechpoints_example", "lidar", "000950.pcd")
    data = path.read_bytes()
    kinds = {"xyz": "3<f4", "a": "V4", "intensity": "<f4", "time": "<f8", "b": "V6", "ring": "<u2", "c": "V12"}
    start = data.index(b"DATA binary\n") + len(b"DATA binary\n")
    rows = np.frombuffer(data, np.dtype(list(kinds.items())), count=68242, offset=start)
    cloud = read_cloud(path)
    assert np.array_equal(cloud.xyz_m, rows["xyz"])
    assert np.array_equal(cloud.fields["intensity"], rows["intensity"])
    assert cloud.fields["timestamp"].tobytes() == rows["time"].tobytes()
    assert np.array_equal(cloud.fields["ring"], rows["ring"])


def test_a_folder_of_real_sweeps_is_one_scene(tmp_path: Path) -> None:
    found = read_one(shared_data("sustechpoints_example", "lidar"))
    assert found.scene.clock.names == ("000950", "000965", "000970", "000975")
    assert found.scene.clock.time_ns.tolist() == [0, 100_000_000, 200_000_000, 300_000_000]
    assert set(found.scene.lidars[0].fields) == {"intensity", "timestamp", "ring"}
    stored = open_scene(stage_scene(tmp_path, found.scene).path)
    for frame in range(4):
        assert_same_sweep(stored.scene.data.sweep("lidar", frame), found.scene.data.sweep("lidar", frame))


def test_real_kitti_scans_are_read_exactly() -> None:
    path = next(iter(sorted(shared_data("kitti_tracking_0001", "training", "velodyne").rglob("*.bin"))))
    cloud = read_cloud(path)
    values = np.fromfile(path, "<f4").reshape(-1, 4)
    assert np.array_equal(cloud.xyz_m, values[:, :3])
    assert np.array_equal(cloud.fields["intensity"], values[:, 3])


def pcd(rows: np.ndarray, encoding: str, header: str) -> bytes:
    text = f"# .PCD v0.7\nVERSION 0.7\n{header}WIDTH {len(rows)}\nHEIGHT 1\nPOINTS {len(rows)}\nDATA {encoding}\n"
    return text.encode() + rows.tobytes()


PADDED = np.dtype([("x", "<f8"), ("pad", "V3"), ("y", "<f4"), ("z", "<i2"), ("t", "<u8"), ("n", "<f4", (3,))])
PADDED_HEADER = (
    "FIELDS x _ y z t normal\nSIZE 8 1 4 2 8 4\nTYPE F U F I U F\nCOUNT 1 3 1 1 1 3\nVIEWPOINT 1 0 0 1 0 0 0\n"
)


def test_pcd_fields_of_any_type_and_padding_are_kept(tmp_path: Path) -> None:
    rows = np.zeros(5, PADDED)
    rows["x"], rows["y"], rows["z"] = np.arange(5) / 3, np.nan, 7
    rows["y"][[0, 2, 4]] = 1.5
    rows["t"] = 2**63 + np.arange(5, dtype=np.uint64)
    rows["n"] = RANDOM.normal(size=(5, 3))
    path = tmp_path / "a.pcd"
    path.write_bytes(pcd(rows, "binary", PADDED_HEADER))
    found = read_one(path)
    sweep = found.scene.data.sweep("lidar", 0)
    kept = rows[[0, 2, 4]]
    assert np.array_equal(sweep.fields["t"], kept["t"])
    assert np.array_equal(sweep.fields["normal"], kept["n"])
    assert np.array_equal(sweep.xyz_m[:, 0], kept["x"].astype(np.float32))
    assert Loss("points without a return", 2, "their coordinates are not numbers") in found.skipped
    assert "viewpoint of a cloud" in {loss.what for loss in found.skipped}


def test_map_coordinates_keep_millimetres(tmp_path: Path) -> None:
    exact = np.array([[636001.123, 848935.456, 12.5], [636101.789, 848999.001, 13.25]])
    vertices = np.zeros(2, [("x", "<f8"), ("y", "<f8"), ("z", "<f8")])
    for column, axis in enumerate("xyz"):
        vertices[axis] = exact[:, column]
    path = tmp_path / "map.ply"
    plyfile.PlyData([plyfile.PlyElement.describe(vertices, "vertex")]).write(str(path))
    scene = read_one(path).scene
    assert scene.world_origin_m == (636000.0, 848900.0, 0.0)
    assert np.abs(scene.data.sweep("lidar", 0).xyz_m + np.asarray(scene.world_origin_m) - exact).max() < 5e-4


def test_a_mesh_is_read_as_its_vertices_and_says_what_was_left_out(tmp_path: Path) -> None:
    vertices = np.zeros(3, [("x", ">f4"), ("y", ">f4"), ("z", ">f4"), ("red", "u1"), ("green", "u1"), ("blue", "u1")])
    vertices["green"] = [1, 2, 3]
    faces = np.array([([0, 1, 2],)], dtype=[("vertex_indices", "i4", (3,))])
    elements = [plyfile.PlyElement.describe(vertices, "vertex"), plyfile.PlyElement.describe(faces, "face")]
    path = tmp_path / "mesh.ply"
    plyfile.PlyData(elements, byte_order=">").write(str(path))
    found = read_one(path)
    assert found.skipped == (Loss("faces of a mesh", 1, "a cloud has no place for it"),)
    assert found.scene.data.sweep("lidar", 0).fields["rgb"].tolist() == [[0, 1, 0], [0, 2, 0], [0, 3, 0]]


@pytest.mark.parametrize("order", ["C", "F"])
def test_npy_of_any_numbers_is_read(tmp_path: Path, order: str) -> None:
    values = np.asarray(RANDOM.normal(size=(9, 6)), order=order)  # type: ignore[call-overload]
    np.save(tmp_path / "a.npy", values)
    cloud = read_cloud(tmp_path / "a.npy")
    assert np.array_equal(cloud.xyz_m, values[:, :3])
    assert set(cloud.fields) == {"intensity", "column_4", "column_5"}
    table = np.zeros(4, [("z", "f4"), ("y", "f4"), ("x", "f4"), ("ring", "u2")])
    table["x"], table["ring"] = 3, 9
    np.save(tmp_path / "b.npy", table)
    cloud = read_cloud(tmp_path / "b.npy")
    assert cloud.xyz_m.tolist() == [[3, 0, 0]] * 4
    assert cloud.fields["ring"].dtype == np.uint16


def test_nuscenes_sweeps_have_a_ring(tmp_path: Path) -> None:
    values = RANDOM.normal(size=(8, 5)).astype("<f4")
    values.tofile(tmp_path / "1531281439800013.pcd.bin")
    found = read_one(tmp_path)
    assert found.scene.lidars[0].fields == ("intensity", "ring")
    assert found.scene.clock.time_ns.tolist() == [1531281439800013000]
    assert np.array_equal(found.scene.data.sweep("lidar", 0).fields["ring"], values[:, 4])


@given(st.lists(st.integers(0, 10**6), min_size=1, max_size=8, unique=True))
def test_files_are_sorted_as_a_person_would(numbers: list[int]) -> None:
    paths = [Path(f"frame{number}.bin") for number in numbers]
    assert sorted(paths, key=natural_key) == [Path(f"frame{number}.bin") for number in sorted(numbers)]


def test_names_that_are_times_become_the_clock(tmp_path: Path) -> None:
    for name in ("1700000000000000123", "1700000000100000456"):
        XYZ[:4].tofile(tmp_path / f"{name}.bin")
    assert read_one(tmp_path).scene.clock.time_ns.tolist() == [1700000000000000123, 1700000000100000456]


def test_files_that_do_not_belong_together_are_an_error(tmp_path: Path) -> None:
    np.save(tmp_path / "a.npy", XYZ)
    np.save(tmp_path / "b.npy", np.zeros((4, 4), np.float32))
    with pytest.raises(BrokenFileError, match=r"its fields \(intensity float32\) are not those of a\.npy \(none\)"):
        read_one(tmp_path)
    XYZ[:4].tofile(tmp_path / "c.bin")
    with pytest.raises(BrokenFileError, match="several kinds"):
        read_one(tmp_path)


def test_other_files_in_the_folder_are_counted(tmp_path: Path) -> None:
    XYZ[:4].tofile(tmp_path / "c.bin")
    (tmp_path / "notes.txt").write_text("hello")
    assert [(loss.what, loss.count) for loss in read_one(tmp_path).skipped] == [("other files in the folder", 1)]


def test_what_is_not_there_is_an_error(tmp_path: Path) -> None:
    for path in (tmp_path / "nothing", tmp_path):
        assert not READER.recognise(path)
        with pytest.raises(MissingFileError):
            read_one(path)
    XYZ[:4].tofile(tmp_path / "c.bin")
    data = read_one(tmp_path).scene.data
    for call in (
        lambda: data.sweep("lidar", 1),
        lambda: data.image("lidar", 0),
        lambda: data.stream("lidar"),
        lambda: data.packets("lidar"),
    ):
        with pytest.raises(SceneError):
            call()


def test_the_registry_knows_it() -> None:
    assert find_format("points").reader is READER


Change = Callable[[bytes], bytes]


def replace(old: bytes, new: bytes) -> Change:
    def change(data: bytes) -> bytes:
        assert old in data
        return data.replace(old, new)

    return change


def cut(data: bytes) -> bytes:
    return data[:-3]


def las_file(path: Path) -> Path:
    header = laspy.LasHeader(point_format=3, version="1.2")
    header.scales, header.offsets = np.full(3, 0.001), XYZ.min(axis=0).astype(float)
    las = laspy.LasData(header)
    las.x, las.y, las.z = XYZ.T.astype(float)
    las.write(str(path))
    return path


def huge_pcd(data: bytes) -> bytes:
    return data.replace(b"WIDTH 700\n", b"WIDTH 70000000000\n").replace(b"POINTS 700\n", b"POINTS 70000000000\n")


BROKEN: list[tuple[str, str, Change]] = [
    ("a.pcd", "promises 70000000000", huge_pcd),
    ("a.pcd", "promises 700 points", cut),
    ("a.pcd", "expected 700 points in", lambda data: data + b"more"),
    ("a.pcd", "expected a PCD header", lambda _: b"this is no cloud\n" * 9),
    ("a.pcd", "ends with DATA", lambda data: data[:60]),
    ("a.pcd", "expected the fields x, y, z", replace(b"FIELDS x y z", b"FIELDS x y y")),
    ("a.pcd", "no such type", replace(b"TYPE F F F", b"TYPE F F Q")),
    ("a.pcd", "whole numbers after SIZE", replace(b"SIZE 4 4 4", b"SIZE 4 4 -4")),
    ("a.pcd", "expected DATA", replace(b"DATA binary", b"DATA zipped")),
    ("a.pcd", "found POINTS 699", replace(b"POINTS 700", b"POINTS 699")),
    ("text.pcd", "expected 700 points, found 699 lines", lambda data: data[: data.rstrip().rfind(b"\n") + 1]),
    ("text.pcd", "line 711: .*numbers a line", lambda data: data[:-20] + b"abc\n"),
    ("packed.pcd", "truncated", cut),
    ("packed.pcd", "damaged", lambda data: data[:-400] + bytes([255]) * 400),
    ("a.ply", "promises 90000000000 vertices", replace(b"element vertex 700", b"element vertex 90000000000")),
    ("a.ply", "promises 700 vertices", cut),
    ("a.ply", "expected the word ply", lambda _: b"hello\n"),
    ("a.ply", "no end_header", lambda data: data[: data.index(b"end_header")]),
    ("a.ply", "not a line of a PLY header", replace(b"end_header\n", b"comment \n")),
    ("a.ply", "properties x, y, z", replace(b" z\n", b" w\n")),
    ("a.ply", "expected 11200 bytes of vertices, found 11204", lambda data: data + b"more"),
    ("text.ply", "expected 700 lines", lambda data: data + b"1 2 3\n"),
    ("a.ply", "expected the format ascii", replace(b"binary_little_endian", b"sideways")),
    ("text.ply", "not what its header says", lambda data: data[: len(data) // 2]),
    ("a.las", "promises 700 points", cut),
    ("a.las", "begins with LASF", lambda _: b"hello\n" * 99),
    ("a.las", "truncated in its header: 50 bytes", lambda data: data[:50]),
    ("a.las", "records cannot fit", lambda data: data[:100] + b"\xff\xff\xff\xff" + data[104:]),
    ("a.las", "promises 4294967295 points", lambda data: data[:107] + b"\xff\xff\xff\xff" + data[111:]),
    ("a.laz", "cannot be|truncated|expected", cut),
    ("a.laz", "truncated", lambda data: data[: len(data) // 2]),
    ("a.laz", "cannot be|expected", lambda data: data[:107] + b"\xff\xff\xff\xff" + data[111:]),
    ("a.bin", "multiple of 16 bytes, found 8397", cut),
    ("a.bin", r"finite coordinates, found \(nan", lambda data: b"\0\0\xc0\x7f" + data[4:]),
    ("a.bin", r"finite coordinates, found \(inf", lambda data: b"\0\0\x80\x7f" + data[4:]),
    ("a.bin", "farther than any map", lambda data: struct.pack("<f", 1e30) + data[4:]),
    ("a.bin", "text", lambda _: b"1.0 2.0 3.0 4.0\n" * 8),
    ("a.npy", "farther than any map", lambda data: data[:-4] + struct.pack("<f", -1e9)),
    ("a.npy", "expected 8400 bytes", cut),
    ("a.npy", "expected 8400 bytes", lambda data: data + b"\0"),
    ("a.npy", "npy header", lambda _: b"hello"),
    ("a.npy", "npy header", lambda data: data[:6] + b"\1\0v\0\0" + data[11:128]),
    ("a.npy", r"shape \(N, 3 or more\)", replace(b"(700, 3)", b"(2100,) ")),
]


def good_file(path: Path) -> Path:
    text = path.stem == "text"
    if path.suffix in (".pcd", ".ply"):
        return write_with_open3d(path, text=text, packed=path.stem == "packed")
    if path.suffix in (".las", ".laz"):
        return las_file(path)
    if path.suffix == ".npy":
        np.save(path, XYZ)
    else:
        XYZ.tofile(path)
    return path


@pytest.mark.parametrize(("name", "message", "change"), BROKEN)
def test_a_broken_file_is_one_clear_error(tmp_path: Path, name: str, message: str, change: Change) -> None:
    path = good_file(tmp_path / name)
    read_one(path)
    path.write_bytes(change(path.read_bytes()))
    with pytest.raises(BrokenFileError, match=message) as caught:
        read_one(path)
    assert str(path) in str(caught.value)


@pytest.mark.parametrize("name", ["a.pcd", "a.ply", "a.las", "a.laz", "a.bin", "a.npy"])
def test_an_empty_file_is_an_error(tmp_path: Path, name: str) -> None:
    (tmp_path / name).touch()
    with pytest.raises(BrokenFileError, match="empty"):
        read_one(tmp_path / name)


def test_a_las_file_cut_off_behind_its_points_is_an_error(tmp_path: Path) -> None:
    data = shared_data("pcd_ply_las_e57", "laspy", "simple1_4.las").read_bytes()
    path = tmp_path / "a.las"
    for count in (1, 100, 200):
        path.write_bytes(data[:-count])
        with pytest.raises(BrokenFileError, match=r"truncated|cannot fit"):
            read_one(path)


def test_infinite_points_of_a_pcd_are_an_error(tmp_path: Path) -> None:
    rows = np.zeros((3, 3), "<f4")
    rows[1, 2] = np.inf
    path = tmp_path / "a.pcd"
    path.write_bytes(pcd(rows, "binary", "FIELDS x y z\nSIZE 4 4 4\nTYPE F F F\nCOUNT 1 1 1\n"))
    with pytest.raises(BrokenFileError, match=r"point 1: expected finite coordinates, found \(0, 0, inf\)"):
        read_one(path)


GOOD = ["a.pcd", "text.pcd", "packed.pcd", "a.ply", "text.ply", "a.las", "a.laz", "a.npy"]


@pytest.fixture(scope="module")
def good_bytes(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    folder = tmp_path_factory.mktemp("good")
    return {name: good_file(folder / name).read_bytes() for name in GOOD}


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(name=st.sampled_from(GOOD), data=st.data())
def test_any_damage_is_read_or_refused_and_nothing_else(
    good_bytes: dict[str, bytes], tmp_path: Path, name: str, data: st.DataObject
) -> None:
    damaged = bytearray(good_bytes[name])
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, min(len(damaged) - 1, 400)) | st.integers(0, len(damaged) - 1))
        damaged[place] = data.draw(st.integers(0, 255))
    path = tmp_path / name
    path.write_bytes(damaged[: data.draw(st.integers(1, len(damaged)))])
    with contextlib.suppress(FormatError):
        read_cloud(path)
