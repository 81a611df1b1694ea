"""What a writer left that died: how far its scene is, by its own log."""

import hashlib
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import zarr

from worldline.formats.errors import SceneError, StoreError
from worldline.formats.scene import Scene, VideoStream

from .header import write_header
from .index import BlockIndex, BytesIndex
from .layout import MANIFEST, PROGRESS, node_name
from .progress import ProgressReader
from .publish import Settled, settle_file

_FIX = "remove the scene, then import it again"
_DATA = ("lidars/", "cameras/", "sounds/")


@dataclass(frozen=True, slots=True)
class Remains:
    """A staged scene without a writer.

    Attributes:
        header: Digest of the header's files (`digest_folder`).
        blocks_per_shard: As the scene was begun.
        lidars: Indexes of what is on the disk.
        cameras: The same.
        files: What the log speaks of.
    """

    header: str
    blocks_per_shard: int
    lidars: dict[str, BlockIndex]
    cameras: dict[str, BytesIndex]
    files: dict[str, Settled]

    def has_header(self, folder: Path) -> bool:
        """Whether the header's files are what they were."""
        return digest_folder(folder) == self.header

    def clear_rest(self, folder: Path) -> None:
        """Remove what was begun and is not in the log, and a last line of the log that is not whole.

        Raises:
            StoreError: A file that is in the log is gone, or is not what it was.
        """
        log = folder / PROGRESS
        data = log.read_bytes()
        if not data.endswith(b"\n"):
            with log.open("r+b") as file:
                file.truncate(data.rfind(b"\n") + 1)
        for name, settled in self.files.items():
            path = folder / name
            if not path.is_file() or settle_file(path) != settled:
                raise StoreError("what was written of the scene is damaged", path=path, fix=_FIX)
        if not self.has_header(folder):
            raise StoreError("the header of the scene is damaged", path=folder, fix=_FIX)
        for kind, known in (("lidars", self.lidars), ("cameras", self.cameras)):
            begun = {node_name(name) for name in known}
            for node in (folder / kind).iterdir() if (folder / kind).is_dir() else ():
                if node.is_dir() and node.name not in begun:
                    shutil.rmtree(node)
            for path in (folder / kind).rglob("c/**/*"):
                if path.is_file() and path.relative_to(folder).as_posix() not in self.files:
                    path.unlink()
            for index in ("blocks", "octree", "index"):  # the last step writes them
                for path in (folder / kind).glob(f"*/{index}"):
                    shutil.rmtree(path)
        for path in folder.rglob("*.partial"):  # Zarr writes its documents under such names first
            if path.is_file():
                path.unlink()
        (folder / MANIFEST).unlink(missing_ok=True)
        shutil.rmtree(folder / "sounds", ignore_errors=True)


def read_remains(folder: Path) -> Remains:
    """Read the log of a staged scene whose writer died, but for a last line that is not whole.

    Raises:
        SceneError: It cannot be gone on with: it has hardly begun, or is a map.
        StoreError: The log is damaged.
    """
    steps = list(ProgressReader(folder).steps())
    path = folder / PROGRESS
    if not steps or "header" not in steps[0]:
        raise SceneError("nothing of the scene is on the disk yet", fix=_FIX)
    lidars: dict[str, BlockIndex] = {}
    cameras: dict[str, BytesIndex] = {}
    files: dict[str, Settled] = {}
    try:
        for step in steps[1:]:
            files |= {name: Settled(int(size), str(sha256)) for name, (size, sha256) in step["files"].items()}
            if "lidar" in step:
                blocks = lidars.setdefault(step["lidar"], BlockIndex())
                if "facts" in step:
                    blocks.learn(step["facts"])
                blocks.extend(step["rows"], step["frame_count"])
            else:
                footage = cameras.setdefault(step["camera"], BytesIndex())
                footage.extend(step["rows"], step["media_types"], step["frame_count"])
        header, per_shard = str(steps[0]["header"]), int(steps[0]["blocks_per_shard"])
    except (KeyError, TypeError, ValueError) as error:
        raise StoreError(f"the log of its progress is damaged: {error!r}", path=path, fix=_FIX) from error
    if any(each.has_octree for each in lidars.values()):
        raise SceneError("a map is written in one go", fix=_FIX)
    return Remains(header, per_shard, lidars, cameras, files)


def check_header(remains: Remains, scene: Scene, streams: Mapping[str, VideoStream]) -> None:
    """Compare what a scene is now with what was staged of it, byte for byte.

    Raises:
        SceneError: It is another one, or cannot be stored.
    """
    with tempfile.TemporaryDirectory() as check:
        write_header(zarr.open_group(check, mode="w", zarr_format=3), scene, streams)
        is_same = digest_folder(Path(check)) == remains.header
    if not is_same:
        raise SceneError(f"the source of {scene.name} is not what it was when its import was cut short", fix=_FIX)


def digest_folder(folder: Path) -> str:
    """SHA-256 of all files of a scene's header and their names: of all but the sensors' data and the log."""
    digest = hashlib.sha256()
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        name = path.relative_to(folder).as_posix()
        if name not in (PROGRESS, MANIFEST) and not name.startswith(_DATA):
            data = path.read_bytes()
            digest.update(f"{name} {len(data)}\n".encode() + data)
    return digest.hexdigest()
