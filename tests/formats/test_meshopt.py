"""The codec `worldline.meshopt` loses nothing, and others read it: zarr-python, a plain decoder, Node."""

import contextlib
import importlib
import shutil
import subprocess
import tomllib
from pathlib import Path

import numpy as np
import pytest
import zarr
from hypothesis import given, settings
from hypothesis import strategies as st
from zarr.codecs import Crc32cCodec
from zarr.registry import get_codec_class
from zarr.storage import MemoryStore

from tests.naive_meshopt import decode_stream
from tests.shared_data import shared_data
from worldline.formats.errors import StoreError
from worldline.formats.store.display import display_array, encode_block, fit_grid, quantise
from worldline.formats.store.meshopt import decode_points, encode_points, longest_stream
from worldline.formats.store.meshopt_codec import CODEC_ID, MeshoptCodec, decode_chunk, encode_chunk

ROOT = Path(__file__).resolve().parents[2]


@st.composite
def clouds(draw: st.DrawFn) -> np.ndarray:
    """Points that walk in steps of every size, stand still, jump, and are nothing but noise."""
    count = draw(st.integers(0, 40) | st.integers(0, 1100) | st.sampled_from([255, 256, 257, 511, 512, 513]))
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    points = np.zeros((count, 4), np.int64)
    for axis in range(4):
        reach = draw(st.sampled_from([0, 1, 2, 7, 14, 40, 127, 300, 32767, 70000]))
        steps = random.integers(-reach, reach + 1, count)
        steps[random.random(count) < draw(st.sampled_from([0.0, 0.05, 0.9]))] = 0
        points[:, axis] = np.cumsum(steps) + random.integers(-32768, 32768)
    return points.astype(np.int16)


def decoded(stream: np.ndarray, count: int) -> np.ndarray:
    points = np.full((count, 4), 77, np.int16)
    decode_points(stream, points)
    return points


@settings(max_examples=150)
@given(clouds())
def test_points_come_back_exactly(points: np.ndarray) -> None:
    stream = encode_points(points)
    assert stream.size <= longest_stream(len(points))
    assert np.array_equal(decoded(stream, len(points)), points)


@settings(max_examples=25)
@given(clouds())
def test_the_described_decoder_reads_the_stream(points: np.ndarray) -> None:
    if len(points):
        assert np.array_equal(decode_stream(encode_points(points).tobytes(), len(points)), points)


@settings(max_examples=150)
@given(clouds(), st.data())
def test_a_damaged_stream_is_an_error_or_other_points_and_nothing_else(points: np.ndarray, data: st.DataObject) -> None:
    stream = encode_points(points)
    if stream.size == 0:
        return
    cut = data.draw(st.integers(0, stream.size - 1))
    with pytest.raises(StoreError, match="no meshopt vertex stream"):
        decoded(stream[:cut].copy(), len(points) + 1)
    changed = stream.copy()
    changed[data.draw(st.integers(0, stream.size - 1))] ^= data.draw(st.integers(1, 255))
    with contextlib.suppress(StoreError):
        decoded(changed, len(points))


def test_a_chunk_says_how_many_points_it_has() -> None:
    points = np.arange(40, dtype=np.int16).reshape(10, 4)
    chunk = encode_chunk(points)
    assert int.from_bytes(chunk[:4].tobytes(), "little") == 10
    assert np.array_equal(decode_chunk(chunk, 12), np.vstack([points, np.zeros((2, 4), np.int16)]))
    with pytest.raises(StoreError, match="room for 9"):
        decode_chunk(chunk, 9)
    with pytest.raises(StoreError, match="3 bytes"):
        decode_chunk(chunk[:3], 9)


def test_zarr_finds_the_codec_by_its_id() -> None:
    points = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["entry-points"]["zarr.codecs"]
    module, name = points[CODEC_ID].split(":")
    assert getattr(importlib.import_module(module), name) is MeshoptCodec
    assert get_codec_class(CODEC_ID) is MeshoptCodec


@settings(max_examples=25)
@given(clouds(), st.booleans())
def test_zarr_reads_what_was_encoded_beside_it_and_writes_the_same(points: np.ndarray, sharded: bool) -> None:
    store = MemoryStore()
    if sharded:
        array = display_array(zarr.group(store), "points", 3, 2, 2048)
    else:
        array = zarr.create_array(
            store,
            name="points",
            shape=(3, 2048, 4),
            chunks=(1, 2048, 4),
            dtype="int16",
            serializer=MeshoptCodec(),
            compressors=[Crc32cCodec()],
        )
    array[1, : len(points)] = points
    again = zarr.open_array(store, path="points", mode="r")
    assert np.array_equal(again[1, : len(points)], points)
    assert not again[1, len(points) :].any()
    assert not again[0].any()


def test_the_codec_refuses_what_are_no_points() -> None:
    for shape, dtype in (((3, 64, 3), "int16"), ((3, 64, 4), "int32")):
        with pytest.raises(StoreError, match="int16"):
            zarr.create_array(
                MemoryStore(), shape=shape, dtype=dtype, chunks=(1, *shape[1:]), serializer=MeshoptCodec()
            )
    with pytest.raises(StoreError, match="configuration"):
        MeshoptCodec.from_dict({"name": CODEC_ID, "configuration": {"stride": 8}})


NODE = """
import { readFileSync } from "node:fs";
import { MeshoptDecoder } from "meshoptimizer/decoder";
await MeshoptDecoder.ready;
const [chunk, expected] = process.argv.slice(2).map((path) => readFileSync(path));
const count = chunk.readUInt32LE(0);
const points = new Uint8Array(count * 8);
MeshoptDecoder.decodeVertexBuffer(points, count, 8, new Uint8Array(chunk.subarray(4, chunk.length - 4)));
if (Buffer.compare(Buffer.from(points), expected) !== 0) throw new Error("other points");
console.log(count, "points");
"""


def test_node_decodes_what_python_encoded(tmp_path: Path) -> None:
    node = shutil.which("node")
    if node is None or not (ROOT / "viewer/node_modules/meshoptimizer").is_dir():
        pytest.skip("needs Node and the viewer's packages (npm ci in viewer/)")
    random = np.random.default_rng(4)
    turn = np.sort(random.uniform(0, 6.28, 5000))
    xyz_m = np.stack([30 * np.cos(turn), 30 * np.sin(turn), random.normal(0, 0.3, 5000)], axis=1).astype(np.float32)
    intensity = random.random(5000)
    grid = fit_grid(xyz_m)
    chunk, _ = encode_block(xyz_m, intensity, grid, 1.0)
    (tmp_path / "chunk").write_bytes(chunk)
    (tmp_path / "points").write_bytes(quantise(xyz_m, intensity, grid, 1.0)[0].tobytes())
    (tmp_path / "decode.mjs").write_text(NODE)
    (tmp_path / "node_modules").symlink_to(ROOT / "viewer/node_modules")
    command = [node, "decode.mjs", "chunk", "points"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False)
    assert done.stdout.strip() == "5000 points", done.stderr


def test_a_real_sweep_takes_at_most_3_2_bytes_a_point() -> None:
    for path in sorted(shared_data("kitti_raw_10hz", "velodyne_points", "data").glob("*.bin"))[:3]:
        sweep = np.fromfile(path, np.float32).reshape(-1, 4)
        chunk, clipped = encode_block(sweep[:, :3], sweep[:, 3], fit_grid(sweep[:, :3]), 1.0)
        assert clipped == 0
        assert len(chunk) <= 3.2 * len(sweep)
