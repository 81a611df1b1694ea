"""The formats Worldline knows: a new one is one file and one line here."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Protocol, TypeAlias

from .errors import UnknownFormatError
from .report import Loss
from .scene import Scene

Progress: TypeAlias = Callable[[int, int], None]
"""Called with frames done and frames in all."""


def no_progress(done: int, total: int) -> None:
    """Tells nobody."""


@dataclass(frozen=True, slots=True)
class ReadScene:
    """A scene that was read and what was skipped on the way."""

    scene: Scene
    skipped: tuple[Loss, ...] = ()


class Reader(Protocol):
    """Reads a source into scenes."""

    def recognise(self, path: Path) -> bool:
        """Whether the source looks like this format; must be quick and never raise."""
        ...

    def read(self, path: Path, name: str) -> Iterable[ReadScene]:
        """Each sequence of the source as a scene: one is called `name`, several `name-<sequence>`.

        Raises:
            FormatError: Something in the source is wrong.
        """
        ...


class Writer(Protocol):
    """Writes a scene in a format."""

    def write(self, scene: Scene, out: Path, progress: Progress = no_progress) -> tuple[Loss, ...]:
        """Write into a folder, which is created; the scene is not changed, and two writes give the same bytes.

        Raises:
            FormatError: The scene cannot be written in this format at all.
        """
        ...


@dataclass(frozen=True, slots=True)
class Format:
    """A format.

    Attributes:
        name: As on the command line.
        title: For people.
        module: The module in this package with ``READER`` and/or ``WRITER``.
        reads: There is a reader.
        writes: There is a writer.
    """

    name: str
    title: str
    module: str
    reads: bool = True
    writes: bool = False

    @property
    def reader(self) -> Reader:
        """Its reader.

        Raises:
            UnknownFormatError: It has none.
        """
        if not self.reads:
            raise UnknownFormatError(f"format {self.name} cannot be imported", fix=f"importable: {_named('reads')}")
        reader: Reader = import_module(f".{self.module}", __package__).READER
        return reader

    @property
    def writer(self) -> Writer:
        """Its writer.

        Raises:
            UnknownFormatError: It has none.
        """
        if not self.writes:
            raise UnknownFormatError(f"format {self.name} cannot be exported", fix=f"exportable: {_named('writes')}")
        writer: Writer = import_module(f".{self.module}", __package__).WRITER
        return writer


FORMATS: tuple[Format, ...] = (
    Format("kitti-object", "KITTI 3D object detection", "kitti.object", writes=True),
    Format("kitti-tracking", "KITTI multi-object tracking", "kitti.tracking", writes=True),
    Format("nuscenes", "nuScenes v1.0", "nuscenes", writes=True),
    Format("points", "Point clouds: PCD, PLY, LAS, LAZ, KITTI .bin, .npy (a file or a folder)", "points"),
    Format("video", "Any video file that FFmpeg decodes", "video"),
)
"""In the order in which they are asked whether they recognise a source."""


def find_format(name: str) -> Format:
    """The format of that name.

    Raises:
        UnknownFormatError: There is none.
    """
    for each in FORMATS:
        if each.name == name:
            return each
    raise UnknownFormatError(f"unknown format {name!r}", fix=f"known formats: {', '.join(f.name for f in FORMATS)}")


def recognise_format(path: Path) -> Format:
    """The one format that recognises a source.

    Raises:
        UnknownFormatError: None does, or several do.
    """
    fitting = [each for each in FORMATS if each.reads and each.reader.recognise(path)]
    if len(fitting) == 1:
        return fitting[0]
    if fitting:
        names = ", ".join(each.name for each in fitting)
        raise UnknownFormatError(f"could be several formats: {names}", path=path, fix="choose one with --format")
    raise UnknownFormatError(
        "not recognised as any format", path=path, fix=f"name one with --format; importable: {_named('reads')}"
    )


def _named(what: str) -> str:
    return ", ".join(each.name for each in FORMATS if getattr(each, what))
