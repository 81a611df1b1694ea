"""Which cuboids stand in each frame, between keyframes as on them: what every writer writes."""

from dataclasses import dataclass

from worldline.geometry import Cuboid, Pose
from worldline.tracking import Track, poses_at

from .report import Losses
from .scene import Scene


@dataclass(frozen=True, slots=True)
class PresentCuboid:
    """A track's cuboid in a frame.

    Attributes:
        track: Whose it is.
        cuboid: In the world.
    """

    track: Track
    cuboid: Cuboid


def cuboids_by_frame(scene: Scene, losses: Losses) -> dict[int, list[PresentCuboid]]:
    """Frame to the cuboids that stand in it, in order of the objects' numbers.

    Args:
        scene: Its labels and clock.
        losses: Told of a second cuboid of one object in one frame, which is left out, and of frames past the end.
    """
    numbers = {each.id: each.number for each in scene.labels.objects}
    tracks = [track for track in scene.labels.tracks if track.kind == "cuboid" and track.keyframes]
    tracks.sort(key=lambda track: (numbers[track.object_id], track.id))
    frames: dict[int, list[PresentCuboid]] = {}
    taken: set[tuple[str, int]] = set()
    for track in tracks:
        asked = [frame for span in track.spans for frame in range(span.start, min(span.end, scene.frame_count))]
        poses = poses_at(track, asked, scene.clock.time_ns)
        for frame, (x, y, z), (w, qx, qy, qz) in zip(
            asked, poses.centers_m.tolist(), poses.rotations_wxyz.tolist(), strict=True
        ):
            if (track.object_id, frame) in taken:
                losses.add("second cuboids", "an object has one cuboid in a frame")
                continue
            taken.add((track.object_id, frame))
            if track.size_m is not None:
                pose = Pose((w, qx, qy, qz), (x, y, z))
                frames.setdefault(frame, []).append(PresentCuboid(track, Cuboid(pose, track.size_m)))
    return frames
