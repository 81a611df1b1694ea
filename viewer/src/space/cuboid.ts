/** Cuboids: length along their own +x (the heading), width along +y, height along +z, centre at the origin. */

import type { Cuboid, Pose, Vec3 } from "../state/model";
import { apply, compose, inverse } from "./pose";

/** Corners in half sizes: the bottom from front left clockwise seen from above, then the top. */
export const CORNER_SIGNS: readonly Vec3[] = [
  [1, 1, -1],
  [1, -1, -1],
  [-1, -1, -1],
  [-1, 1, -1],
  [1, 1, 1],
  [1, -1, 1],
  [-1, -1, 1],
  [-1, 1, 1],
];

/** Corner numbers of the 12 edges. */
export const EDGES: readonly (readonly [number, number])[] = [
  [0, 1],
  [1, 2],
  [2, 3],
  [3, 0],
  [4, 5],
  [5, 6],
  [6, 7],
  [7, 4],
  [0, 4],
  [1, 5],
  [2, 6],
  [3, 7],
];

/** Corner numbers of the front face (+x), around. */
export const FRONT: readonly number[] = [0, 1, 5, 4];

/** The 8 corners in the cuboid's frame of reference. */
export const corners = (cuboid: Cuboid): Vec3[] => {
  const [length, width, height] = cuboid.size_m;
  return CORNER_SIGNS.map(([x, y, z]) =>
    apply(cuboid.pose, [(x * length) / 2, (y * width) / 2, (z * height) / 2]),
  );
};

/** A point of the world in the cuboid's own axes, from its centre. */
export const worldToCuboid = (cuboid: Cuboid, point: Vec3): Vec3 => apply(inverse(cuboid.pose), point);

/** A point in the cuboid's own axes as a point of the world. */
export const cuboidToWorld = (cuboid: Cuboid, point: Vec3): Vec3 => apply(cuboid.pose, point);

/** Whether a point lies in the cuboid; one exactly on a face does. */
export const contains = (cuboid: Cuboid, point: Vec3): boolean => {
  const [x, y, z] = worldToCuboid(cuboid, point);
  const [length, width, height] = cuboid.size_m;
  return Math.abs(x) <= length / 2 && Math.abs(y) <= width / 2 && Math.abs(z) <= height / 2;
};

/** A cuboid of frame b as a cuboid of frame a. */
export const movedCuboid = (a_from_b: Pose, cuboid: Cuboid): Cuboid => ({
  pose: compose(a_from_b, cuboid.pose),
  size_m: cuboid.size_m,
});

export const volume = ({ size_m: [length, width, height] }: Cuboid): number => length * width * height;

/** How many points lie inside: `xyz` interleaved, in the frame in which the cuboid is given. */
export const countInside = (cuboid: Cuboid, xyz: Float32Array, count = xyz.length / 3): number => {
  const { rotation_wxyz: q, translation_m: t } = inverse(cuboid.pose);
  const [w, a, b, c] = q;
  const [hx, hy, hz] = [cuboid.size_m[0] / 2, cuboid.size_m[1] / 2, cuboid.size_m[2] / 2];
  const [cx, cy, cz] = cuboid.pose.translation_m;
  const reach = hx * hx + hy * hy + hz * hz;
  let inside = 0;
  for (let n = 0; n < count * 3; n += 3) {
    const x = xyz[n]!;
    const y = xyz[n + 1]!;
    const z = xyz[n + 2]!;
    if ((x - cx) ** 2 + (y - cy) ** 2 + (z - cz) ** 2 > reach) continue;
    const u = 2 * (b * z - c * y);
    const v = 2 * (c * x - a * z);
    const s = 2 * (a * y - b * x);
    const px = x + w * u + b * s - c * v + t[0];
    const py = y + w * v + c * u - a * s + t[1];
    const pz = z + w * s + a * v - b * u + t[2];
    if (Math.abs(px) <= hx && Math.abs(py) <= hy && Math.abs(pz) <= hz) inside += 1;
  }
  return inside;
};
