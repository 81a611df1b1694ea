"""Points in cuboids, rotated overlap and suppression, beside numpy, open3d and shapely in the same run.

The cloud is a simulated sweep, so that the program runs anywhere, and a real one where it is at hand: they
differ in the order of their points. What threads would gain is printed too: the kernels run on one.

Run: python benchmarks/kernels.py
"""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import shapely
import shapely.affinity
from project import SHARED_DATA, machine
from timing import best_ms, print_ratio

from worldline.formats.synthetic import SimulationOptions, simulate_scene
from worldline.geometry import (
    Cuboid,
    PointGrid,
    Pose,
    inside_mask,
    overlap_matrix_bev,
    overlap_rows,
    points_inside,
    suppress,
)
from worldline.geometry.crop import move_points

SCAN = SHARED_DATA / "kitti_tracking_0001" / "training" / "velodyne" / "0001" / "000354.bin"


def main() -> None:
    """Print the figures."""
    scene = simulate_scene("street", SimulationOptions(duration_s=4, columns=2048, cameras=False))
    points = scene.data.sweep("lidar", 0).xyz_m
    rng = np.random.default_rng(1)
    cuboids = [
        Cuboid(
            Pose.from_yaw(float(rng.uniform(-3, 3)), (float(rng.uniform(-40, 40)), float(rng.uniform(-20, 20)), -1.0)),
            (4.2, 1.8, 1.6),
        )
        for _ in range(100)
    ]
    print(machine())
    print(f"simulated sweep: {len(points)} points, {len(cuboids)} cuboids")
    count_inside(points, cuboids)
    if SCAN.exists():
        points = np.fromfile(SCAN, dtype=np.float32).reshape(-1, 4)[:, :3].copy()
        print(f"real sweep: {len(points)} points, {len(cuboids)} cuboids")
        count_inside(points, cuboids)
    overlap(cuboids)
    strike_out(rng)


def count_inside(points: np.ndarray, cuboids: list[Cuboid]) -> None:
    """Points in 100 cuboids."""
    import open3d as o3d

    cloud = o3d.utility.Vector3dVector(points.astype(np.float64))
    boxes = [o3d.geometry.OrientedBoundingBox(c.center_m, c.pose.rotation, c.size_m) for c in cuboids]

    def by_numpy() -> list[int]:
        return [int(contains_by_numpy(points, cuboid).sum()) for cuboid in cuboids]

    def by_open3d() -> list[int]:
        return [len(box.get_point_indices_within_bounding_box(cloud)) for box in boxes]

    ours = points_inside(points, cuboids)
    assert ours.tolist() == by_numpy()
    print_ratio(
        "points in 100 cuboids",
        best_ms(lambda: points_inside(points, cuboids)),
        others := {"numpy": best_ms(by_numpy, 2), "open3d": best_ms(by_open3d, 2)},
    )
    grid = PointGrid.from_points(points)
    assert grid.counts(cuboids).tolist() == ours.tolist()
    print_ratio("  of that, building the grid", best_ms(lambda: PointGrid.from_points(points)), {})
    print_ratio("  asking a grid that is kept", best_ms(lambda: grid.counts(cuboids)), others)
    print_ratio(
        "points within 8 m, moved to another frame",
        best_ms(lambda: grid.crop((10.0, 5.0, 0.0), 8.0, Pose())),
        {"looking at every point": best_ms(lambda: move_points(points, Pose(), (10.0, 5.0, 0.0), 8.0))},
    )
    print_ratio(
        "points in one cuboid",
        best_ms(lambda: inside_mask(points, cuboids[0])),
        {"numpy": best_ms(lambda: contains_by_numpy(points, cuboids[0]))},
    )


def contains_by_numpy(points: np.ndarray, cuboid: Cuboid) -> np.ndarray:
    """What one would write without kernels."""
    own = (points - np.array(cuboid.center_m)) @ cuboid.pose.rotation
    return (np.abs(own) <= np.array(cuboid.size_m) / 2).all(axis=1)


def overlap(cuboids: list[Cuboid]) -> None:
    """Rotated overlap of 100 with 100."""
    rows = overlap_rows(cuboids)
    shapes = [shapely.Polygon(cuboid.corners()[:4, :2]) for cuboid in cuboids]

    def by_shapely() -> np.ndarray:
        return np.array([[a.intersection(b).area / a.union(b).area for b in shapes] for a in shapes])

    assert np.abs(overlap_matrix_bev(rows, rows) - by_shapely()).max() < 1e-9
    print_ratio(
        "overlap in bird's-eye view, 100 x 100",
        best_ms(lambda: overlap_matrix_bev(rows, rows)),
        {"shapely": best_ms(by_shapely, 1)},
    )

    many = np.tile(rows, (10, 1)) + np.random.default_rng(2).normal(0, 1, (1000, 7)) * [1, 1, 1, 0, 0, 0, 1]
    with ThreadPoolExecutor(2) as pool:
        print_ratio(
            "overlap in bird's-eye view, 1000 x 1000",
            best_ms(lambda: overlap_matrix_bev(many, many)),
            {
                "on two threads": best_ms(
                    lambda: list(pool.map(lambda a: overlap_matrix_bev(a, many), (many[:500], many[500:])))
                )
            },
        )


def strike_out(rng: np.random.Generator) -> None:
    """Non-maximum suppression of ten detections around each of a hundred objects."""
    places = np.repeat(rng.uniform(-60, 60, (100, 2)), 10, axis=0) + rng.normal(0, 0.3, (1000, 2))
    rows = np.column_stack([places, np.full(1000, -1.0), np.tile([4.2, 1.8, 1.6], (1000, 1)), rng.normal(0, 0.1, 1000)])
    scores = rng.random(1000)
    shapes = [shapely.box(-2.1, -0.9, 2.1, 0.9) for _ in rows]
    shapes = [
        shapely.affinity.translate(shapely.affinity.rotate(shape, row[6], use_radians=True), row[0], row[1])
        for shape, row in zip(shapes, rows, strict=True)
    ]

    def by_shapely() -> list[int]:
        kept: list[int] = []
        for i in np.argsort(-scores, kind="stable").tolist():
            tree = (shapes[k] for k in kept if shapes[k].intersects(shapes[i]))
            if all(each.intersection(shapes[i]).area <= 0.5 * each.union(shapes[i]).area for each in tree):
                kept.append(i)
        return kept

    assert suppress(rows, scores, 0.5).tolist() == by_shapely()
    print_ratio(
        "suppression of 1000 cuboids", best_ms(lambda: suppress(rows, scores, 0.5)), {"shapely": best_ms(by_shapely, 1)}
    )


if __name__ == "__main__":
    main()
