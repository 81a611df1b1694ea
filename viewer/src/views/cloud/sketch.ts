/** The box tool: a cuboid drawn by dragging over the ground, as long as the drag, as wide as its class. */

import { fromYaw } from "../../space/pose";
import type { ClassInfo, Cuboid, Vec3 } from "../../state/model";

const SHORTEST_M = 0.3;

/** The cuboid of a drag from one place of the ground to another, null while it is too short to mean one. */
export function sketched(from: Vec3, to: Vec3, ground_m: number, kind: ClassInfo | undefined): Cuboid | null {
  const [dx, dy] = [to[0] - from[0], to[1] - from[1]];
  const length_m = Math.hypot(dx, dy);
  if (length_m < SHORTEST_M) return null;
  const [, width_m, height_m] = kind?.size_m ?? [4, 1.8, 1.6];
  const center: Vec3 = [from[0] + dx / 2, from[1] + dy / 2, ground_m + height_m / 2];
  return { pose: fromYaw(Math.atan2(dy, dx), center), size_m: [length_m, width_m, height_m] };
}
