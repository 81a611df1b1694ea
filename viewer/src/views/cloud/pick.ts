/** What is under the cursor: a cuboid by its faces, a point by its distance to the ray on the screen. */

import { apply, inverse, rotate, rotationMatrix } from "../../space/pose";
import type { Cuboid, Pose, Vec3 } from "../../state/model";
import type { Sweep } from "../context";
import type { Ray } from "./eye";

/** How far along the ray a cuboid begins; null when the ray passes it. From inside it is 0. */
export function rayCuboid(ray: Ray, cuboid: Cuboid, margin_m = 0): number | null {
  const own = inverse(cuboid.pose);
  const origin = apply(own, ray.origin);
  const direction = rotate(own.rotation_wxyz, ray.direction);
  let [enter, leave] = [0, Number.POSITIVE_INFINITY];
  for (const axis of [0, 1, 2] as const) {
    const half = cuboid.size_m[axis] / 2 + margin_m;
    const step = Math.abs(direction[axis]) < 1e-12 ? 1e-12 : direction[axis];
    const [a, b] = [(-half - origin[axis]) / step, (half - origin[axis]) / step];
    enter = Math.max(enter, Math.min(a, b));
    leave = Math.min(leave, Math.max(a, b));
  }
  return enter <= leave ? enter : null;
}

/** The nearest of the cuboids a ray meets; the smaller of two that begin at much the same place. */
export function pickCuboid<T extends { readonly cuboid: Cuboid }>(ray: Ray, items: readonly T[]): T | null {
  let best: T | null = null;
  let nearest = Number.POSITIVE_INFINITY;
  for (const item of items) {
    const along = rayCuboid(ray, item.cuboid, 0.05);
    if (along !== null && along < nearest) {
      nearest = along;
      best = item;
    }
  }
  return best;
}

export interface Screen {
  readonly width: number;
  readonly height: number;
  /** clip_from_stage, column by column. */
  readonly clip: readonly number[];
}

/**
 * The point nearest to a pixel within `reach_px`, on the stage. Of points much the same distance from the
 * pixel the one in front wins: what the eye sees covers what is behind.
 */
export function pickPoint(
  screen: Screen,
  x: number,
  y: number,
  sweep: Sweep,
  stage_from_sensor: Pose,
  reach_px: number,
  levels: readonly [number, number],
): { point: Vec3; away: number } | null {
  const r = rotationMatrix(stage_from_sensor.rotation_wxyz);
  const [tx, ty, tz] = stage_from_sensor.translation_m;
  const c = screen.clip;
  const [u, v] = [(x / screen.width) * 2 - 1, 1 - (y / screen.height) * 2];
  const [wide, tall] = [screen.width / 2, screen.height / 2];
  let best = -1;
  let least = Number.POSITIVE_INFINITY;
  for (let n = 0; n < sweep.count * 3; n += 3) {
    const [sx, sy, sz] = [sweep.xyz[n]!, sweep.xyz[n + 1]!, sweep.xyz[n + 2]!];
    const px = r[0]! * sx + r[1]! * sy + r[2]! * sz + tx;
    const py = r[3]! * sx + r[4]! * sy + r[5]! * sz + ty;
    const pz = r[6]! * sx + r[7]! * sy + r[8]! * sz + tz;
    const w = c[3]! * px + c[7]! * py + c[11]! * pz + c[15]!;
    if (w <= 0 || pz < levels[0] || pz > levels[1]) continue;
    const dx = ((c[0]! * px + c[4]! * py + c[8]! * pz + c[12]!) / w - u) * wide;
    if (dx > reach_px || dx < -reach_px) continue;
    const dy = ((c[1]! * px + c[5]! * py + c[9]! * pz + c[13]!) / w - v) * tall;
    const off = Math.hypot(dx, dy);
    if (off > reach_px) continue;
    const cost = w * (1 + (off / reach_px) ** 2 * 0.6);
    if (cost < least) {
      least = cost;
      best = n;
    }
  }
  if (best < 0) return null;
  const point = apply(stage_from_sensor, [sweep.xyz[best]!, sweep.xyz[best + 1]!, sweep.xyz[best + 2]!]);
  return { point, away: least };
}
