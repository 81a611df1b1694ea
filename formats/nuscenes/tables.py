"""The tables of a nuScenes version: JSON lists of records, found by token."""

import json
import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias, cast

from worldline.geometry import GeometryError, Pose
from worldline.geometry.pose import Vector

from ..errors import BrokenFileError, FormatError, MissingFileError
from ..reach import FARTHEST_M, describe_beyond

TABLES = (
    "category", "attribute", "visibility", "instance", "sensor", "calibrated_sensor", "ego_pose", "log", "scene",
    "sample", "sample_data", "sample_annotation", "map",
)  # fmt: skip

LATEST_US = 9e15
"""Nanoseconds of it fit in 64 bits; nanoseconds in the place of microseconds do not."""

Values: TypeAlias = dict[str, Any]
"""A record as JSON has it."""


@dataclass(frozen=True, slots=True)
class Record:
    """A record, whose fields are checked when asked for.

    Attributes:
        path: The table's file.
        values: Its fields.
    """

    path: Path
    values: Values

    @property
    def token(self) -> str:
        """Its token."""
        return self.text("token")

    @property
    def time_ns(self) -> int:
        """Its timestamp, which files hold in microseconds."""
        value = self.number("timestamp")
        if not 0 <= abs(value) <= LATEST_US:
            raise self.error(f"timestamp must be microseconds since 1970, found {value:g}")
        return int(value) * 1000 if value == int(value) else round(value * 1000)

    @property
    def place(self) -> str:
        """Which record it is, for an error."""
        return f"token {self.values.get('token')}"

    def text(self, name: str) -> str:
        """A field that is a string.

        Raises:
            BrokenFileError: It is missing or something else.
        """
        value = self.values.get(name)
        if not isinstance(value, str):
            raise self.error(f"{name} must be a string, found {value!r}")
        return value

    def number(self, name: str) -> float:
        """A field that is a finite number.

        Raises:
            BrokenFileError: It is missing or something else.
        """
        value = self.values.get(name)
        if not _is_finite(value):
            raise self.error(f"{name} must be a finite number, found {value!r}")
        return cast("float", value)

    def numbers(self, name: str, count: int) -> list[float]:
        """A field that is a list of so many finite numbers.

        Raises:
            BrokenFileError: It is missing or something else.
        """
        value = self.values.get(name)
        if not isinstance(value, list) or len(value) != count or not all(map(_is_finite, value)):
            raise self.error(f"{name} must be {count} finite numbers, found {value!r}")
        return [float(each) for each in value]

    def texts(self, name: str) -> list[str]:
        """A field that is a list of strings.

        Raises:
            BrokenFileError: It is missing or something else.
        """
        value = self.values.get(name)
        if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
            raise self.error(f"{name} must be a list of tokens, found {value!r}")
        return value

    def pose(self, origin_m: Vector = (0.0, 0.0, 0.0)) -> Pose:
        """Its rotation and its translation less an origin.

        Raises:
            BrokenFileError: A number is missing or not finite, or the quaternion is no rotation.
        """
        w, qx, qy, qz = self.numbers("rotation", 4)
        place_m = self.numbers("translation", 3)
        farthest = max(place_m, key=abs)
        if abs(farthest) > FARTHEST_M:
            raise self.error(describe_beyond(farthest, "translation"))
        x, y, z = (a - b for a, b in zip(place_m, origin_m, strict=True))
        try:
            return Pose((w, qx, qy, qz), (x, y, z))
        except GeometryError as error:
            raise self.error(str(error)) from error

    def error(self, message: str) -> BrokenFileError:
        """An error that says where the record stands."""
        return BrokenFileError(message, path=self.path, place=self.place)


@dataclass(slots=True)
class Tables:
    """All tables of a version.

    Attributes:
        folder: Where the JSON files are.
        root: What file names of records are relative to.
        rows: Table to its records, in the file's order.
    """

    folder: Path
    root: Path
    rows: dict[str, list[Values]]
    _index: dict[str, dict[str, Values]] = field(default_factory=dict)
    _groups: dict[tuple[str, str], dict[str, list[Values]]] = field(default_factory=dict)

    def path(self, table: str) -> Path:
        """A table's file."""
        return self.folder / f"{table}.json"

    def records(self, table: str) -> Iterator[Record]:
        """Every record of a table."""
        path = self.path(table)
        return (Record(path, values) for values in self.rows[table])

    def find(self, table: str, token: str, by: Record) -> Record:
        """The record of a token.

        Args:
            table: Its table.
            token: Its token.
            by: The record that names it, for the error.

        Raises:
            BrokenFileError: There is none.
        """
        if table not in self._index:
            self._index[table] = {values["token"]: values for values in self.rows[table]}
        values = self._index[table].get(token)
        if values is None:
            raise BrokenFileError(
                f"names {table} {token!r}, which {table}.json does not have", path=by.path, place=by.place,
                fix="the tables are incomplete or of different versions: copy all of them again",
            )  # fmt: skip
        return Record(self.path(table), values)

    def matching(self, table: str, name: str, token: str) -> list[Record]:
        """Every record whose field holds a token, in the file's order."""
        key = (table, name)
        if key not in self._groups:
            groups: dict[str, list[Values]] = {}
            for record in self.records(table):
                groups.setdefault(record.text(name), []).append(record.values)
            self._groups[key] = groups
        return [Record(self.path(table), values) for values in self._groups[key].get(token, [])]


def find_tables(path: Path) -> list[tuple[Path, Path]]:
    """Folders with tables at a path or one below, each with the root of its files."""
    if (path / "scene.json").is_file() and (path / "sample_data.json").is_file():
        return [(path, path.parent)]
    if not path.is_dir():
        return []
    return [
        (each, path)
        for each in sorted(path.iterdir())
        if (each / "scene.json").is_file() and (each / "sample_data.json").is_file()
    ]


def read_tables(path: Path) -> Tables:
    """The tables at a path: a version's folder, or the folder that holds it.

    Raises:
        MissingFileError: A table is missing.
        BrokenFileError: A file is not a list of records with tokens of their own.
        FormatError: There are several versions.
    """
    found = find_tables(path)
    if not found:
        raise MissingFileError("has no tables", path=path, fix="expected v1.0-*/scene.json and twelve more tables")
    if len(found) > 1:
        names = ", ".join(folder.name for folder, _ in found)
        raise FormatError(f"has several versions: {names}", path=path, fix="name the folder of one of them")
    folder, root = found[0]
    return Tables(folder, root, {table: _read_table(folder / f"{table}.json") for table in TABLES})


def _read_table(path: Path) -> list[Values]:
    if not path.is_file():
        raise MissingFileError("the table is missing", path=path, fix="nuScenes has 13 tables, all of them are needed")
    try:
        rows = json.loads(path.read_bytes())
    except UnicodeDecodeError as error:
        raise BrokenFileError(f"expected UTF-8 text: {error}", path=path, place=f"byte {error.start}") from error
    except json.JSONDecodeError as error:
        raise BrokenFileError(
            f"expected JSON: {error.msg}", path=path, place=f"line {error.lineno} column {error.colno}",
            fix="copy the file again from its source",
        ) from error  # fmt: skip
    except RecursionError as error:
        raise BrokenFileError("lists and records are nested too deep", path=path) from error
    if not isinstance(rows, list):
        raise BrokenFileError(f"expected a list of records, found {type(rows).__name__}", path=path)
    seen: set[str] = set()
    for index, values in enumerate(rows):
        token = values.get("token") if isinstance(values, dict) else None
        if not isinstance(token, str) or not token:
            raise BrokenFileError("expected a record with a token", path=path, place=f"record {index}")
        if token in seen:
            raise BrokenFileError("the token stands twice", path=path, place=f"token {token}")
        seen.add(token)
        for name, value in values.items():
            if isinstance(value, str) and any("\ud800" <= letter <= "\udfff" for letter in value):
                raise BrokenFileError(f"{name} holds half a letter: {value!r}", path=path, place=f"token {token!r}")
    return rows


def _is_finite(value: Any) -> bool:
    try:
        return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    except OverflowError:  # a whole number beyond float64
        return False
