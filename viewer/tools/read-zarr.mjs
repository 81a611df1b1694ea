// Reads arrays of a Zarr store over HTTP with zarrita and prints what it found, as JSON.
// node tools/read-zarr.mjs URL NODE... ; a NODE may end in "#i" for the chunk row i alone.
import { createHash } from "node:crypto";
import { MeshoptDecoder } from "meshoptimizer";
import * as zarr from "zarrita";

/** The codec `worldline.meshopt` of docs/codecs.md: a uint32 with the number of points, then their vertex stream. */
class Meshopt {
  kind = "array_to_bytes";

  constructor(shape) {
    this.shape = shape;
  }

  static fromConfig(_configuration, { dataType, shape }) {
    if (dataType !== "int16" || shape.at(-1) !== 4) throw new Error(`no points: ${dataType} ${shape}`);
    return new Meshopt(shape);
  }

  decode(bytes) {
    const count = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);
    const data = new Int16Array(this.shape.reduce((product, each) => product * each, 1));
    const target = new Uint8Array(data.buffer, 0, count * 8);
    MeshoptDecoder.decodeVertexBuffer(target, count, 8, bytes.subarray(4));
    const stride = this.shape.map((_, at) => this.shape.slice(at + 1).reduce((product, each) => product * each, 1));
    return { data, shape: this.shape, stride };
  }

  encode() {
    throw new Error("it only reads");
  }
}

zarr.registry.set("worldline.meshopt", () => MeshoptDecoder.ready.then(() => Meshopt));

const [address, ...nodes] = process.argv.slice(2);
const root = await zarr.open.v3(zarr.root(new zarr.FetchStore(address)), { kind: "group" });
const found = { attributes: Object.keys(root.attrs), arrays: {} };
for (const each of nodes) {
  const [node, row] = each.split("#");
  const array = await zarr.open.v3(root.resolve(node), { kind: "array" });
  const selection = row === undefined ? null : [Number(row), ...array.shape.slice(1).map(() => null)];
  const chunk = await zarr.get(array, selection);
  const bytes = new Uint8Array(chunk.data.buffer, chunk.data.byteOffset, chunk.data.byteLength);
  found.arrays[each] = {
    dtype: array.dtype,
    shape: array.shape,
    sha256: createHash("sha256").update(bytes).digest("hex"),
  };
}
process.stdout.write(`${JSON.stringify(found)}\n`);
