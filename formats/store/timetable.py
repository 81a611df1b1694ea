"""When and where a stored sensor saw its frames: times, names, poses, and which frame belongs to which.

| array | rows |
|---|---|
| ``clocks/<sensor>`` | int64: nanoseconds |
| ``names/<sensor>`` | uint8 (F, L): the source's own name of each frame, UTF-8, zeros at its end |
| ``poses/<sensor>`` | float64 (F, 7): ``world_from_sensor`` |
| ``matches/<sensor>`` | int64 (R,): the sensor's frame nearest to each frame of the reference |
"""

from collections.abc import Callable, Iterator, Sequence
from typing import overload

import numpy as np
import zarr
from numpy.typing import NDArray

from worldline.formats.errors import SceneError, StoreError
from worldline.formats.scene import Clock, Sensor
from worldline.geometry import GeometryError, Pose
from worldline.geometry.arrays import Float64s, Int64s

from .columns import Column, HeldColumn, PageCache, PagedColumn
from .layout import index_array, node_name
from .place import AGAIN, Place
from .readiness import nearest_frames

_MOST_NAME_BYTES = 1000


class Timetable:
    """One sensor's frames, read page by page. Safe to share between threads.

    Attributes:
        frame_count: How many there are.
    """

    def __init__(
        self, node: str, frame_count: int, times: Column, poses: Column, names: Column, matches: Column
    ) -> None:
        """Use `paged_timetable` or `held_timetable`."""
        self.frame_count = frame_count
        self._node = node
        self._times, self._poses, self._names, self._matches = times, poses, names, matches

    def times(self, start: int, stop: int) -> Int64s:
        """(n,) int64 Nanoseconds of the frames from one to another.

        Raises:
            StoreError: They are damaged.
        """
        times = self._times.rows(start, stop)
        if (np.diff(times) <= 0).any():
            raise StoreError("the times of a clock do not increase", place=f"clocks/{self._node}", fix=AGAIN)
        return times

    def poses(self, start: int, stop: int) -> Float64s:
        """(n, 7) float64 ``world_from_sensor``: quaternion scalar first, then metres."""
        return self._poses.rows(start, stop)

    def names(self, start: int, stop: int) -> list[str]:
        """The source's own names of the frames from one to another.

        Raises:
            StoreError: They are damaged.
        """
        try:
            return [bytes(row).rstrip(b"\0").decode() for row in self._names.rows(start, stop)]
        except UnicodeDecodeError as error:
            raise StoreError("a frame's name is not UTF-8", place=f"names/{self._node}", fix=AGAIN) from error

    def matches(self, start: int, stop: int) -> Int64s:
        """(n,) int64 The sensor's frame nearest to each reference frame; -1 where it has none."""
        return self._matches.rows(start, stop)

    def pose(self, frame: int) -> Pose:
        """Where the sensor stood.

        Raises:
            StoreError: It is damaged.
        """
        w, x, y, z, tx, ty, tz = self.poses(frame, frame + 1)[0].tolist()
        try:
            return Pose((w, x, y, z), (tx, ty, tz))
        except GeometryError as error:
            raise StoreError(f"pose {frame}: {error}", place=f"poses/{self._node}", fix=AGAIN) from error


class StoredClock(Clock):
    """A clock whose times and names are read when somebody asks for all of them."""

    def __init__(self, table: Timetable) -> None:
        """The clock of a timetable."""
        object.__setattr__(self, "_table", table)
        object.__setattr__(self, "_known", {})

    @property
    def time_ns(self) -> Int64s:
        """(F,) int64."""
        return self._once("time_ns", lambda: self._table.times(0, len(self)))

    @property
    def names(self) -> tuple[str, ...]:
        """(F,) The source's own frame names; nothing keeps them."""
        return tuple(self._table.names(0, len(self)))

    def __len__(self) -> int:
        """How many frames."""
        return self._table.frame_count

    _table: Timetable
    _known: dict[str, Int64s]

    def _once(self, name: str, read: Callable[[], Int64s]) -> Int64s:
        found = self._known.get(name)
        if found is None:
            found = self._known[name] = read()
            found.setflags(write=False)
        return found


class StoredPoses(Sequence[Pose]):
    """``world_from_sensor`` of each frame, read when asked for."""

    def __init__(self, table: Timetable) -> None:
        """The poses of a timetable."""
        self._table = table

    def __len__(self) -> int:
        """How many frames."""
        return self._table.frame_count

    @overload
    def __getitem__(self, index: int) -> Pose: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[Pose, ...]: ...
    def __getitem__(self, index: int | slice) -> Pose | tuple[Pose, ...]:
        """The pose of a frame, or of several."""
        frames = range(len(self))[index]
        if isinstance(frames, range):
            return tuple(self._table.pose(frame) for frame in frames)
        return self._table.pose(frames)

    def __iter__(self) -> Iterator[Pose]:
        """All of them."""
        return (self._table.pose(frame) for frame in range(len(self)))

    def __eq__(self, other: object) -> bool:
        """Same poses, in whatever sequence."""
        if not isinstance(other, Sequence) or len(self) != len(other):
            return False
        return all(a == b for a, b in zip(self, other, strict=True))

    def __hash__(self) -> int:
        """Of all of them, as a tuple's."""
        return hash(tuple(self))


def write_timetable(group: zarr.Group, sensor: Sensor, reference: Clock) -> int:
    """Write a sensor's frames.

    Returns:
        Bytes of the longest name.

    Raises:
        SceneError: A name is too long or has a zero byte.
    """
    node = node_name(sensor.name)
    clock = sensor.clock
    poses = [(*pose.rotation_wxyz, *pose.translation_m) for pose in sensor.world_from_sensor]
    index_array(group, f"clocks/{node}", clock.time_ns)
    index_array(group, f"poses/{node}", np.array(poses, dtype=np.float64).reshape(-1, 7))
    if len(clock):
        index_array(group, f"matches/{node}", nearest_frames(clock, reference.time_ns))
    coded = [name.encode() for name in clock.names]
    width = max((len(name) for name in coded), default=1) or 1
    if width > _MOST_NAME_BYTES or any(b"\0" in name for name in coded):
        raise SceneError(
            f"sensor {sensor.name}: a frame's name is longer than {_MOST_NAME_BYTES} bytes, or has a zero byte"
        )
    packed = b"".join(name.ljust(width, b"\0") for name in coded)
    index_array(group, f"names/{node}", np.frombuffer(packed, dtype=np.uint8).reshape(-1, width))
    return width


def paged_timetable(
    place: Place, name: str, frame_count: int, name_bytes: int, reference_count: int, cache: PageCache
) -> Timetable:
    """The timetable of a sensor in the store."""
    node = node_name(name)
    matches: Column = HeldColumn(np.full(reference_count, -1, dtype=np.int64))
    if frame_count:
        matches = PagedColumn(place, f"matches/{node}", reference_count, "int64", cache)
    return Timetable(
        node,
        frame_count,
        PagedColumn(place, f"clocks/{node}", frame_count, "int64", cache),
        PagedColumn(place, f"poses/{node}", frame_count, "float64", cache, (7,)),
        PagedColumn(place, f"names/{node}", frame_count, "uint8", cache, (name_bytes,)),
        matches,
    )


def held_timetable(name: str, clock: Clock, poses: NDArray[np.float64], reference: Clock) -> Timetable:
    """The timetable of a sensor whose frames are in memory, as those of layout version 1."""
    coded = [each.encode() for each in clock.names]
    width = max((len(each) for each in coded), default=1) or 1
    packed = np.frombuffer(b"".join(each.ljust(width, b"\0") for each in coded), np.uint8).reshape(-1, width)
    matches = nearest_frames(clock, reference.time_ns) if len(clock) else np.full(len(reference), -1, np.int64)
    columns = (HeldColumn(clock.time_ns), HeldColumn(poses), HeldColumn(packed), HeldColumn(matches))
    return Timetable(node_name(name), len(clock), *columns)
