/** Moving the eye: orbit, pan by what the hand holds, zoom to what is under the cursor. */

import type { Vec3 } from "../../state/model";
import type { Eye } from "./eye";
import { orbited, panned, zoomed } from "./orbit";

const TURN_RAD_PER_PX = 0.0055;
const WHEEL = 0.0012;

export function orbitBy(eye: Eye, dx: number, dy: number): void {
  eye.orbit = orbited(eye.orbit, -dx * TURN_RAD_PER_PX, eye.flat ? 0 : dy * TURN_RAD_PER_PX);
}

/** Moves the level of the target so that what was under one pixel comes under another. */
export function panBy(eye: Eye, x: number, y: number, dx: number, dy: number): void {
  const height = eye.orbit.target[2];
  const reach = eye.orbit.distance_m * 4;
  const from = eye.levelAt(x, y, height, reach);
  const to = eye.levelAt(x + dx, y + dy, height, reach);
  if (from !== null && to !== null) {
    eye.orbit = panned(eye.orbit, [from[0] - to[0], from[1] - to[1], 0]);
    return;
  }
  const [c, s] = [Math.cos(eye.orbit.azimuth_rad), Math.sin(eye.orbit.azimuth_rad)];
  const [right, ahead] = [-dx * eye.metersPerPixel, dy * eye.metersPerPixel * 2];
  eye.orbit = panned(eye.orbit, [c * ahead + s * right, s * ahead - c * right, 0]);
}

/** Zooms by a wheel; `held` is what lies under the cursor. */
export function zoomBy(eye: Eye, delta: number, held: Vec3): void {
  eye.orbit = zoomed(eye.orbit, Math.exp(Math.min(400, Math.max(-400, delta)) * WHEEL), held, eye.limits);
}

/** Wheel steps as pixels, whatever the mouse counts in. */
export function wheelDelta(event: WheelEvent): number {
  return event.deltaY * (event.deltaMode === 1 ? 32 : event.deltaMode === 2 ? 400 : 1);
}
