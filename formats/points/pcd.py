"""PCD files, version 0.7 and before: ascii, binary, binary_compressed.

Fields called ``_`` are padding. A point with NaN coordinates is one without a return, as
organised clouds have them. ``rgb`` and ``rgba`` are three or four bytes in one number.
"""

import io
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from worldline.formats.errors import BrokenFileError

from .cloud import Cloud, Fields, cloud_of, xyz_of
from .lzf import MOST_PER_BYTE, decode_lzf
from .rows import Table

_KINDS = {"F": (4, 8), "I": (1, 2, 4, 8), "U": (1, 2, 4, 8)}
_LONGEST_HEADER = 1 << 16
_ENCODINGS = ("ascii", "binary", "binary_compressed")
_COPY = "copy the file again from its source"


@dataclass(frozen=True, slots=True)
class _Header:
    row: np.dtype[np.void]
    names: tuple[str, ...]
    points: int
    lines: int
    encoding: str
    start: int
    has_viewpoint: bool


def read_pcd(path: Path) -> Cloud:
    """The cloud of a PCD file.

    Raises:
        BrokenFileError: It is no PCD file, or holds another number of bytes than its header says.
    """
    data = path.read_bytes()
    header = _read_header(data, path)
    body = memoryview(data)[header.start :]
    rows = {"ascii": _read_text, "binary": _read_rows, "binary_compressed": _read_packed}[header.encoding](
        body, header, path
    )
    return replace(_cloud_of_rows(rows, header, path), left_out=_left_out(header))


def pcd_table(path: Path) -> Table | None:
    """Where the points of a binary PCD file are; None where it is of another encoding.

    Raises:
        BrokenFileError: It is no PCD file, or holds another number of bytes than its header says.
    """
    with path.open("rb") as file:
        header = _read_header(file.read(_LONGEST_HEADER + (1 << 12)), path)
    if header.encoding != "binary":
        return None
    size, expected = path.stat().st_size - header.start, header.points * header.row.itemsize
    _check_size(size, expected, header, path)
    with path.open("rb") as file:
        file.seek(header.start + expected)
        _check_rest(file.read(1 << 16), size, expected, header, path)
    return Table(
        header.row, header.start, header.points, lambda rows: _cloud_of_rows(rows, header, path), _left_out(header)
    )


def _cloud_of_rows(rows: NDArray[np.void], header: _Header, path: Path) -> Cloud:
    columns: Fields = {}
    for position, name in enumerate(header.names):
        if name != "_":
            columns[name] = rows[f"f{position}"]
    fields = {name: _unpack_color(name, values) for name, values in columns.items() if name not in "xyz"}
    return cloud_of(xyz_of(columns), fields, path, may_lack_returns=True)


def _left_out(header: _Header) -> dict[str, int]:
    return {"viewpoint of a cloud": 1} if header.has_viewpoint else {}


def _read_header(data: bytes, path: Path) -> _Header:
    entries: dict[str, list[str]] = {}
    start, line = 0, 0
    while "DATA" not in entries:
        line += 1
        end = data.find(b"\n", start, start + _LONGEST_HEADER)
        if end < 0 or start > _LONGEST_HEADER:
            raise _broken("expected a PCD header that ends with DATA", path, f"line {line}")
        try:
            words = data[start:end].decode("ascii").split()
        except UnicodeDecodeError as error:
            raise _broken("expected the text of a PCD header", path, f"line {line}") from error
        start = end + 1
        if words and not words[0].startswith("#"):
            if words[0] in entries:
                raise _broken(f"{words[0]} stands twice in the header", path, f"line {line}")
            entries[words[0]] = words[1:]
        if line == 1 and not (data.startswith(b"#") or words[:1] in (["VERSION"], ["FIELDS"])):
            raise _broken(f"expected a PCD header, found {data[:20]!r}", path, "line 1")
    return _check_header(entries, start, line, path)


def _check_header(entries: dict[str, list[str]], start: int, lines: int, path: Path) -> _Header:
    names = tuple(entries.get("FIELDS", entries.get("COLUMNS", ())))
    real = [name for name in names if name != "_"]
    if len(set(real)) < len(real) or not set("xyz") <= set(real):
        raise _broken(f"expected the fields x, y, z, each once, found {' '.join(names)}", path, "FIELDS")
    sizes = _numbers(entries, "SIZE", len(names), path)
    counts = _numbers(entries, "COUNT", len(names), path) if "COUNT" in entries else (1,) * len(names)
    kinds = entries.get("TYPE", [])
    parts = []
    for position, (name, size, count) in enumerate(zip(names, sizes, counts, strict=True)):
        if len(kinds) != len(names) or size not in _KINDS.get(kinds[position], ()):
            raise _broken(f"field {name}: no such type and size: {kinds} {sizes}", path, "TYPE")
        if count > 1 << 16 or (name in "xyz" and count != 1):
            raise _broken(f"field {name}: a count of {count}", path, "COUNT")
        code = kinds[position].lower() + str(size)
        parts.append((f"f{position}", f"<{code}" if count == 1 else f"({count},)<{code}"))
    width, height = (_numbers(entries, key, 1, path)[0] for key in ("WIDTH", "HEIGHT"))
    points = _numbers(entries, "POINTS", 1, path)[0] if "POINTS" in entries else width * height
    if points != width * height:
        raise _broken(f"expected WIDTH x HEIGHT = {width * height} points, found POINTS {points}", path, "POINTS")
    encoding = " ".join(entries["DATA"])
    if encoding not in _ENCODINGS:
        raise _broken(f"expected DATA {', '.join(_ENCODINGS)}, found {encoding!r}", path, "DATA")
    viewpoint = entries.get("VIEWPOINT", [])
    has_viewpoint = list(map(_number, viewpoint)) not in ([], [0, 0, 0, 1, 0, 0, 0])
    return _Header(np.dtype(parts), names, points, lines, encoding, start, has_viewpoint)


def _read_rows(body: memoryview, header: _Header, path: Path) -> NDArray[np.void]:
    expected = header.points * header.row.itemsize
    _check_size(len(body), expected, header, path)
    _check_rest(bytes(body[expected:]), len(body), expected, header, path)
    return np.frombuffer(body[:expected], dtype=header.row)


def _check_rest(rest: bytes, size: int, expected: int, header: _Header, path: Path) -> None:
    if rest.strip(b"\0\r\n"):
        raise _broken(
            f"expected {header.points} points in {expected} bytes, found {size} bytes",
            path,
            f"byte {header.start + expected}",
        )


def _read_packed(body: memoryview, header: _Header, path: Path) -> NDArray[np.void]:
    expected = header.points * header.row.itemsize
    if header.points == 0 and len(body) < 8:
        return np.empty(0, dtype=header.row)
    if len(body) < 8:
        raise _broken("truncated: the sizes of the compressed data are missing", path, f"byte {header.start}")
    packed_size, raw_size = np.frombuffer(body[:8], dtype="<u4").tolist()
    if raw_size != expected:
        raise _broken(
            f"expected {expected} bytes for {header.points} points, found {raw_size}", path, f"byte {header.start + 4}"
        )
    if packed_size > len(body) - 8:
        raise _broken(
            f"truncated: expected {packed_size} compressed bytes, found {len(body) - 8}",
            path,
            f"byte {header.start + 8}",
        )
    if raw_size > packed_size * MOST_PER_BYTE:
        raise _broken(f"{packed_size} compressed bytes cannot hold {raw_size} bytes", path, f"byte {header.start}")
    raw = np.empty(raw_size, dtype=np.uint8)
    if decode_lzf(np.frombuffer(body[8 : 8 + packed_size], dtype=np.uint8), raw) != raw_size:
        raise _broken("the compressed data is damaged", path, f"byte {header.start + 8}")
    rows = np.empty(header.points, dtype=header.row)
    start = 0
    for name in header.row.names or ():
        part = header.row[name]
        column = raw[start : start + header.points * part.itemsize]
        rows[name] = column.view(part.base).reshape(header.points, *part.shape)
        start += column.size
    return rows


def _read_text(body: memoryview, header: _Header, path: Path) -> NDArray[np.void]:
    flat = [header.row[name].base for name in header.row.names or () for _ in range(_width(header.row[name]))]
    _check_size(len(body) + 1, header.points * 2 * len(flat), header, path)
    columns = np.dtype([(f"c{position}", kind) for position, kind in enumerate(flat)])
    text = io.TextIOWrapper(io.BytesIO(body), encoding="ascii", errors="replace")
    lines = [line for line in text if line.strip()]
    if len(lines) != header.points:
        raise _broken(f"expected {header.points} points, found {len(lines)} lines", path, f"byte {header.start}")
    rows = np.empty(header.points, dtype=header.row)
    if not lines:
        return rows
    try:
        table = np.loadtxt(lines, dtype=columns, comments=None, ndmin=1)
    except (ValueError, OverflowError) as error:
        place = f"line {_bad_line(lines, columns) + header.lines}"
        raise _broken(f"expected {len(flat)} numbers a line, each of its field's type", path, place) from error
    start = 0
    for name in header.row.names or ():
        part = header.row[name]
        width = _width(part)
        values = [table[f"c{position}"] for position in range(start, start + width)]
        if width:
            rows[name] = np.stack(values, axis=1).reshape(header.points, *part.shape)
        start += width
    return rows


def _bad_line(lines: list[str], columns: np.dtype[np.void]) -> int:
    """Which line, from 1, is not a row; empty ones are not counted."""
    for number, line in enumerate(lines, start=1):
        try:
            np.loadtxt([line], dtype=columns, comments=None, ndmin=1)
        except (ValueError, OverflowError):
            return number
    return len(lines)


def _check_size(found: int, expected: int, header: _Header, path: Path) -> None:
    if found < expected:
        raise _broken(
            f"the header promises {header.points} points, at least {expected} bytes; the file holds {found}",
            path,
            f"byte {header.start}",
        )


def _unpack_color(name: str, values: NDArray[np.generic]) -> NDArray[np.generic]:
    if name not in ("rgb", "rgba") or values.ndim != 1 or values.dtype.itemsize != 4:
        return values
    blue_first = np.ascontiguousarray(values).view(np.uint8).reshape(-1, 4)
    return np.ascontiguousarray(blue_first[:, [2, 1, 0, 3][: len(name)]])


def _width(part: np.dtype[np.generic]) -> int:
    return int(np.prod(part.shape, dtype=np.int64))


def _numbers(entries: dict[str, list[str]], key: str, count: int, path: Path) -> tuple[int, ...]:
    words = entries.get(key, [])
    if len(words) != count or not all(word.isascii() and word.isdigit() and len(word) < 16 for word in words):
        raise _broken(f"expected {count} whole numbers after {key}, found {' '.join(words) or 'nothing'}", path, key)
    return tuple(map(int, words))


def _number(word: str) -> float:
    try:
        return float(word)
    except ValueError:
        return float("nan")


def _broken(message: str, path: Path, place: str) -> BrokenFileError:
    return BrokenFileError(message, path=path, place=place, fix=_COPY)
