import { describe, expect, it, vi } from "vitest";
import type { Crew } from "./crew";
import type { FramePoints } from "./decode";
import { createTrees, nodesNear, readNodes, type Tree } from "./octree";

const COLUMNS: readonly [string, string, readonly number[], readonly number[]][] = [
  ["parent", "int32", [3], [-1, 0, 0]],
  ["level", "uint8", [3], [0, 1, 1]],
  ["corner_m", "float64", [3, 3], [0, 0, 0, 0, 0, 0, 512, 512, 512]],
  ["size_m", "float64", [3], [1024, 512, 512]],
  ["spacing_m", "float64", [3], [8, 4, 4]],
  ["count", "uint32", [3], [10, 20, 30]],
  ["origin_m", "float64", [3, 3], [1, 2, 3, 4, 5, 6, 700, 800, 900]],
  ["scale_m", "float64", [3], [0.016, 0.008, 0.001]],
];

/** As `pack_columns` of the server does. */
const packed = (): ArrayBuffer => {
  const header = {
    first: 7,
    node_count: 3,
    columns: COLUMNS.map(([name, type, shape]) => ({ name, type, shape })),
  };
  let text = JSON.stringify(header);
  text += " ".repeat((8 - ((4 + text.length) % 8)) % 8);
  const parts: number[] = [...new Uint8Array(new Uint32Array([text.length]).buffer)];
  parts.push(...new TextEncoder().encode(text));
  for (const [, type, , values] of COLUMNS) {
    const View = { int32: Int32Array, uint8: Uint8Array, float64: Float64Array, uint32: Uint32Array }[type]!;
    const data = [...new Uint8Array(new View(values).buffer)];
    parts.push(...data, ...Array.from({ length: (8 - (data.length % 8)) % 8 }, () => 0));
  }
  return new Uint8Array(parts).buffer;
};

const SOURCE = {
  place: { scene: "s", generation: "g", sensor: "map" },
  frame: 0,
  coding: "meshopt",
} as const;
const POINTS = {
  count: 1,
  values: new Float32Array(1),
  xyz: new Float32Array(3),
  intensity: new Int16Array(1),
  common: [0, 1],
} as const;

const opened = async () => {
  const performed: number[] = [];
  const aborted: number[] = [];
  const finish = new Map<number, () => void>();
  const crew = {
    perform: (work: { blocks: readonly { number: number }[] }, signal: AbortSignal) =>
      new Promise<FramePoints>((resolve, reject) => {
        const { number } = work.blocks[0]!;
        performed.push(number);
        finish.set(number, () => resolve(POINTS as unknown as FramePoints));
        signal.addEventListener("abort", () => {
          aborted.push(number);
          reject(new DOMException("gone", "AbortError"));
        });
      }),
  } as unknown as Crew;
  const trees = createTrees({ octree: async () => packed() }, crew);
  return { trees, performed, aborted, finish, tree: await trees.open(SOURCE) };
};
const settle = () => new Promise((done) => setTimeout(done));

describe("octrees", () => {
  it("are read as the server packs them", () => {
    const nodes = readNodes(packed());
    expect(nodes.map((node) => node.parent)).toEqual([-1, 0, 0]);
    expect(nodes[0]!.children).toEqual([1, 2]);
    expect(nodes[2]!.center_m).toEqual([768, 768, 768]);
    expect(nodes[2]!.block).toEqual({ number: 9, count: 30, origin_m: [700, 800, 900], scale_m: 0.001 });
  });

  it("find the nodes around a place", async () => {
    const { tree } = await opened();
    expect([...nodesNear(tree as Tree, [100, 100, 100], 10)].sort()).toEqual([0, 1]);
    expect([...nodesNear(tree as Tree, [510, 510, 510], 10)].sort()).toEqual([0, 1, 2]);
    expect(nodesNear(tree as Tree, [-50, 0, 0], 10)).toEqual([]);
  });

  it("give up the loading of nodes that nobody wants any more", async () => {
    const { trees, tree, performed, aborted, finish } = await opened();
    trees.want([
      { tree, node: 0 },
      { tree, node: 1 },
    ]);
    expect(performed).toEqual([7, 8]);
    trees.want([
      { tree, node: 0 },
      { tree, node: 2 },
    ]);
    expect(aborted).toEqual([8]);
    finish.get(7)!();
    await settle();
    expect(trees.peek({ tree, node: 0 })).not.toBeNull();
    expect(trees.peek({ tree, node: 1 })).toBeNull();
  });

  it("are asked for once", async () => {
    const { trees, tree } = await opened();
    expect(await trees.open({ ...SOURCE })).toBe(tree);
    expect(trees.find(SOURCE)).toBe(tree);
  });

  it("keep the millimetres of map coordinates", () => {
    // As `decodePoints` does: float64 until the end, then float32 from the scene's origin.
    const { origin_m, scale_m } = readNodes(packed())[2]!.block;
    for (const value of [-32767, -1, 0, 12345, 32767]) {
      const exact = origin_m[0] + scale_m * value;
      expect(Math.abs(Math.fround(exact) - exact)).toBeLessThan(0.0005);
    }
  });

  it("loads the field that is wanted, node by node, beside the points, and gives up what no longer is", async () => {
    const { trees, tree, performed, aborted, finish } = await opened();
    const frame = { name: "a:b#c", type: "int32" };
    const wanted = [0, 1].map((node) => ({ tree, node, field: frame }));
    trees.wantFields(wanted);
    expect(performed).toEqual([7, 8]);
    finish.get(7)!();
    await vi.waitFor(() => expect(trees.peekField(wanted[0]!)).not.toBeNull());
    expect(trees.peek({ tree, node: 0 })).toBeNull();
    expect(trees.peekField({ ...wanted[0]!, field: { name: "ring", type: "int32" } })).toBeNull();
    trees.wantFields([]);
    expect(aborted).toEqual([8]);
    trees.close();
  });
});
