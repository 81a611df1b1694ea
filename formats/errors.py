"""What can be wrong with the world outside. None of these knows of HTTP."""

from pathlib import Path


class FormatError(ValueError):
    """A source, a file or a scene is not what it has to be.

    Attributes:
        path: The file or folder, where there is one.
        place: Where in it: ``line 12``, ``byte 48``, ``table sample, token ...``.
        fix: What to do about it.
    """

    def __init__(
        self, message: str, *, path: Path | str | None = None, place: str | None = None, fix: str = ""
    ) -> None:
        self.path = path
        self.place = place
        self.fix = fix
        where = ", ".join(str(part) for part in (path, place) if part)
        super().__init__(f"{where + ': ' if where else ''}{message}{'. ' + fix if fix else ''}")


class UnknownFormatError(FormatError):
    """No format of that name, or none that recognises the source."""


class MissingFileError(FormatError):
    """A file that the source needs is not there."""


class BrokenFileError(FormatError):
    """A file is truncated, oversized, or says what cannot be."""


class LabelError(FormatError):
    """A label names an unknown class, an impossible size, or an id twice."""


class SceneError(FormatError):
    """A scene document contradicts itself."""


class StoreError(FormatError):
    """A stored scene is damaged or not of a version that can be read."""


class UnreachablePlaceError(StoreError):
    """Where the stored scenes are does not answer, or not in time."""


class RefusedPlaceError(StoreError):
    """Where the stored scenes are refuses the credentials."""


class OutsideRootError(FormatError):
    """A path would leave the folder it must stay in."""


class MissingFrameError(FormatError):
    """A stored scene has no such frame, block or packet."""


class PendingFrameError(FormatError):
    """A frame of a growing scene that is not written yet."""
