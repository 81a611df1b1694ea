/** What can be taken hold of in a side view, and what the cuboid becomes when the hand moves. */

import type { Cuboid, Vec3 } from "../../state/model";
import { slidAlong, stretched, turnedAbout } from "../drag";
import { type Plan, type Sight, toPlace, toScreen } from "./plan";

export type Part = "corner" | "face" | "knob" | "body";

export interface SideHandle {
  readonly part: Part;
  readonly x: number;
  readonly y: number;
  /** The faces that follow, along the cuboid's axes. */
  readonly signs: Vec3;
  /** Which way the picture of the handle lies: bars on upright faces are upright. */
  readonly upright: boolean;
}

export const KNOB_PX = 21;
const HIT_PX = 8;

/** Handles of a cuboid that is seen along its own axes. */
export function sideHandles(plan: Plan, sight: Sight, size_m: Vec3): SideHandle[] {
  const handles: SideHandle[] = [];
  const at = (part: Part, right: number, up: number): SideHandle => {
    const signs: [number, number, number] = [0, 0, 0];
    signs[plan.right] = right * plan.right_sign;
    signs[plan.up] = up;
    const place: Vec3 = [(signs[0] * size_m[0]) / 2, (signs[1] * size_m[1]) / 2, (signs[2] * size_m[2]) / 2];
    const [x, y] = toScreen(plan, sight, place);
    return { part, x, y, signs, upright: right !== 0 };
  };
  if (plan.name === "top") {
    const front = at("face", 0, 1);
    handles.push({ ...front, part: "knob", y: front.y - KNOB_PX });
  }
  for (const [right, up] of [
    [-1, 1],
    [1, 1],
    [1, -1],
    [-1, -1],
  ] as const)
    handles.push(at("corner", right, up));
  for (const [right, up] of [
    [0, 1],
    [1, 0],
    [0, -1],
    [-1, 0],
  ] as const)
    handles.push(at("face", right, up));
  return handles;
}

/** The handle under a pixel: knob and corners before faces, an edge anywhere along it, else the body. */
export function sideHandleAt(
  plan: Plan,
  sight: Sight,
  size_m: Vec3,
  x: number,
  y: number,
): SideHandle | null {
  const handles = sideHandles(plan, sight, size_m);
  const near = handles.filter((one) => Math.hypot(one.x - x, one.y - y) <= HIT_PX);
  const first = near.find((one) => one.part !== "face") ?? near[0];
  if (first !== undefined) return first;
  const [left, top] = toScreen(plan, sight, halved(size_m, plan, -1, 1));
  const [right, bottom] = toScreen(plan, sight, halved(size_m, plan, 1, -1));
  const [beside, between] = [y > top && y < bottom, x > left && x < right];
  for (const one of handles) {
    if (one.part !== "face") continue;
    if (one.upright && beside && Math.abs(one.x - x) <= 5) return one;
    if (!one.upright && between && Math.abs(one.y - y) <= 5) return one;
  }
  return beside && between ? { part: "body", x, y, signs: [0, 0, 0], upright: false } : null;
}

function halved(size_m: Vec3, plan: Plan, right: number, up: number): Vec3 {
  const place: [number, number, number] = [0, 0, 0];
  place[plan.right] = (right * plan.right_sign * size_m[plan.right]) / 2;
  place[plan.up] = (up * size_m[plan.up]) / 2;
  return place;
}

/** The cuboid after the hand went from one pixel to another, seen as it was when taken hold of. */
export function sidePulled(
  plan: Plan,
  sight: Sight,
  handle: SideHandle,
  start: Cuboid,
  from: { x: number; y: number },
  to: { x: number; y: number },
): Cuboid {
  const a = toPlace(plan, sight, from.x, from.y);
  const b = toPlace(plan, sight, to.x, to.y);
  if (handle.part === "knob") return turnedAbout(start, Math.atan2(b[1], b[0]) - Math.atan2(a[1], a[0]));
  const step: Vec3 = [b[0] - a[0], b[1] - a[1], b[2] - a[2]];
  return handle.part === "body" ? slidAlong(start, step) : stretched(start, handle.signs, step);
}
