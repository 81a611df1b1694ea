"""Octrees: the nodes are the cloud, coarse ones first, whatever the memory."""

import math
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial import cKDTree

from tests.formats.clouds import clock_of
from worldline.formats.errors import MissingFrameError, SceneError
from worldline.formats.merged import MergedData
from worldline.formats.scene import Lidar, Scene, Sweep
from worldline.formats.store import StoredScene, open_scene, stage_scene, verify_scene
from worldline.formats.store.display import FINEST_MAP_M, decode_block, dequantise
from worldline.formats.store.octree import Tree, build_tree
from worldline.formats.store.octree.reading import points_in_box, stored_nodes
from worldline.geometry import Pose


def surface(count: int, seed: int, wide_m: float = 100.0) -> Sweep:
    """A hilly ground with a wall, and what each point is called."""
    rng = np.random.default_rng(seed)
    x, y = rng.uniform(0, wide_m, (2, count))
    z = np.where(rng.random(count) < 0.2, rng.uniform(0, 8, count), 2 * np.sin(x / 9))
    xyz = np.stack([x, np.where(z > 2, 40.0, y), z], axis=1).astype(np.float32)
    fields = {
        "intensity": rng.integers(0, 900, count).astype(np.uint16),
        "name": np.arange(count, dtype=np.int64) + seed * 10**6,
        "rgb": rng.integers(0, 256, (count, 3)).astype(np.uint8),
    }
    return Sweep(xyz, fields)


def as_set(sweeps: list[Sweep]) -> np.ndarray:
    """All points as rows of bytes, sorted: a multiset."""
    rows = [
        np.concatenate(
            [np.ascontiguousarray(values).view(np.uint8).reshape(len(each), -1) for values in columns_of(each)], axis=1
        )
        for each in sweeps
        if len(each)
    ]
    flat = np.concatenate(rows) if rows else np.empty((0, 1), np.uint8)
    return np.sort(flat.view([("row", "V", flat.shape[1])]).reshape(-1).view(f"S{flat.shape[1]}"))


def columns_of(sweep: Sweep) -> list[np.ndarray]:
    return [sweep.xyz_m, *(sweep.fields[name] for name in sorted(sweep.fields))]


def nodes_of(tree: Tree) -> list[Sweep]:
    return [tree.points(node) for node in range(len(tree))]


@pytest.mark.parametrize("memory_bytes", [1 << 10, 64 << 20])
def test_every_point_is_in_exactly_one_node(tmp_path: Path, memory_bytes: int) -> None:
    parts = [surface(3000, seed) for seed in range(5)]
    with build_tree(parts, tmp_path, memory_bytes=memory_bytes, node_points=500) as tree:
        found = nodes_of(tree)
        assert max(map(len, found)) <= 500
        assert len(tree) > 30
        assert np.array_equal(as_set(found), as_set(parts))
        assert tree.largest_intensity == max(int(part.fields["intensity"].max()) for part in parts)
    assert list(tmp_path.iterdir()) == []


def test_little_memory_gives_the_same_tree(tmp_path: Path) -> None:
    parts = [surface(4000, seed) for seed in range(3)]
    with (
        build_tree(parts, tmp_path, memory_bytes=1 << 10, node_points=300) as small,
        build_tree(parts, tmp_path, memory_bytes=1 << 30, node_points=300) as large,
    ):
        assert np.array_equal(small.table.size_m, large.table.size_m)
        assert np.array_equal(small.table.corner_m, large.table.corner_m)
        for ours, theirs in zip(nodes_of(small), nodes_of(large), strict=True):
            assert np.array_equal(as_set([ours]), as_set([theirs]))


def test_points_lie_in_their_node_and_nodes_in_their_parent(tmp_path: Path) -> None:
    with build_tree([surface(20000, 1)], tmp_path, node_points=700) as tree:
        table = tree.table
        for node in range(len(tree)):
            low, high = table.corner_m[node], table.corner_m[node] + table.size_m[node]
            xyz = tree.points(node).xyz_m
            assert ((xyz >= low) & (xyz < high)).all()
            above = int(table.parent[node])
            assert above < node
            if above >= 0:
                assert table.level[node] == table.level[above] + 1
                assert (low >= table.corner_m[above]).all()
                assert (high <= table.corner_m[above] + table.size_m[above]).all()
        assert table.parent[0] == -1
        assert (table.parent[1:] >= 0).all()


def test_coarse_levels_cover_the_cloud(tmp_path: Path) -> None:
    """Of a node and those above it: no point in its cube is farther than the cells on the way down allow."""
    cloud = surface(30000, 3)
    with build_tree([cloud], tmp_path, node_points=800) as tree:
        table = tree.table
        has_children = np.isin(np.arange(len(tree)), table.parent)
        for node in np.flatnonzero(has_children)[:40].tolist():
            shown, above = [tree.points(node).xyz_m], int(table.parent[node])
            while above >= 0:
                shown.append(tree.points(above).xyz_m)
                above = int(table.parent[above])
            low, high = table.corner_m[node], table.corner_m[node] + table.size_m[node]
            inside = cloud.xyz_m[((cloud.xyz_m >= low) & (cloud.xyz_m < high)).all(axis=1)]
            away, _ = cKDTree(np.concatenate(shown)).query(inside)
            below = table.spacing_m[node] + _deepest_m(tree, node)
            assert away.max() <= math.sqrt(3) * below + 1e-6


def _deepest_m(tree: Tree, node: int) -> float:
    inner = [child for child in np.flatnonzero(tree.table.parent == node) if (tree.table.parent == child).any()]
    return max((float(tree.table.spacing_m[child]) + _deepest_m(tree, int(child)) for child in inner), default=0.0)


@given(data=st.data(), count=st.integers(0, 400), memory_bytes=st.sampled_from([1, 1 << 30]))
@settings(max_examples=25)
def test_any_cloud_becomes_a_tree(tmp_path_factory: pytest.TempPathFactory, data, count: int, memory_bytes: int):
    scale = data.draw(st.sampled_from([0.0, 1e-6, 1.0, 1e5, 1e8]))
    seed = data.draw(st.integers(0, 1000))
    rng = np.random.default_rng(seed)
    xyz = (rng.normal(0, 1, (count, 3)) * scale + data.draw(st.sampled_from([0.0, -3.0, 5e5]))).astype(np.float32)
    xyz[rng.random(count) < 0.5] = xyz[0] if count else 0
    cloud = Sweep(xyz, {"name": np.arange(count)})
    with build_tree([cloud], tmp_path_factory.mktemp("t"), memory_bytes=memory_bytes, node_points=30) as tree:
        found = nodes_of(tree)
        assert np.array_equal(as_set(found), as_set([cloud]))
        assert max(map(len, found)) <= 30


def test_thinning_keeps_one_point_of_each_voxel(tmp_path: Path) -> None:
    cloud = surface(20000, 5, 20.0)
    for memory_bytes in (1, 1 << 30):
        with build_tree([cloud], tmp_path, memory_bytes=memory_bytes, node_points=500, voxel_m=0.5) as tree:
            kept = np.concatenate([each.xyz_m for each in nodes_of(tree)])
            corner, side = tree.table.corner_m[0], tree.table.size_m[0]
        cell = side / 2 ** math.ceil(math.log2(side / 0.5))
        cells = {tuple(row) for row in ((cloud.xyz_m - corner) // cell).astype(int).tolist()}
        assert len(kept) == len(cells) == len({tuple(row) for row in ((kept - corner) // cell).astype(int).tolist()})


def test_parts_with_other_fields_are_refused(tmp_path: Path) -> None:
    other = Sweep(np.zeros((3, 3), np.float32), {"ring": np.zeros(3)})
    with pytest.raises(SceneError, match="a part of the cloud has the fields ring"):
        build_tree([surface(10, 1), other], tmp_path)
    with pytest.raises(SceneError, match="one part at least"):
        build_tree([], tmp_path)
    assert list(tmp_path.iterdir()) == []


MEASURE = """
import resource, sys
from pathlib import Path
import numpy as np
from worldline.formats.scene import Sweep
from worldline.formats.store.octree import build_tree

def parts(count):
    for seed in range(count):
        rng = np.random.default_rng(seed)
        xyz = rng.uniform(0, 500, (200_000, 3)).astype(np.float32)
        xyz[:, 2] /= 100
        yield Sweep(xyz, {"a": np.zeros((200_000, 4)), "b": np.zeros((200_000, 4))})

build_tree(parts(1), Path(sys.argv[1]), memory_bytes=16 << 20).close()
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
with build_tree(parts(int(sys.argv[2])), Path(sys.argv[1]), memory_bytes=48 << 20) as tree:
    assert sum(tree.count(node) for node in range(len(tree))) == 200_000 * int(sys.argv[2])
print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) << 10)
"""


def test_memory_does_not_grow_with_the_cloud(tmp_path: Path) -> None:
    """A cloud of 380 MB in a budget of 48 MB: the rest is a part, a piece being sorted, and the grids."""
    command = [sys.executable, "-c", MEASURE, str(tmp_path), "25"]
    answer = subprocess.run(command, capture_output=True, text=True, check=True)
    assert int(answer.stdout) < 170 << 20, f"{int(answer.stdout) >> 20} MB"


# ---- stored


def map_scene(parts: list[Sweep]) -> Scene:
    def again() -> Iterator[Sweep]:
        return iter(parts)

    lidar = Lidar("merged", Pose(), clock_of(1), (Pose(),), tuple(parts[0].fields))
    return Scene("map", (lidar,), "merged", MergedData(again))


@pytest.fixture(scope="module")
def stored_map(tmp_path_factory: pytest.TempPathFactory) -> tuple[StoredScene, list[Sweep]]:
    parts = [surface(60000, seed) for seed in range(4)]
    published = stage_scene(tmp_path_factory.mktemp("map"), map_scene(parts))
    assert verify_scene(published.path) > 0
    return open_scene(published.path), parts


def test_a_stored_octree_is_the_cloud(stored_map: tuple[StoredScene, list[Sweep]]) -> None:
    stored, parts = stored_map
    data = stored.scene.data
    assert np.array_equal(as_set([data.sweep("merged", 0)]), as_set(parts))
    assert np.array_equal(as_set(list(data.sweep_parts("merged", 0))), as_set(parts))  # type: ignore[attr-defined]
    table, first = stored_nodes(stored, "merged", 0)
    assert (first, len(table)) == (0, stored.block_index("merged").block_count)
    assert stored.document.lidars[0].has_octree


def test_a_box_is_read_as_if_from_the_whole_cloud(stored_map: tuple[StoredScene, list[Sweep]]) -> None:
    stored, parts = stored_map
    low, high = np.array([30.0, 35.0, -5.0]), np.array([42.0, 44.0, 5.0])
    found = points_in_box(stored, "merged", 0, low, high)
    whole = np.concatenate([part.xyz_m for part in parts])
    expected = whole[((whole >= low) & (whole <= high)).all(axis=1)]
    assert len(expected) > 1000
    assert np.array_equal(np.sort(found.view("f4,f4,f4").ravel()), np.sort(expected.view("f4,f4,f4").ravel()))


def test_display_blocks_are_fine_where_nodes_are_small(stored_map: tuple[StoredScene, list[Sweep]]) -> None:
    stored, _ = stored_map
    table, first = stored_nodes(stored, "merged", 0)
    for node in range(len(table)):
        grid, count = stored.grid_of("merged", first + node)
        shown = decode_block(stored.display_block("merged", first + node).read(), count, "meshopt")
        source = stored.scene.data.block_points("merged", first + node)  # type: ignore[attr-defined]
        assert grid.scale_m <= max(FINEST_MAP_M, table.size_m[node] / 65532)
        assert np.abs(dequantise(shown, grid) - source).max() <= grid.scale_m / 2 + 1e-9


def test_a_lidar_without_octrees_says_so(tmp_path: Path) -> None:
    from tests.scenes import street_scene

    stored = open_scene(stage_scene(tmp_path, street_scene(frame_count=4)).path)
    assert not stored.document.lidars[0].has_octree
    with pytest.raises(MissingFrameError, match="no octrees"):
        stored_nodes(stored, "lidar", 0)
