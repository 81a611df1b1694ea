"""What can be wrong between people and the server, and the one table from an error to an HTTP answer.

Every error class of every layer has a row in `TABLE`; an error without one is answered as its nearest
parent that has.
"""

from typing import Any

from worldline.formats import errors as formats
from worldline.geometry import errors as geometry
from worldline.tracking import errors as tracking


class ServerError(Exception):
    """Something people asked of the server cannot be.

    Attributes:
        detail: Facts for the client, JSON.
    """

    def __init__(self, message: str, **detail: Any) -> None:
        """Keep the message and the facts."""
        super().__init__(message)
        self.detail = detail


class UnknownSceneError(ServerError):
    """No scene has that name, or not that generation."""


class AbsentFileError(ServerError):
    """A scene has no such file."""


class SceneExistsError(ServerError):
    """The name is taken."""


class SceneNameError(ServerError):
    """A name that cannot be a scene's."""


class UnknownChangeError(ServerError):
    """The scene's journal has no change with that id."""


class GrowingSceneError(ServerError):
    """The scene is still being written."""


class UnknownRevisionError(ServerError):
    """The scene has not come to that revision."""


class ChangeError(ServerError):
    """A change contradicts itself or would leave labels that hang on nothing."""


class StaleChangeError(ServerError):
    """Someone else changed a path after the author saw it; `detail.conflicts` has both values."""


class StaleSchemaError(ServerError):
    """Someone else changed the label schema after the author saw it."""


class SchemaInUseError(ServerError):
    """The label schema would lose a class that objects have."""


class UnknownSchemaVersionError(ServerError):
    """The label schema has not come to that version."""


class ProtectedKeyframeError(ServerError):
    """A machine's change would alter what a person made or accepted."""


class ReusedChangeIdError(ServerError):
    """The id was used for another change."""


class UndoError(ServerError):
    """Nothing of a change can be undone any more."""


class AssistError(ServerError):
    """An assistant was asked for what the scene does not have."""


class UnknownJobError(ServerError):
    """No job has that id."""


class UnfinishedJobError(ServerError):
    """The job has no file (yet)."""


class UploadError(ServerError):
    """What is sent as an upload cannot be one."""


class UnknownUploadError(UploadError):
    """There is no such upload (any more)."""


class UploadOffsetError(UploadError):
    """An upload is not where its sender thinks it is, or not whole yet."""


class UploadBusyError(UploadError):
    """Someone else is sending the same file."""


class UploadSpaceError(UploadError):
    """The disk has no room for an upload."""


class CancelledJobError(ServerError):
    """The job was cancelled."""


class TooLargeError(ServerError):
    """A request's body is larger than the server takes."""


class RefusedError(ServerError):
    """The request comes from where no request may come."""


class TokenError(ServerError):
    """The request has no token, or a wrong one."""


class SettingsError(ServerError):
    """The settings contradict each other, or the server may not be bound that way."""


class DataFolderError(ServerError):
    """The data folder cannot be used."""


class DatabaseBusyError(ServerError):
    """Another process holds the database for too long."""


TABLE: dict[type[Exception], tuple[int, str]] = {
    geometry.GeometryError: (422, "geometry"),
    geometry.PoseError: (422, "geometry"),
    geometry.CuboidError: (422, "geometry"),
    geometry.CameraError: (422, "geometry"),
    geometry.CloudError: (422, "geometry"),
    geometry.MaskError: (422, "geometry"),
    geometry.FitError: (422, "fit"),
    tracking.TrackingError: (422, "tracking"),
    tracking.KeyframeError: (422, "tracking"),
    tracking.SpanError: (422, "tracking"),
    tracking.PropagationError: (422, "propagate"),
    tracking.LostError: (422, "lost"),
    tracking.AgreementError: (422, "agreement"),
    tracking.OdometryError: (422, "odometry"),
    tracking.AssociationError: (422, "association"),
    formats.FormatError: (422, "format"),
    formats.UnknownFormatError: (404, "unknown_format"),
    formats.MissingFileError: (422, "missing_file"),
    formats.BrokenFileError: (422, "broken_file"),
    formats.LabelError: (422, "label"),
    formats.SceneError: (422, "scene"),
    formats.MissingFrameError: (404, "missing_frame"),
    formats.PendingFrameError: (425, "frame_pending"),
    formats.StoreError: (500, "store"),
    formats.UnreachablePlaceError: (503, "place_unreachable"),
    formats.RefusedPlaceError: (502, "place_refused"),
    formats.OutsideRootError: (422, "outside_root"),
    ServerError: (400, "server"),
    UnknownSceneError: (404, "unknown_scene"),
    AbsentFileError: (404, "absent_file"),
    SceneExistsError: (409, "scene_exists"),
    SceneNameError: (422, "scene_name"),
    UnknownChangeError: (404, "unknown_change"),
    GrowingSceneError: (409, "growing"),
    UnknownRevisionError: (404, "unknown_revision"),
    ChangeError: (422, "label"),
    StaleChangeError: (409, "stale"),
    StaleSchemaError: (409, "schema_stale"),
    SchemaInUseError: (409, "class_in_use"),
    UnknownSchemaVersionError: (404, "unknown_version"),
    ProtectedKeyframeError: (409, "protected"),
    ReusedChangeIdError: (409, "reused_id"),
    UndoError: (409, "undo"),
    AssistError: (422, "assist"),
    UnknownJobError: (404, "unknown_job"),
    UnfinishedJobError: (409, "unfinished_job"),
    CancelledJobError: (409, "cancelled_job"),
    UploadError: (422, "upload"),
    UnknownUploadError: (404, "unknown_upload"),
    UploadOffsetError: (409, "upload_offset"),
    UploadBusyError: (423, "upload_busy"),
    UploadSpaceError: (507, "upload_space"),
    TooLargeError: (413, "too_large"),
    RefusedError: (403, "refused"),
    TokenError: (401, "token"),
    SettingsError: (500, "settings"),
    DataFolderError: (500, "data_folder"),
    DatabaseBusyError: (503, "busy"),
}
"""Status and code of each class."""


def describe_error(error: Exception) -> tuple[int, dict[str, Any]]:
    """Status and JSON body ``{"code", "message", "detail"}`` of an error of any layer."""
    status, code = next(TABLE[each] for each in type(error).__mro__ if each in TABLE)
    return status, error_body(code, str(error), _detail(error))


def error_body(code: str, message: str, detail: dict[str, Any] | None = None) -> dict[str, Any]:
    """The one shape of an error."""
    return {"code": code, "message": message, "detail": detail or {}}


def _detail(error: Exception) -> dict[str, Any]:
    if isinstance(error, ServerError):
        return error.detail
    if isinstance(error, formats.FormatError):
        facts = {"path": error.path and str(error.path), "place": error.place, "fix": error.fix}
        return {name: fact for name, fact in facts.items() if fact}
    if isinstance(error, geometry.FitError):
        return {"point_count": error.point_count}
    return {}
