"""What an import may do with what it read before it is stored: estimate ego poses, link cuboids into tracks."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import TypeAlias

from worldline.formats.ego_poses import EGO_POSES, UNKNOWN, estimate_ego_poses, estimate_method, lacks_ego_poses
from worldline.formats.linking import link_labels
from worldline.formats.registry import ReadScene
from worldline.formats.report import Loss
from worldline.formats.scene import Scene

Tell: TypeAlias = Callable[[str, int, int], None]
"""Told what is being done, how much of it is done, and of how much."""

_POSES = "ego poses"
GIVEN = "given"


@dataclass(frozen=True, slots=True)
class Preparation:
    """What to do.

    Attributes:
        estimate_poses: Give scenes without ego poses estimated ones.
        link: Link cuboids that are seen in one frame only into tracks.
    """

    estimate_poses: bool = False
    link: bool = False

    def prepare(self, sequences: Iterable[ReadScene], tell: Tell) -> Iterator[ReadScene]:
        """Each sequence, prepared.

        Raises:
            OdometryError, SceneError: Poses were to be estimated, and cannot be.
            AssociationError: Cuboids were to be linked, and there are none.
        """
        for each in sequences:
            sequence = self._with_poses(each, tell) if self.estimate_poses and lacks_ego_poses(each.scene) else each
            if self.link:
                linked = link_labels(sequence.scene)
                sequence = replace(sequence, scene=replace(sequence.scene, labels=linked.labels))
            yield sequence

    def _with_poses(self, sequence: ReadScene, tell: Tell) -> ReadScene:
        name = f"{sequence.scene.name}: ego poses"
        estimated = estimate_ego_poses(sequence.scene, lambda done, total: tell(name, done, total))
        kept = tuple(loss for loss in sequence.skipped if loss.what != _POSES)
        return ReadScene(estimated.scene, (*kept, *estimated.notes))


def ego_poses_of(scene: Scene) -> str:
    """Where a scene's ego poses are from: `GIVEN`, ``unknown``, or ``estimated (<library>)``."""
    if estimate_method(scene.meta) is not None:
        return str(scene.meta[EGO_POSES])
    return UNKNOWN if lacks_ego_poses(scene) else GIVEN


def estimated_losses(scene: Scene) -> tuple[Loss, ...]:
    """What an export says of estimated poses: no format says that they are."""
    method = estimate_method(scene.meta)
    if method is None:
        return ()
    why = f"they are estimated by {method} from the lidar, which the format does not say"
    return (Loss("the origin of ego poses", scene.frame_count, why),)
