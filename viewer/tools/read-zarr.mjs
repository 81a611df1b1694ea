// Reads arrays of a Zarr store over HTTP with zarrita and prints what it found, as JSON.
// node tools/read-zarr.mjs URL NODE... ; a NODE may end in "#i" for the chunk row i alone.
import { createHash } from "node:crypto";
import * as zarr from "zarrita";

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
