/**
 * The three ways to look at a cuboid along its own axes, and how its metres become pixels.
 *
 * Top: the heading is up. Side: from the right, the front is at the right. Rear: from behind, left is left.
 */

import type { Vec3 } from "../../state/model";

export type Axis = 0 | 1 | 2;
export type PlanName = "top" | "side" | "rear";

export interface Plan {
  readonly name: PlanName;
  /** Which axis of the cuboid runs to the right of the picture, and whether along or against. */
  readonly right: Axis;
  readonly right_sign: 1 | -1;
  /** Which axis runs up. */
  readonly up: Axis;
  /** Which axis runs into the picture. */
  readonly depth: Axis;
}

export const PLANS: Readonly<Record<PlanName, Plan>> = {
  top: { name: "top", right: 1, right_sign: -1, up: 0, depth: 2 },
  side: { name: "side", right: 0, right_sign: 1, up: 2, depth: 1 },
  rear: { name: "rear", right: 1, right_sign: -1, up: 2, depth: 0 },
};

/** How deep the slab reaches beyond the object on both sides. */
export const SLAB_MARGIN_M = 0.35;

/** Where the cuboid's centre is in the picture, CSS pixels, and how large a metre is. */
export interface Sight {
  readonly x: number;
  readonly y: number;
  readonly scale: number;
}

export interface Size {
  readonly width: number;
  readonly height: number;
}

const PADDING: Readonly<Record<PlanName, readonly [number, number]>> = {
  top: [30, 44],
  side: [24, 38],
  rear: [48, 32],
};
const LARGEST_SCALE = 130;
const ZOOM_RANGE = [6, 900] as const;

/** A sight that shows the whole object with some of its surroundings. */
export function fitSight(plan: Plan, size_m: Vec3, { width, height }: Size): Sight {
  const [across, along] = PADDING[plan.name];
  const wide = Math.max(20, width - 2 * across) / size_m[plan.right];
  const tall = Math.max(20, height - 2 * along) / size_m[plan.up];
  return { x: width / 2, y: height / 2 + 4, scale: Math.min(wide, tall, LARGEST_SCALE) };
}

export const toScreen = (plan: Plan, sight: Sight, place: Vec3): [number, number] => [
  sight.x + place[plan.right] * plan.right_sign * sight.scale,
  sight.y - place[plan.up] * sight.scale,
];

/** A place of the picture in the cuboid's axes, in the plane through its centre. */
export function toPlace(plan: Plan, sight: Sight, x: number, y: number): Vec3 {
  const place: [number, number, number] = [0, 0, 0];
  place[plan.right] = ((x - sight.x) / sight.scale) * plan.right_sign;
  place[plan.up] = (sight.y - y) / sight.scale;
  return place;
}

/** Larger or smaller with what is under the cursor held. */
export function zoomSight(sight: Sight, factor: number, x: number, y: number): Sight {
  const scale = Math.min(ZOOM_RANGE[1], Math.max(ZOOM_RANGE[0], sight.scale * factor));
  const share = scale / sight.scale;
  return { x: x + (sight.x - x) * share, y: y + (sight.y - y) * share, scale };
}
