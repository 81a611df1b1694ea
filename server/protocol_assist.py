"""What the assistants are asked and answer over the wire."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

from worldline.formats.documents import Finite

from .protocol import Message, Point, Turn


class CuboidDocument(Message):
    """A cuboid in the world."""

    center_m: Point
    rotation_wxyz: Turn
    size_m: Point


class PlaceDocument(BaseModel):
    """A cuboid's pose in the world."""

    center_m: Point
    rotation_wxyz: Turn


class FitRequest(Message):
    """Where to fit a cuboid: at a point, or around a rough cuboid.

    `track` is the track that the cuboid will belong to: how it moves brings the points of a rolling sweep together.
    """

    frame: int = Field(ge=0)
    track: str | None = None
    lidar: str | None = None
    point_m: Point | None = None
    cuboid: CuboidDocument | None = None
    class_name: str
    heading_hint_rad: Finite | None = None
    cloud: str | None = Field(None, description="Fit in the merged cloud of this generation.")


class FitDocument(BaseModel):
    """A fitted cuboid and how far to trust it."""

    cuboid: CuboidDocument
    quality: float = Field(description="The chance that it is right, as measured beside the truth.")
    point_count: int
    reason: str | None
    flip_probability: float = Field(0.5, description="The chance that it is the other way round.")
    std: tuple[float, ...] = Field(
        (), description="Standard deviations: middle along, across, up, yaw, length, width, height; metres, radians."
    )


class PropagateRequest(Message):
    """Which track to carry on, from which frame and how far."""

    track: str
    frame: int = Field(ge=0)
    direction: Literal["forward", "backward"] = "forward"
    frame_count: int = Field(default=20, ge=1, le=2000)
    lidar: str | None = None


class PropagatedKeyframe(BaseModel):
    """A pose that propagation found."""

    frame: int
    shape: PlaceDocument
    quality: float


class PropagationDocument(BaseModel):
    """Where a track went, and why it stopped; nothing is written."""

    keyframes: list[PropagatedKeyframe]
    stopped_at: int | None
    reason: str | None


class SolveRequest(Message):
    """Which track to carry through all frames that its object is seen in."""

    track: str
    is_still: bool | None = Field(default=None, description="Whether it stands still; null: find out.")
    lidar: str | None = None


class SpanDocument(BaseModel):
    """Frames in which a track is present."""

    start: int
    end: int
    occlusion: int


class SolutionDocument(BaseModel):
    """A track in every frame its object is seen in; nothing is written. Cuboids a person set stay as they are."""

    size_m: Point
    is_still: bool = Field(description="It stands still: one keyframe says it all.")
    keyframes: list[PropagatedKeyframe] = Field(description="Those a machine makes, each with its quality.")
    spans: list[SpanDocument]
    suggested: list[int] = Field(description="Frames worth a look, the least sure first.")


class InterpolateRequest(Message):
    """Which frames of a track to compute."""

    track: str
    frames: list[Annotated[int, Field(ge=0)]] = Field(max_length=100_000)


class SampledShape(BaseModel):
    """A track's shape in a frame: a cuboid's pose, a box, or null where it is absent."""

    frame: int
    shape: dict[str, Any] | None


class InterpolationDocument(BaseModel):
    """A track's shapes."""

    shapes: list[SampledShape]
