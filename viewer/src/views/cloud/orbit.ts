/**
 * Where the eye of the cloud is: a target on the stage, a direction, a distance.
 *
 * Azimuth 0 looks ahead along +x, counter-clockwise; elevation is the eye's height over the target as an
 * angle. In bird's-eye view the eye is straight above and `distance_m` is the height of what is shown.
 */

import type { Vec3 } from "../../state/model";

export interface Orbit {
  readonly target: Vec3;
  readonly azimuth_rad: number;
  readonly elevation_rad: number;
  readonly distance_m: number;
}

/** How near and how far the eye may be of its target, metres. */
export type Limits = readonly [number, number];

export const LIMITS: Limits = [1, 600];
const LOWEST_RAD = -0.1;
const HIGHEST_RAD = 1.55;

/** What is seen when a scene opens: from behind and above the ego, the road ahead. */
export const opening = (ground_m: number): Orbit => ({
  target: [15, 0.6, ground_m],
  azimuth_rad: 0,
  elevation_rad: 0.4,
  distance_m: 17.5,
});

/** What bird's-eye view shows first. */
export const above = (ground_m: number): Orbit => ({
  target: [12, 0, ground_m],
  azimuth_rad: 0,
  elevation_rad: Math.PI / 2,
  distance_m: 64,
});

/** What is seen first of a cloud that no ego stands in: all of it, from the south and above. */
export const overlooking = (center: Vec3, radius_m: number): Orbit => ({
  target: center,
  azimuth_rad: Math.PI / 2,
  elevation_rad: 0.6,
  distance_m: radius_m * 1.9,
});

/** The same in bird's-eye view, north up. */
export const mapped = (center: Vec3, radius_m: number): Orbit => ({
  target: center,
  azimuth_rad: Math.PI / 2,
  elevation_rad: Math.PI / 2,
  distance_m: radius_m * 2.1,
});

/** Where the eye is. */
export function eyeOf({ target, azimuth_rad, elevation_rad, distance_m }: Orbit): Vec3 {
  const flat = Math.cos(elevation_rad) * distance_m;
  return [
    target[0] - Math.cos(azimuth_rad) * flat,
    target[1] - Math.sin(azimuth_rad) * flat,
    target[2] + Math.sin(elevation_rad) * distance_m,
  ];
}

export function orbited(orbit: Orbit, azimuth_rad: number, elevation_rad: number): Orbit {
  return {
    ...orbit,
    azimuth_rad: orbit.azimuth_rad + azimuth_rad,
    elevation_rad: Math.min(HIGHEST_RAD, Math.max(LOWEST_RAD, orbit.elevation_rad + elevation_rad)),
  };
}

export function panned(orbit: Orbit, step_m: Vec3): Orbit {
  const [x, y, z] = orbit.target;
  return { ...orbit, target: [x + step_m[0], y + step_m[1], z + step_m[2]] };
}

/** Nearer (factor below 1) or farther, such that `held` stays under the cursor. */
export function zoomed(orbit: Orbit, factor: number, held: Vec3, [nearest, farthest] = LIMITS): Orbit {
  const distance_m = Math.min(farthest, Math.max(nearest, orbit.distance_m * factor));
  const share = distance_m / orbit.distance_m;
  const toward = (axis: 0 | 1 | 2) => held[axis] + (orbit.target[axis] - held[axis]) * share;
  return { ...orbit, target: [toward(0), toward(1), toward(2)], distance_m };
}

/** Seen from the same direction, centred, a sphere filling the view but for what lies around it. */
export function fitted(orbit: Orbit, center: Vec3, radius_m: number, flat: boolean, least_m = 8): Orbit {
  const distance_m = Math.max(flat ? least_m * 1.25 : least_m, radius_m * (flat ? 5 : 4.5));
  return { ...orbit, target: center, distance_m };
}

/** Carried along when what it follows moves and turns on the ground. */
export function carried(orbit: Orbit, from: Vec3, to: Vec3, turn_rad: number): Orbit {
  const [x, y, z] = [orbit.target[0] - from[0], orbit.target[1] - from[1], orbit.target[2] - from[2]];
  const [c, s] = [Math.cos(turn_rad), Math.sin(turn_rad)];
  return {
    ...orbit,
    target: [to[0] + c * x - s * y, to[1] + s * x + c * y, to[2] + z],
    azimuth_rad: orbit.azimuth_rad + turn_rad,
  };
}
