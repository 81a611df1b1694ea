/** Which nodes of an octree to draw: those whose points would lie farthest apart on the screen, within a budget. */

import type { Vec3 } from "../../state/model";
import type { TreeNode } from "../../stream/octree";

/** What the eye sees of the stage. */
export interface Sight {
  /** clip_from_stage, column by column. */
  readonly clip: readonly number[];
  readonly height: number; // CSS px
  readonly flat: boolean;
  /** Metres a pixel spans one metre away; anywhere when the view is flat. */
  readonly pixel_m: number;
}

/** Points nearer together than this on the screen need no finer node, CSS px. */
export const FINE_PX = 1.4;

export interface Choice {
  readonly node: number;
  readonly error_px: number;
}

/**
 * The nodes to draw, coarse and near ones first: every node comes after the one above it, and all of them have at
 * most `budget` points (the first is always among them).
 */
export function chooseNodes(
  nodes: readonly TreeNode[],
  sight: Sight,
  centerOf: (node: TreeNode) => Vec3,
  budget: number,
): Choice[] {
  const chosen: Choice[] = [];
  const heap = new ErrorHeap();
  let points = 0;
  const consider = (number: number): void => {
    const node = nodes[number]!;
    const error_px = errorOf(node, centerOf(node), sight);
    if (error_px > 0) heap.push({ node: number, error_px });
  };
  if (nodes.length > 0) consider(0);
  for (let next = heap.pop(); next !== undefined; next = heap.pop()) {
    const node = nodes[next.node]!;
    points += node.block.count;
    if (points > budget && chosen.length > 0) break;
    chosen.push(next);
    if (next.error_px > FINE_PX) for (const child of node.children) consider(child);
  }
  return chosen;
}

/** How far apart the node's points lie on the screen where it is nearest to the eye; 0 when it is out of view. */
export function errorOf(node: TreeNode, center: Vec3, sight: Sight): number {
  const radius = node.half_m * Math.sqrt(3);
  const c = sight.clip;
  const row = (n: 0 | 1 | 2 | 3) => [c[n]!, c[n + 4]!, c[n + 8]!, c[n + 12]!] as const;
  const w = row(3);
  for (const axis of [0, 1] as const) {
    const edge = row(axis);
    for (const sign of [1, -1]) {
      const [a, b, d, e] = [0, 1, 2, 3].map((n) => w[n]! + sign * edge[n]!) as [
        number,
        number,
        number,
        number,
      ];
      const length = Math.hypot(a, b, d);
      if (a * center[0] + b * center[1] + d * center[2] + e < -radius * length) return 0;
    }
  }
  if (sight.flat) return node.spacing_m / sight.pixel_m;
  const away = w[0] * center[0] + w[1] * center[1] + w[2] * center[2] + w[3];
  if (away < -radius) return 0;
  return node.spacing_m / (Math.max(away - radius, 0.5) * sight.pixel_m);
}

class ErrorHeap {
  private readonly items: Choice[] = [];

  push(item: Choice): void {
    const { items } = this;
    let at = items.push(item) - 1;
    while (at > 0) {
      const above = (at - 1) >> 1;
      if (items[above]!.error_px >= item.error_px) break;
      items[at] = items[above]!;
      at = above;
    }
    items[at] = item;
  }

  pop(): Choice | undefined {
    const { items } = this;
    const top = items[0];
    const last = items.pop();
    if (last === undefined || items.length === 0) return top;
    let at = 0;
    for (;;) {
      let below = at * 2 + 1;
      if (below >= items.length) break;
      if (below + 1 < items.length && items[below + 1]!.error_px > items[below]!.error_px) below += 1;
      if (items[below]!.error_px <= last.error_px) break;
      items[at] = items[below]!;
      at = below;
    }
    items[at] = last;
    return top;
  }
}
