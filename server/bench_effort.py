"""The benchmark of effort over a scene: every rule of labelling on every object; see ``docs/effort.md``."""

import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, TypeAlias

import numpy as np

from worldline.tracking.effort import Hand, Outcome, Target
from worldline.tracking.effort_ours import label_with_tool
from worldline.tracking.effort_rules import FILLS, label_by_copying, label_by_interpolation, label_frame_by_frame
from worldline.tracking.effort_solve import label_by_solving

from .benching import Stage, Tell
from .solving import SPARSE_S, spacing_s

OURS = "ours"
FRAME_BY_FRAME = "frame by frame"
COPY_FORWARD = "copy forward"
OURS_CARRIED = "ours, propagation only"
RULES = (FRAME_BY_FRAME, COPY_FORWARD, *FILLS, OURS_CARRIED, OURS)

DISTANCES_M = (20.0, 40.0)
SPEEDS_MPS = (3.0, 10.0)
POINT_COUNTS = (5, 20, 100)

Groups: TypeAlias = dict[str, dict[str, list[int]]]
"""Numbers of targets by what they are grouped by and the group's name."""


@dataclass(frozen=True, slots=True)
class EffortReport:
    """What every rule cost.

    Attributes:
        stage: The scene.
        seed: Of clicks and hands.
        outcomes: By rule, one an object in the order of the stage's targets.
        seconds: How long each rule took, the annotator's own judging included.
    """

    stage: Stage
    seed: int
    outcomes: Mapping[str, tuple[Outcome, ...]]
    seconds: Mapping[str, float]

    def groups(self) -> Groups:
        """Which objects belong together: all, by motion, class, distance, speed and points."""
        stage = self.stage
        groups: Groups = {"all": {"all": list(range(len(stage.targets)))}}
        for number, target in enumerate(stage.targets):
            distance_m, speed_mps = float(np.median(stage.distance_m(target))), stage.speed_mps(target)
            count = float(np.median(target.point_counts))
            motion = "static" if target.is_still else "moving"
            for by, name in (
                ("motion", motion),
                ("class", target.class_name),
                ("class and motion", f"{target.class_name}, {motion}"),
                ("distance", band(distance_m, DISTANCES_M, " m")),
                ("speed", motion if target.is_still else band(speed_mps, SPEEDS_MPS, " m/s")),
                ("points", band(count, POINT_COUNTS, " points")),
            ):
                groups.setdefault(by, {}).setdefault(name, []).append(number)
        return {by: dict(sorted(named.items(), key=lambda each: _order(each[0]))) for by, named in groups.items()}

    def summary(self, numbers: Sequence[int]) -> dict[str, Any]:
        """What a group of objects cost by each rule."""
        targets = [self.stage.targets[number] for number in numbers]
        object_frames = sum(len(target.frames) for target in targets)
        ours = [self.outcomes[OURS][number] for number in numbers]
        our_actions = sum(each.actions for each in ours)
        rules = {}
        for rule in RULES:
            outcomes = [self.outcomes[rule][number] for number in numbers]
            actions = sum(each.actions for each in outcomes)
            rules[rule] = {
                "actions": actions,
                "looked": sum(each.looked for each in outcomes),
                "commands": sum(each.commands for each in outcomes),
                "actions_per_object_frame": actions / object_frames,
                "object_frames_per_action": object_frames / actions,
                "times_ours": actions / our_actions,
                "one_action_share": float(np.mean([each.actions == 1 for each in outcomes])),
            }
        causes: Counter[str] = Counter()
        for each in ours:
            causes.update(each.causes)
        return {
            "objects": len(targets),
            "object_frames": object_frames,
            "rules": rules,
            "tool_seconds": sum(each.seconds for each in ours),
            "causes": dict(causes.most_common()),
        }

    def document(self) -> dict[str, Any]:
        """All of it as JSON."""
        stage = self.stage
        objects = [
            {
                "id": target.object_id,
                "class_name": target.class_name,
                "object_frames": len(target.frames),
                "is_still": target.is_still,
                "actions": {rule: self.outcomes[rule][number].actions for rule in RULES},
                "causes": dict(self.outcomes[OURS][number].causes),
            }
            for number, target in enumerate(stage.targets)
        ]
        return {
            "scene": stage.name,
            "revision": stage.revision,
            "seed": self.seed,
            "click_points": stage.targets[0].click_points,
            "frame_count": stage.frame_count,
            "left_out_count": stage.left_out_count,
            "seconds": dict(self.seconds),
            "groups": {
                by: {name: self.summary(numbers) for name, numbers in named.items()}
                for by, named in self.groups().items()
            },
            "objects": objects,
        }


def measure_effort(stage: Stage, seed: int, tell: Tell) -> EffortReport:
    """Let the annotator label every object by every rule.

    Args:
        stage: The scene.
        seed: Of clicks and hands; the same seed gives the same figures.
        tell: Told how many objects are done, by all rules together.
    """
    ride, tool = stage.tool.ride, stage.tool
    is_sparse = spacing_s(ride.clock_ns) > SPARSE_S  # the tool refuses to solve there: carry from frame to frame

    def label_ours(target: Target, hand: Hand) -> Outcome:
        return label_with_tool(target, tool, hand) if is_sparse else label_by_solving(target, stage.solver, hand)

    label: dict[str, Callable[[Target, Hand], Outcome]] = {
        FRAME_BY_FRAME: lambda target, _: label_frame_by_frame(target),
        COPY_FORWARD: lambda target, hand: label_by_copying(target, ride, hand),
        OURS_CARRIED: lambda target, hand: label_with_tool(target, tool, hand, may_interpolate=False),
        OURS: label_ours,
    }
    for rule, fill in FILLS.items():
        label[rule] = lambda target, hand, fill=fill: label_by_interpolation(target, fill, ride, hand)  # type: ignore[misc]
    outcomes, seconds, done = {}, {}, 0
    for rule in RULES:
        begun = time.perf_counter()
        made = []
        for target in stage.targets:
            made.append(label[rule](target, Hand(seed, target.object_id)))
            done += 1
            tell(done, len(RULES) * len(stage.targets))
        outcomes[rule], seconds[rule] = tuple(made), time.perf_counter() - begun
    return EffortReport(stage, seed, MappingProxyType(outcomes), MappingProxyType(seconds))


def band(value: float, edges: Iterable[float], unit: str) -> str:
    """The name of the interval between two edges that holds a value, its lower end included."""
    low: float = 0
    for edge in edges:
        if value < edge:
            return f"{low:g}-{edge:g}{unit}"
        low = edge
    return f"{low:g}{unit} and more"


def _order(name: str) -> tuple[int, float, str]:
    """Intervals by their lower end, other names before them by letter."""
    digits = name.split("-")[0].split(" ")[0]
    return (1, float(digits), name) if digits.isdigit() else (0, 0.0, name)
