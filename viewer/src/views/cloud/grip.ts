/**
 * The selected cuboid in the hand, in the cloud: its body slides over the ground, its knob turns it, a top
 * corner sets length and width, the middle of the top its height. All on the stage; the cuboid it began with
 * is kept, so that every step is counted from there and nothing drifts.
 */

import { cuboidToWorld, worldToCuboid } from "../../space/cuboid";
import { conjugate, rotate } from "../../space/pose";
import type { Cuboid, Vec3 } from "../../state/model";
import { slid, stretched, turnedAbout } from "../drag";
import type { Eye, Ray, Spot } from "./eye";

export type Handle =
  | { readonly kind: "body"; readonly at: Vec3 }
  | { readonly kind: "corner"; readonly at: Vec3; readonly signs: Vec3 }
  | { readonly kind: "top"; readonly at: Vec3 }
  | { readonly kind: "knob"; readonly at: Vec3 };

export interface Grip {
  readonly handle: Handle;
  readonly start: Cuboid;
  readonly held: Vec3;
}

const HIT_PX = 9;

/** How far the heading arrow reaches ahead of the front. */
export const arrowLength = (length_m: number): number => Math.min(1.4, Math.max(0.45, length_m * 0.28));

/** Tops narrower than this on the screen have no room for handles: the side views do. */
const LEAST_ROOM_PX = 30;

/** The handles that can be taken on the screen; the height cannot be pulled from straight above. */
export function handlesOf(eye: Eye, cuboid: Cuboid): Handle[] {
  const { flat } = eye;
  const [l, w, h] = [cuboid.size_m[0] / 2, cuboid.size_m[1] / 2, cuboid.size_m[2] / 2];
  const at = (x: number, y: number, z: number) => cuboidToWorld(cuboid, [x, y, z]);
  const handles: Handle[] = [{ kind: "knob", at: at(l + arrowLength(l * 2), 0, -h) }];
  for (const [x, y] of [
    [1, 1],
    [1, -1],
    [-1, -1],
    [-1, 1],
  ] as const)
    handles.push({ kind: "corner", at: at(l * x, w * y, h), signs: [x, y, 0] });
  if (!flat) handles.push({ kind: "top", at: at(0, 0, h) });
  const spots = handles
    .slice(1, 5)
    .map((one) => eye.project(...one.at, { x: 0, y: 0, away_m: 0, ok: false }));
  const [xs, ys] = [spots.map(({ x }) => x), spots.map(({ y }) => y)];
  const room = Math.max(Math.max(...xs) - Math.min(...xs), Math.max(...ys) - Math.min(...ys));
  return room < LEAST_ROOM_PX ? handles.slice(0, 1) : handles;
}

/** The handle under a pixel. */
export function handleAt(eye: Eye, handles: readonly Handle[], x: number, y: number): Handle | null {
  const spot: Spot = { x: 0, y: 0, away_m: 0, ok: false };
  let best: Handle | null = null;
  let nearest = HIT_PX;
  for (const handle of handles) {
    eye.project(...handle.at, spot);
    const off = Math.hypot(spot.x - x, spot.y - y);
    if (!spot.ok || off > nearest) continue;
    nearest = off;
    best = handle;
  }
  return best;
}

/** Takes hold; null where the hand has nothing to slide on (looking along the ground). */
export function taken(eye: Eye, handle: Handle, cuboid: Cuboid, x: number, y: number): Grip | null {
  const held = placeOf(eye, handle, x, y);
  return held === null ? null : { handle, start: cuboid, held };
}

/** The cuboid with the hand at another pixel. */
export function pulled(eye: Eye, grip: Grip, x: number, y: number): Cuboid | null {
  const { handle, start, held } = grip;
  const here = placeOf(eye, handle, x, y);
  if (here === null) return null;
  const step: Vec3 = [here[0] - held[0], here[1] - held[1], here[2] - held[2]];
  if (handle.kind === "body") return slid(start, [step[0], step[1], 0]);
  if (handle.kind === "knob") return turnedAbout(start, bearing(start, here) - bearing(start, held));
  const own = rotate(conjugate(start.pose.rotation_wxyz), step);
  return stretched(start, handle.kind === "top" ? [0, 0, 1] : handle.signs, own);
}

const bearing = (cuboid: Cuboid, place: Vec3): number => {
  const [x, y] = worldToCuboid(cuboid, place);
  return Math.atan2(y, x);
};

function placeOf(eye: Eye, handle: Handle, x: number, y: number): Vec3 | null {
  if (handle.kind === "top") return onPlumbLine(eye.ray(x, y), handle.at);
  return eye.levelAt(x, y, handle.at[2]);
}

/** The place on the upright line through a point that is nearest to a ray. */
export function onPlumbLine(ray: Ray, through: Vec3): Vec3 | null {
  const [dx, dy, dz] = ray.direction;
  const flat = dx * dx + dy * dy;
  if (flat < 1e-6) return null;
  const [ox, oy] = [through[0] - ray.origin[0], through[1] - ray.origin[1]];
  const along = (ox * dx + oy * dy) / flat;
  return [through[0], through[1], ray.origin[2] + dz * along];
}
