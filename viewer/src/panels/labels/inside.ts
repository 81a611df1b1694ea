/**
 * Points in a cuboid, and how far each face is from the outermost of them.
 *
 * Points are in the sensor's frame, metres, x y z interleaved; the cuboid is the world's.
 */

import { compose, inverse, rotationMatrix } from "../../space/pose";
import type { Cuboid, Pose } from "../../state/model";

export interface Inside {
  readonly count: number;
  readonly near_count: number; // outside, but within NEAR_M of the cuboid
  /** From each face inward to the outermost point; null when no point is inside. */
  readonly gaps_m: Gaps | null;
}

export interface Gaps {
  readonly front: number;
  readonly rear: number;
  readonly left: number;
  readonly right: number;
  readonly top: number;
}

export const NEAR_M = 0.1;

export function pointsInside(xyz: Float32Array, count: number, cuboid: Cuboid, sensor: Pose): Inside {
  const pose = compose(inverse(cuboid.pose), sensor); // cuboid_from_sensor
  const m = rotationMatrix(pose.rotation_wxyz);
  const [tx, ty, tz] = pose.translation_m;
  const [hx, hy, hz] = [cuboid.size_m[0] / 2, cuboid.size_m[1] / 2, cuboid.size_m[2] / 2];
  const [nx, ny, nz] = [hx + NEAR_M, hy + NEAR_M, hz + NEAR_M];
  let inside = 0;
  let near = 0;
  let [x0, x1, y0, y1, z1] = [hx, -hx, hy, -hy, -hz];
  for (let at = 0; at < 3 * count; at += 3) {
    const px = xyz[at]!;
    const py = xyz[at + 1]!;
    const pz = xyz[at + 2]!;
    const x = m[0]! * px + m[1]! * py + m[2]! * pz + tx;
    if (x > nx || x < -nx) continue;
    const y = m[3]! * px + m[4]! * py + m[5]! * pz + ty;
    if (y > ny || y < -ny) continue;
    const z = m[6]! * px + m[7]! * py + m[8]! * pz + tz;
    if (z > nz || z < -nz) continue;
    if (x > hx || x < -hx || y > hy || y < -hy || z > hz || z < -hz) {
      // Under the bottom face lies the ground: its points say nothing about the object.
      if (z >= -hz) near++;
      continue;
    }
    inside++;
    if (x < x0) x0 = x;
    if (x > x1) x1 = x;
    if (y < y0) y0 = y;
    if (y > y1) y1 = y;
    if (z > z1) z1 = z;
  }
  const gaps = { front: hx - x1, rear: hx + x0, left: hy - y1, right: hy + y0, top: hz - z1 };
  return { count: inside, near_count: near, gaps_m: inside === 0 ? null : gaps };
}
