"""What of a staged scene is on the disk for good, and the log that tells of it."""

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from worldline.formats.errors import StoreError

from .clouds import CloudWriter
from .footage import FootageWriter
from .progress import ProgressLog
from .publish import Settled, settle_folder
from .shard_writer import Files

_SPARE_BYTES = 1 << 27


class Ledger:
    """Keeps the digests of a staged scene's files, and its log.

    Attributes:
        files: What is on the disk for good, by its path in the scene.
    """

    files: dict[str, Settled]

    def __init__(self, folder: Path, files: Mapping[str, Settled] | None = None) -> None:
        """Begin the log of a staged scene, or go on with it.

        Args:
            folder: The scene's.
            files: What the log speaks of already.
        """
        self.files = dict(files or {})
        self._folder = folder
        self._log = ProgressLog(folder)
        self._told: dict[str, int] = {}

    def begin(self, header: str, blocks_per_shard: int) -> None:
        """Write what whoever may have to go on must know first."""
        self._log.append({"header": header, "blocks_per_shard": blocks_per_shard})

    def start(self, clouds: Mapping[str, CloudWriter], footage: Mapping[str, FootageWriter]) -> None:
        """Take what the writers have as told."""
        self._told = _written(clouds, footage)

    def enter(self, files: Files, clouds: Mapping[str, CloudWriter], footage: Mapping[str, FootageWriter]) -> None:
        """Enter files that were written and brought to the disk, and tell of the rows that they hold.

        Raises:
            OSError: The disk cannot be written.
            StoreError: It is nearly full.
        """
        if not files:
            return
        self.files.update({file.as_posix(): settled for file, settled in files.items()})
        for folder in sorted({folder for file in files for folder in file.parents}, reverse=True):
            settle_folder(self._folder / folder)
        if shutil.disk_usage(self._folder).free < _SPARE_BYTES:
            raise StoreError(
                f"less than {_SPARE_BYTES >> 20} MB are left on the disk",
                path=self._folder.parent.parent,
                fix="make room, then try again",
            )
        written, told = _written(clouds, footage), self._told
        listed = {"files": {file.as_posix(): [each.size, each.sha256] for file, each in files.items()}}
        for name in (each for each in written if written[each] > told[each]):
            if name in clouds:
                index = clouds[name].index
                facts: dict[str, Any] = {"facts": index.facts()} if told[name] == 0 else {}
                step = {"lidar": name, **facts, "rows": index.columns(told[name]), "frame_count": index.frame_count}
            else:
                images = footage[name].index
                types = {"media_types": images.media_types, "frame_count": images.frame_count}
                step = {"camera": name, **types, "rows": images.columns(told[name])}
            self._log.append({**step, **listed})
        self._told = written

    def close(self, remove: bool = False) -> None:
        """Stop, and take the log away where the scene is complete; the second time nothing happens."""
        self._log.close(remove=remove)


def _written(clouds: Mapping[str, CloudWriter], footage: Mapping[str, FootageWriter]) -> dict[str, int]:
    """Rows of each sensor's index."""
    return {
        **{name: len(each.index.frame) for name, each in clouds.items()},
        **{name: len(each.index.offset) for name, each in footage.items()},
    }
