"""What goes over the wire, for the generated TypeScript and the documentation.

Long answers (labels, changes) are put together from stored texts and have these shapes.
"""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from worldline.formats.documents import Finite

from .catalogue import NAME_PATTERN
from .change import Cause

ChangeId = Annotated[str, Field(pattern=r"^[A-Za-z0-9_.:-]{1,80}$", description="Made by the client, best a UUID.")]
SceneName = Annotated[str, Field(pattern=f"^{NAME_PATTERN}$")]
Point = tuple[Finite, Finite, Finite]
Turn = tuple[Finite, Finite, Finite, Finite]


class Message(BaseModel):
    """Something a client sends; unknown fields are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class ErrorDocument(BaseModel):
    """The one shape of an error."""

    code: str
    message: str
    detail: dict[str, Any]


class UserDocument(BaseModel):
    """A person."""

    id: str
    name: str


class SessionDocument(BaseModel):
    """Who asks, and what answers."""

    user: UserDocument
    version: str
    data_dir_label: str
    mode: Literal["local", "token"]


class FormatDocument(BaseModel):
    """A format."""

    name: str
    title: str
    reads: bool
    writes: bool


class SceneSummary(BaseModel):
    """A scene in the list."""

    name: str
    generation: str
    state: Literal["ready", "growing", "interrupted"]
    error: str | None = Field(default=None, description="Why it was interrupted, where that is known.")
    frame_count: int
    ready_frame_count: int
    duration_s: float
    lidar_count: int
    camera_count: int
    object_count: int
    revision: int
    source_format: str
    created_at: str


class ImportRequest(Message):
    """What an upload becomes."""

    name: SceneName
    format: str | None = Field(default=None, description="Its format; without it, it is recognised.")


class UploadDocument(BaseModel):
    """A file of an upload."""

    id: str
    path: str
    size: int
    offset: int = Field(description="Bytes that are there.")
    changed_ms: int


class EntryDocument(BaseModel):
    """A label path, its value and who set it when."""

    path: str
    value: Any
    revision: int
    author: str


class LabelsDocument(BaseModel):
    """Label paths of a scene at a revision, in order of path: all of them, or a page."""

    revision: int
    next: str | None = Field(
        default=None, description="Of a page: what `after` gives the rest; null where there is none."
    )
    entries: list[EntryDocument]


class OpDocument(Message):
    """One path to set, or to clear with null."""

    path: str = Field(max_length=400)
    value: Any
    based_on: int = Field(ge=0, description="The revision of the path that you saw; 0 where it was absent.")


class ChangeDocument(Message):
    """What an author asks for; accepted whole or not at all."""

    id: ChangeId
    label: str = Field(max_length=400)
    cause: Cause = "manual"
    ops: list[OpDocument] = Field(min_length=1)
    client: str | None = Field(default=None, max_length=80, description="The live connection that sends it.")


class AppliedOpDocument(BaseModel):
    """An op as it was stored."""

    path: str
    value: Any


class AppliedDocument(BaseModel):
    """A change as it was stored; take values from here: an object's number may be another free one."""

    id: str
    revision: int
    label: str
    author: str
    cause: Cause
    time_ns: int
    skipped: list[str] = Field(description="Paths that an undo could not restore.")
    ops: list[AppliedOpDocument]


class HistoryOpDocument(AppliedOpDocument):
    """An op with the value before it."""

    before: Any


class HistoryChangeDocument(AppliedDocument):
    """A change with the values before it."""

    ops: list[HistoryOpDocument]  # type: ignore[assignment]


class HistoryDocument(BaseModel):
    """Changes, oldest first, and the scene's newest revision."""

    changes: list[HistoryChangeDocument]
    revision: int


class UndoRequest(Message):
    """The id of the change that the undo will be."""

    id: ChangeId
    client: str | None = Field(default=None, max_length=80)


class ExportRequest(Message):
    """What to export to."""

    format: str


class LossDocument(BaseModel):
    """Something a format could not carry."""

    what: str
    count: int
    why: str


class ProgressDocument(BaseModel):
    """How far a job is."""

    done: int
    total: int


class JobDocument(BaseModel):
    """Work that takes long."""

    id: str
    kind: str
    scene: str
    format: str
    revision: int
    state: Literal["queued", "running", "done", "failed", "cancelled"]
    progress: ProgressDocument
    losses: list[LossDocument]
    error: str | None
    file_name: str | None
    created_at: str


class FrameDocument(BaseModel):
    """A frame of the scene; null where there is none."""

    frame: int | None


class MergeRequest(Message):
    """A merged cloud: of what stands still, or of one track's object in its own frame."""

    kind: Literal["world", "object"]
    track: str | None = None
    first: int = Field(0, ge=0, description="The first frame.")
    count: int = Field(1_000_000, ge=1, description="How many frames; those the scene has.")
    voxel_m: Finite | None = Field(None, gt=0.001, le=10, description="One point in each cube of at most this side.")


class MergedCloudDocument(BaseModel):
    """Where a merged cloud is: its octree and blocks are at this generation and sensor, frame 0."""

    generation: str
    sensor: str
    world_from_cloud: tuple[float, float, float, float, float, float, float]
    point_count: int
    has_intensity: bool
    points_per_block: int
    coding: str


class MergedDocument(BaseModel):
    """How far a merged cloud is."""

    state: Literal["making", "ready", "failed"]
    done: int
    total: int
    message: str | None
    cloud: MergedCloudDocument | None
