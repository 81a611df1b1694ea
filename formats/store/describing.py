"""The scene document of a stored scene, of a size that does not depend on the number of frames."""

from typing import TYPE_CHECKING

from worldline.formats.schema import LabelSchema

from .document import SceneDocument, Span, describe_camera, describe_lidar
from .header import SceneHeader
from .layout import PAGE_FRAMES

if TYPE_CHECKING:
    from .stored import StoredScene


def describe_stored(stored: "StoredScene", header: SceneHeader, schema: LabelSchema) -> SceneDocument:
    """The document.

    Raises:
        StoreError: A table is damaged.
    """
    scene, start_ns = stored.scene, stored.start_ns
    streams = {each.name: stored.stream(each.name) for each in scene.cameras if each.media == "video"}
    return SceneDocument(
        name=scene.name,
        generation=stored.generation,
        state=stored.state,
        frame_count=stored.frame_count,
        ready_frame_count=stored.ready_frame_count,
        page_frames=PAGE_FRAMES,
        reference=scene.reference,
        start_ns=str(start_ns),
        world_origin_m=scene.world_origin_m,
        meta=dict(header.meta),
        lidars=[
            describe_lidar(each, stored.block_index(each.name), _span(stored, header, each.name, start_ns))
            for each in scene.lidars
        ],
        cameras=[
            describe_camera(
                each,
                stored.footage(each.name, each.media),
                streams.get(each.name),
                _span(stored, header, each.name, start_ns),
            )
            for each in scene.cameras
        ],
        label_schema=schema,
    )


def _span(stored: "StoredScene", header: SceneHeader, sensor: str, start_ns: int) -> Span:
    clock = next(each.clock for each in header.sensors if each.name == sensor)
    count = stored.timetable(sensor).frame_count
    if count == 0:
        return (0, 0)
    if clock is not None:
        return (clock.first_time_ns - start_ns, clock.last_time_ns - start_ns)
    time_ns = stored.timetable(sensor).times(0, count)
    return (int(time_ns[0]) - start_ns, int(time_ns[-1]) - start_ns)
