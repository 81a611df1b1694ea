/** What a sweep's numbers range over: where the ground is, and which intensities are common. */

import { rotationMatrix } from "../../space/pose";
import type { Pose, Vec3 } from "../../state/model";

const BIN_M = 0.1;
const LOWEST_M = -6;
const BINS = 120;
const NEAR_M = 3;
const FAR_M = 20;

/** Height of the ground on the stage from points around the ego; null when too few are near. */
export function groundLevel(xyz: Float32Array, count: number, stage_from_sensor: Pose): number | null {
  const r = rotationMatrix(stage_from_sensor.rotation_wxyz);
  const [tx, ty, tz] = stage_from_sensor.translation_m;
  const bins = new Uint32Array(BINS);
  let total = 0;
  for (let n = 0; n < count * 3; n += 3) {
    const [x, y, z] = [xyz[n]!, xyz[n + 1]!, xyz[n + 2]!];
    const across = Math.hypot(r[0]! * x + r[1]! * y + r[2]! * z + tx, r[3]! * x + r[4]! * y + r[5]! * z + ty);
    if (across < NEAR_M || across > FAR_M) continue;
    const bin = Math.floor((r[6]! * x + r[7]! * y + r[8]! * z + tz - LOWEST_M) / BIN_M);
    if (bin < 0 || bin >= BINS) continue;
    bins[bin]! += 1;
    total += 1;
  }
  if (total < 200) return null;
  const top = bins.reduce((most, held) => Math.max(most, held), 0);
  const first = bins.findIndex((held) => held >= top * 0.5);
  const best = first + (bins[first + 1]! > bins[first]! ? 1 : 0);
  return LOWEST_M + (best + 0.5) * BIN_M;
}

/** The heights that colour ranges over on a street, above the ground. */
export const RAMP_M: readonly [number, number] = [-0.2, 4.2];

const SAMPLE = 20000;

/** What a cloud is like: seen all around by its sensor, or a thing or place to look at from outside. */
export interface Surroundings {
  readonly around: boolean;
  /** Nearly all points lie between these places of the stage. */
  readonly low: Vec3;
  readonly high: Vec3;
}

/** A spinning lidar has most of its points near it and some far away; a scanned place has not. */
export function surroundingsOf(
  xyz: Float32Array,
  count: number,
  stage_from_sensor: Pose,
): Surroundings | null {
  if (count === 0) return null;
  const r = rotationMatrix(stage_from_sensor.rotation_wxyz);
  const step = Math.max(1, Math.floor(count / SAMPLE));
  const held = Math.ceil(count / step);
  const places = [0, 1, 2].map(() => new Float32Array(held));
  const ranges = new Float32Array(held);
  for (let n = 0; n < held; n++) {
    const [x, y, z] = [xyz[n * step * 3]!, xyz[n * step * 3 + 1]!, xyz[n * step * 3 + 2]!];
    ranges[n] = Math.hypot(x, y);
    for (const axis of [0, 1, 2] as const)
      places[axis]![n] =
        r[axis * 3]! * x +
        r[axis * 3 + 1]! * y +
        r[axis * 3 + 2]! * z +
        stage_from_sensor.translation_m[axis];
  }
  for (const values of [...places, ranges]) values.sort();
  const at = (values: Float32Array, share: number) => values[Math.round(share * (held - 1))]!;
  const end = (share: number): Vec3 => [at(places[0]!, share), at(places[1]!, share), at(places[2]!, share)];
  const far = at(ranges, 0.98);
  return { around: far > 12 && at(ranges, 0.5) < far * 0.45, low: end(0.01), high: end(0.99) };
}

/** The lowest surface among points in an upright column, for boxes drawn on uneven ground. */
export function groundUnder(
  xyz: Float32Array,
  count: number,
  stage_from_sensor: Pose,
  center: Vec3,
  radius_m: number,
): number | null {
  const r = rotationMatrix(stage_from_sensor.rotation_wxyz);
  const [tx, ty, tz] = stage_from_sensor.translation_m;
  const heights: number[] = [];
  for (let n = 0; n < count * 3; n += 3) {
    const [x, y, z] = [xyz[n]!, xyz[n + 1]!, xyz[n + 2]!];
    if (Math.abs(r[0]! * x + r[1]! * y + r[2]! * z + tx - center[0]) > radius_m) continue;
    if (Math.abs(r[3]! * x + r[4]! * y + r[5]! * z + ty - center[1]) > radius_m) continue;
    heights.push(r[6]! * x + r[7]! * y + r[8]! * z + tz);
  }
  if (heights.length < 8) return null;
  heights.sort((a, b) => a - b);
  return heights[Math.floor(heights.length * 0.05)]!;
}
