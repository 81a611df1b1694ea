/**
 * Cuboids under the hand: moved, stretched, turned. Every function gives a new cuboid of the world and
 * keeps the whole rotation, tilt included; turning is about the cuboid's own z.
 */

import { moved, turned } from "../space/pose";
import type { Cuboid, Vec3 } from "../state/model";

/** No side gets shorter than this. */
export const SHORTEST_M = 0.1;

/** Moved by a step of the world. */
export function slid(cuboid: Cuboid, step_m: Vec3): Cuboid {
  const [x, y, z] = cuboid.pose.translation_m;
  const translation_m: Vec3 = [x + step_m[0], y + step_m[1], z + step_m[2]];
  return { pose: { ...cuboid.pose, translation_m }, size_m: cuboid.size_m };
}

/** Moved by a step along its own axes. */
export function slidAlong(cuboid: Cuboid, step_m: Vec3): Cuboid {
  return { pose: moved(cuboid.pose, step_m), size_m: cuboid.size_m };
}

/**
 * Faces pulled outward while the opposite ones stay.
 *
 * `signs` names the faces: +1 the front, left or top one of an axis, -1 the other, 0 neither; `step_m` is
 * how far the hand went along the cuboid's own axes.
 */
export function stretched(cuboid: Cuboid, signs: Vec3, step_m: Vec3): Cuboid {
  const side = (axis: 0 | 1 | 2) =>
    signs[axis] === 0
      ? cuboid.size_m[axis]
      : Math.max(SHORTEST_M, cuboid.size_m[axis] + signs[axis] * step_m[axis]);
  const size_m: Vec3 = [side(0), side(1), side(2)];
  const shift = (axis: 0 | 1 | 2) => (signs[axis] * (size_m[axis] - cuboid.size_m[axis])) / 2;
  return { pose: moved(cuboid.pose, [shift(0), shift(1), shift(2)]), size_m };
}

export function turnedAbout(cuboid: Cuboid, angle_rad: number): Cuboid {
  return { pose: turned(cuboid.pose, angle_rad), size_m: cuboid.size_m };
}
