"""PLY files, ascii and binary: the vertices; faces and lists are left out."""

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import plyfile

from worldline.formats.errors import BrokenFileError

from .cloud import Cloud, Fields, cloud_of, xyz_of
from .rows import Table

_SIZES = {
    **dict.fromkeys(("char", "uchar", "int8", "uint8"), 1),
    **dict.fromkeys(("short", "ushort", "int16", "uint16"), 2),
    **dict.fromkeys(("int", "uint", "float", "int32", "uint32", "float32"), 4),
    **dict.fromkeys(("double", "float64"), 8),
}
_LONGEST_HEADER = 1 << 20
_COLORS = (("red", "green", "blue"), ("r", "g", "b"), ("diffuse_red", "diffuse_green", "diffuse_blue"))


@dataclass(slots=True)
class _Element:
    name: str
    count: int
    names: list[str] = field(default_factory=list)
    least: int = 0
    has_list: bool = False


def read_ply(path: Path) -> Cloud:
    """The vertices of a PLY file.

    Raises:
        BrokenFileError: It is no PLY file, or holds fewer bytes than its header needs.
    """
    elements = _check_header(path)
    vertex = _read_vertices(path)
    scalars = [each.name for each in vertex.properties if not isinstance(each, plyfile.PlyListProperty)]
    left_out = _left_out(elements)
    lists = len(vertex.properties) - len(scalars)
    if lists:
        left_out["lists of a vertex"] = lists * len(vertex.data)
    return _cloud_of_columns({name: np.asarray(vertex.data[name]) for name in scalars}, path, left_out)


def ply_table(path: Path) -> Table | None:
    """Where the vertices of a binary PLY file are; None where it is ascii, or a vertex has a list.

    Raises:
        BrokenFileError: It is no PLY file, or holds fewer bytes than its header needs.
    """
    elements = _check_header(path)
    data = _read_vertices(path).data if _is_binary(path) else None
    if not isinstance(data, np.memmap):
        return None
    names = data.dtype.names or ()
    return Table(
        data.dtype,
        int(data.offset),
        len(data),
        lambda rows: _cloud_of_columns({name: rows[name] for name in names}, path, {}),
        _left_out(elements),
    )


def _is_binary(path: Path) -> bool:
    with path.open("rb") as file:
        return any(file.readline(4096).startswith(b"format binary") for _ in range(16))


def _left_out(elements: list[_Element]) -> dict[str, int]:
    return {f"{each.name}s of a mesh": each.count for each in elements if each.name != "vertex"}


def _read_vertices(path: Path) -> plyfile.PlyElement:
    try:
        return plyfile.PlyData.read(str(path))["vertex"]
    except (plyfile.PlyParseError, ValueError, KeyError, OverflowError, UnicodeDecodeError, MemoryError) as error:
        raise _broken(f"not what its header says: {error}", path, "data") from error


def _cloud_of_columns(columns: Fields, path: Path, left_out: dict[str, int]) -> Cloud:
    columns = {name: np.array(values, values.dtype.newbyteorder("=")) for name, values in columns.items()}
    fields = {name: values for name, values in columns.items() if name not in ("x", "y", "z")}
    return cloud_of(xyz_of(columns), _join_color(fields), path, may_lack_returns=True, left_out=left_out)


def _check_header(path: Path) -> list[_Element]:
    size = path.stat().st_size
    elements: list[_Element] = []
    is_text = False
    with path.open("rb") as file:
        if file.readline(80).strip() != b"ply":
            raise _broken("expected the word ply", path, "line 1")
        for number, line in enumerate(iter(lambda: file.readline(4096), b""), start=2):
            words = line.decode("latin-1").split()
            match words:
                case ["end_header"]:
                    break
                case ["format", "ascii" | "binary_little_endian" | "binary_big_endian" as kind, _]:
                    is_text = kind == "ascii"
                case ["format", *rest]:
                    raise _broken(
                        f"expected the format ascii, binary_little_endian or binary_big_endian, found {' '.join(rest)}",
                        path,
                        f"line {number}",
                    )
                case ["element", name, count] if count.isascii() and count.isdigit() and len(count) < 16:
                    elements.append(_Element(name, int(count)))
                case ["property", "list", length, _, name] if elements and length in _SIZES:
                    elements[-1].least += 2 if is_text else _SIZES[length]
                    elements[-1].has_list = True
                case ["property", kind, name] if elements and kind in _SIZES:
                    elements[-1].names.append(name)
                    elements[-1].least += 2 if is_text else _SIZES[kind]
                case ["comment" | "obj_info", *_] | []:
                    pass
                case _:
                    raise _broken(f"not a line of a PLY header: {line[:80]!r}", path, f"line {number}")
            if file.tell() > _LONGEST_HEADER:
                raise _broken("the header does not end", path, f"line {number}")
        else:
            raise _broken("truncated: the header has no end_header", path, f"byte {size}")
        start = file.tell()
    vertex = next((each for each in elements if each.name == "vertex"), None)
    if vertex is None or not {"x", "y", "z"} <= set(vertex.names):
        raise _broken("expected an element vertex with the properties x, y, z", path, "header")
    least = sum(each.count * each.least for each in elements)
    if size - start + is_text < least:
        raise _broken(
            f"the header promises {vertex.count} vertices and {least} bytes or more; the file holds {size - start}",
            path,
            f"byte {start}",
        )
    _check_end(path, elements, start, is_text=is_text)
    return elements


def _check_end(path: Path, elements: list[_Element], start: int, *, is_text: bool) -> None:
    """Raise where there is more behind the last element; an element with lists says only by itself how long it is."""
    if is_text:
        expected = sum(each.count for each in elements)
        with path.open("rb") as file:
            file.seek(start)
            found = sum(1 for line in file if line.strip())
        if found != expected:
            raise _broken(f"not what its header says: expected {expected} lines, found {found}", path, f"byte {start}")
    elif not any(each.has_list for each in elements):
        size, found = sum(each.count * each.least for each in elements), path.stat().st_size - start
        if found != size:
            raise _broken(f"expected {size} bytes of vertices, found {found}", path, f"byte {start + size}")


def _join_color(fields: Fields) -> Fields:
    for names in _COLORS:
        if set(names) <= set(fields) and len({fields[name].dtype for name in names}) == 1:
            rest = {name: values for name, values in fields.items() if name not in names}
            if "rgb" not in rest:
                return {**rest, "rgb": np.stack([fields[name] for name in names], axis=1)}
    return fields


def _broken(message: str, path: Path, place: str) -> BrokenFileError:
    return BrokenFileError(message, path=path, place=place, fix="copy the file again from its source")
