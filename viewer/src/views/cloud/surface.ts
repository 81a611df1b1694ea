/** What of the points on the stage is under the cursor, or under a box. */

import type { Vec3 } from "../../state/model";
import type { Eye } from "./eye";
import { groundUnder } from "./levels";
import { pickPoint } from "./pick";
import type { SweepPoints } from "./points";

const REACH_M = 4; // of the ground around the ego: what is farther up or down is a roof or a pit

/** The point nearest to a pixel among sweeps; see `pickPoint`. */
export function pointAmong(
  eye: Eye,
  x: number,
  y: number,
  sweeps: readonly SweepPoints[],
  reach_px: number,
  levels: readonly [number, number],
): Vec3 | null {
  let best: { point: Vec3; away: number } | null = null;
  for (const { sweep, stage_from_sensor } of sweeps) {
    if (sweep === null || stage_from_sensor === null) continue;
    const found = pickPoint(eye, x, y, sweep, stage_from_sensor, reach_px, levels);
    if (found !== null && (best === null || found.away < best.away)) best = found;
  }
  return best?.point ?? null;
}

/** The lowest surface under a place; the ground's own height where no sweep has points there. */
export function groundAmong(
  sweeps: readonly SweepPoints[],
  place: Vec3,
  ground_m: number,
  is_map: boolean,
): number {
  let lowest: number | null = null;
  for (const { sweep, stage_from_sensor } of sweeps) {
    if (sweep === null || stage_from_sensor === null) continue;
    const found = groundUnder(sweep.xyz, sweep.count, stage_from_sensor, place, 1);
    if (found === null || (!is_map && Math.abs(found - ground_m) >= REACH_M)) continue;
    lowest = Math.min(found, lowest ?? found);
    if (!is_map) break;
  }
  return lowest ?? ground_m;
}
