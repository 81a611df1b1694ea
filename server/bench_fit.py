"""The benchmark of fitting over a scene: one click on each object, ours beside two plain fits."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from worldline.geometry import Cuboid, FitError, SizePrior
from worldline.geometry.overlap import overlap_3d, overlap_bev
from worldline.geometry.pose import Vector
from worldline.tracking.effort import HEADLESS_CLASSES, LOOSE_CLASSES, Hand, Target, turned
from worldline.tracking.effort_ours import find_click

from .assist import FitPlace, fit_points
from .bench_effort import POINT_COUNTS, band
from .benching import Stage, Tell
from .plain_fits import cluster_at, fit_least_area, fit_open3d

FEWEST_POINTS = 5
"""Frames in which an object has fewer are not clicked in."""

HIGH_IOU, LOW_IOU = 0.7, 0.5
OURS = "ours"
FITTERS = (OURS, "least area", "open3d oriented bounding box")


@dataclass(frozen=True, slots=True)
class Click:
    """One click and what each fit made of it.

    Attributes:
        target: The object.
        index: Into the target's frames.
        found: By fitter the overlap from above, in space, and how far the heading is off (rad); None: no fit.
        seconds: By fitter.
    """

    target: Target
    index: int
    found: dict[str, tuple[float, float, float] | None]
    seconds: dict[str, float]


@dataclass(frozen=True, slots=True)
class FitReport:
    """What every fit made of every click.

    Attributes:
        stage: The scene.
        seed: Of the clicks.
        clicks: One or more an object.
    """

    stage: Stage
    seed: int
    clicks: tuple[Click, ...]

    def groups(self) -> dict[str, dict[str, list[Click]]]:
        """Which clicks belong together: vehicles with 20 points or more and the like, by class, by points."""
        groups: dict[str, dict[str, list[Click]]] = {}
        for click in self.clicks:
            count = int(click.target.point_counts[click.index])
            kind = "people and cycles" if click.target.class_name in LOOSE_CLASSES else "vehicles and other"
            names = [
                ("kind", kind),
                ("class", click.target.class_name),
                ("points", band(count, POINT_COUNTS, " points")),
            ]
            if count >= POINT_COUNTS[1]:
                names.append(("kind", f"{kind}, {POINT_COUNTS[1]} points or more"))
            for by, name in names:
                groups.setdefault(by, {}).setdefault(name, []).append(click)
        return {by: dict(sorted(named.items())) for by, named in groups.items()}

    def document(self) -> dict[str, Any]:
        """All of it as JSON."""
        return {
            "scene": self.stage.name,
            "revision": self.stage.revision,
            "seed": self.seed,
            "click_count": len(self.clicks),
            "groups": {
                by: {name: {each: summarise(clicks, each) for each in FITTERS} for name, clicks in named.items()}
                for by, named in self.groups().items()
            },
        }


def summarise(clicks: Sequence[Click], fitter: str) -> dict[str, float | int | None]:
    """What a fitter made of clicks; a click that it could not fit counts as overlap 0."""
    found = [click.found[fitter] for click in clicks]
    bev, space = (np.array([each[axis] if each else 0.0 for each in found]) for axis in (0, 1))
    headed = [
        each[2]
        for click, each in zip(clicks, found, strict=True)
        if each and click.target.class_name not in HEADLESS_CLASSES
    ]
    off_deg = np.degrees(headed)
    spent_ms = np.array([click.seconds[fitter] for click in clicks]) * 1e3
    return {
        "clicks": len(clicks),
        "unfitted": sum(each is None for each in found),
        "bev_iou_mean": float(bev.mean()),
        "iou_3d_mean": float(space.mean()),
        "bev_07_share": float((bev >= HIGH_IOU).mean()),
        "iou_3d_07_share": float((space >= HIGH_IOU).mean()),
        "iou_3d_05_share": float((space >= LOW_IOU).mean()),
        "axis_off_median_deg": float(np.median(np.minimum(off_deg, 180 - off_deg))) if headed else None,
        "heading_off_median_deg": float(np.median(off_deg)) if headed else None,
        "flipped_share": float((off_deg > 90).mean()) if headed else None,
        "p50_ms": float(np.median(spent_ms)),
        "p99_ms": float(np.quantile(spent_ms, 0.99)),
    }


def measure_fits(stage: Stage, seed: int, clicks_each: int, tell: Tell) -> FitReport:
    """Click on every object in frames chosen at random among those with `FEWEST_POINTS` points.

    Args:
        stage: The scene.
        seed: Of frames and clicks.
        clicks_each: How many frames of each object, as far as it has so many.
        tell: Told how many objects are done.
    """
    clicks: list[Click] = []
    is_warm = False
    for done, target in enumerate(stage.targets):
        tell(done, len(stage.targets))
        random = Hand(seed, target.object_id).random
        enough = np.flatnonzero(target.point_counts >= FEWEST_POINTS)
        for index in random.permutation(enough)[:clicks_each].tolist():
            point = find_click(target, index, stage.tool.sweeps, random)
            if not is_warm:  # imports and compiled code are loaded before time is taken
                _click(stage, target, index, point)
                is_warm = True
            clicks.append(_click(stage, target, index, point))
    tell(len(stage.targets), len(stage.targets))
    return FitReport(stage, seed, tuple(clicks))


def _click(stage: Stage, target: Target, index: int, point_m: Vector) -> Click:
    frame = int(target.frames[index])
    clouds = stage.clouds
    points, ground = clouds.level_points(frame), clouds.level_ground(frame)
    level_from_world = clouds.level_at(frame).inverse()
    x, y, z = level_from_world.apply(np.array(point_m)).tolist()
    known = stage.schema.find_class(target.class_name)
    prior = SizePrior(known.size_m, known.spread_m)
    truth = target.cuboid(index).moved(level_from_world)

    def plain(fit: Callable[..., Cuboid]) -> Cuboid:
        own = cluster_at(points, ground, (x, y, z), prior)
        below = ground.heights_m(own)
        ground_m = float(np.nanmedian(below)) if np.isfinite(below).any() else float(own[:, 2].min())
        return fit(own, ground_m)

    fits: dict[str, Callable[[], Cuboid]] = {
        OURS: lambda: fit_points(points, ground, FitPlace(target.class_name, (x, y, z)), known).cuboid,
        "least area": lambda: plain(fit_least_area),
        "open3d oriented bounding box": lambda: plain(fit_open3d),
    }
    found: dict[str, tuple[float, float, float] | None] = {}
    seconds = {}
    for name, fit in fits.items():
        begun = time.perf_counter()
        try:
            cuboid = fit()
        except FitError:
            found[name] = None
        else:
            off_rad = float(turned(np.array([cuboid.yaw_rad]), truth.yaw_rad)[0])
            found[name] = (overlap_bev(cuboid, truth), overlap_3d(cuboid, truth), off_rad)
        seconds[name] = time.perf_counter() - begun
    return Click(target, index, found, seconds)
