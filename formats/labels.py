"""Labels: the objects of a scene, their tracks, and the regions nobody may judge.

The same labels have two forms: the values here, and a map from path to JSON value, which is
what the journal stores and the viewer speaks (`documents` turns one into the other).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from worldline.geometry import Box
from worldline.tracking import Track
from worldline.tracking.track import AttributeValue

from .errors import LabelError

LARGEST_NUMBER = 999_999_999
"""Of an object's number, and of KITTI's track ids and frames: more is a mistake."""


@dataclass(frozen=True, slots=True)
class SceneObject:
    """One thing in the scene, whatever shapes show it.

    Attributes:
        id: Unique in the scene; a source's own id is kept where it has one.
        class_name: A class of the label schema.
        number: Short number for people, unique in the scene.
        attributes: What never changes over time.
    """

    id: str
    class_name: str
    number: int
    attributes: Mapping[str, AttributeValue] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True)
class IgnoreRegion:
    """A part of an image that nobody labelled and no evaluation may count (KITTI's DontCare).

    Attributes:
        sensor: The camera.
        frame: Index on the camera's clock.
        box: Where.
    """

    sensor: str
    frame: int
    box: Box


@dataclass(frozen=True, slots=True)
class Labels:
    """All that was labelled in a scene, in the order of the ids.

    Raises:
        LabelError: An id or a number stands twice, or a track's object does not exist.
    """

    objects: tuple[SceneObject, ...] = ()
    tracks: tuple[Track, ...] = ()
    ignore_regions: tuple[IgnoreRegion, ...] = ()

    def __post_init__(self) -> None:
        """Bring everything into one order and check ids."""
        objects = tuple(sorted(self.objects, key=lambda each: each.id))
        tracks = tuple(sorted(self.tracks, key=lambda each: each.id))
        regions = tuple(
            sorted(
                self.ignore_regions,
                key=lambda r: (r.sensor, r.frame, r.box.left_px, r.box.top_px, r.box.right_px, r.box.bottom_px),
            )
        )
        object.__setattr__(self, "objects", objects)
        object.__setattr__(self, "tracks", tracks)
        object.__setattr__(self, "ignore_regions", regions)
        ids = [each.id for each in objects]
        numbers = [each.number for each in objects]
        if len(set(ids)) < len(ids) or len(set(numbers)) < len(numbers):
            raise LabelError("object ids and numbers must be unique in a scene")
        if len({track.id for track in tracks}) < len(tracks):
            raise LabelError("track ids must be unique in a scene")
        known = set(ids)
        for track in tracks:
            if track.object_id not in known:
                raise LabelError(f"track {track.id} belongs to object {track.object_id}, which does not exist")

    def object_of(self, track: Track) -> SceneObject:
        """The object whose path a track is."""
        return next(each for each in self.objects if each.id == track.object_id)

    def tracks_of(self, object_id: str) -> Iterator[Track]:
        """The tracks of an object."""
        return (track for track in self.tracks if track.object_id == object_id)
