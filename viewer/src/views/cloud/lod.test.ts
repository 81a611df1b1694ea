import { describe, expect, it } from "vitest";
import type { TreeNode } from "../../stream/octree";
import { Eye } from "./eye";
import { chooseNodes, errorOf, FINE_PX, type Sight } from "./lod";

/** A whole octree of some levels over a cube of 64 m around (0, 0, 0). */
const tree = (levels: number, count: number): TreeNode[] => {
  const nodes: (Omit<TreeNode, "children"> & { children: number[] })[] = [];
  const add = (
    parent: number,
    center_m: readonly [number, number, number],
    half_m: number,
    level: number,
  ) => {
    const number = nodes.length;
    nodes[parent]?.children.push(number);
    const block = { number, count, origin_m: center_m, scale_m: 0.001 };
    nodes.push({ number, parent, children: [], center_m, half_m, spacing_m: half_m / 64, block });
    if (level + 1 < levels)
      for (let octant = 0; octant < 8; octant++) {
        const part = (axis: number, bit: number) =>
          center_m[axis]! + ((octant >> bit) & 1 ? 0.5 : -0.5) * half_m;
        add(number, [part(0, 2), part(1, 1), part(2, 0)], half_m / 2, level + 1);
      }
  };
  add(-1, [0, 0, 0], 32, 0);
  return nodes;
};

const sightOf = (distance_m: number, turn = 0): Sight => {
  const eye = new Eye(0);
  eye.resize(1000, 600);
  eye.orbit = { target: [0, 0, 0], azimuth_rad: turn, elevation_rad: 0.4, distance_m };
  eye.update();
  return { clip: eye.clip, height: eye.height, flat: false, pixel_m: eye.metersPerPixel / distance_m };
};
const centerOf = (node: TreeNode) => node.center_m;

describe("choosing nodes", () => {
  const nodes = tree(4, 1000);

  it("takes every node after the one above it", () => {
    const chosen = chooseNodes(nodes, sightOf(30), centerOf, 1e9).map(({ node }) => node);
    chosen.forEach((number, at) => {
      const { parent } = nodes[number]!;
      expect(parent === -1 || chosen.indexOf(parent) < at).toBe(true);
    });
    expect(new Set(chosen).size).toBe(chosen.length);
  });

  it("stays within the budget, and shows something whatever it is", () => {
    for (const budget of [1, 999, 5000, 50_000]) {
      const chosen = chooseNodes(nodes, sightOf(30), centerOf, budget);
      expect(chosen.length).toBeGreaterThan(0);
      expect(chosen.length).toBeLessThanOrEqual(Math.max(1, Math.floor(budget / 1000)));
    }
  });

  it("is finer near than far", () => {
    const finest = (distance_m: number) =>
      Math.min(
        ...chooseNodes(nodes, sightOf(distance_m), centerOf, 1e9).map(({ node }) => nodes[node]!.half_m),
      );
    expect(finest(5000)).toBe(32);
    expect(finest(20)).toBeLessThan(finest(1500));
  });

  it("leaves no node out that is in view and coarse on the screen", () => {
    const sight = sightOf(40);
    const chosen = new Set(chooseNodes(nodes, sight, centerOf, 1e9).map(({ node }) => node));
    for (const { node, error_px } of chooseNodes(nodes, sight, centerOf, 1e9))
      if (error_px > FINE_PX)
        for (const child of nodes[node]!.children)
          expect(chosen.has(child) || errorOf(nodes[child]!, nodes[child]!.center_m, sight) === 0).toBe(true);
  });

  it("leaves out what lies behind the eye", () => {
    const sight = sightOf(4);
    const behind: TreeNode = { ...nodes[0]!, center_m: [-200, 0, 10], half_m: 4 };
    const ahead: TreeNode = { ...nodes[0]!, center_m: [60, 0, -20], half_m: 4 };
    expect(errorOf(behind, behind.center_m, sight)).toBe(0);
    expect(errorOf(ahead, ahead.center_m, sight)).toBeGreaterThan(0);
  });
});
