import { expect, test } from "vitest";
import { fromYaw, yawOf } from "../../space/pose";
import type { Cuboid } from "../../state/model";
import { Eye } from "./eye";
import { handleAt, handlesOf, pulled, taken } from "./grip";

const eye = new Eye(-1.7);
eye.resize(900, 600);
const car: Cuboid = { pose: fromYaw(0.6, [16, 2, -0.9]), size_m: [4.2, 1.8, 1.5] };
const pixel = (at: readonly [number, number, number]) =>
  eye.project(...at, { x: 0, y: 0, away_m: 0, ok: false });

test("every handle is found at its own pixel", () => {
  const handles = handlesOf(eye, car);
  for (const handle of handles) {
    const { x, y } = pixel(handle.at);
    expect(handleAt(eye, handles, x, y)).toBe(handle);
  }
  expect(handleAt(eye, handles, 3, 3)).toBeNull();
});

test("a hand that does not move changes nothing", () => {
  for (const handle of handlesOf(eye, car)) {
    const { x, y } = pixel(handle.at);
    const same = pulled(eye, taken(eye, handle, car, x, y)!, x, y)!;
    for (const axis of [0, 1, 2] as const) {
      expect(same.size_m[axis]).toBeCloseTo(car.size_m[axis], 6);
      expect(same.pose.translation_m[axis]).toBeCloseTo(car.pose.translation_m[axis], 6);
    }
  }
});

test("the body follows the hand over the ground and keeps its height", () => {
  const at = pixel([16, 2, -0.2]);
  const grip = taken(eye, { kind: "body", at: [16, 2, -0.2] }, car, at.x, at.y)!;
  const { x, y } = pixel([19, -1, -0.2]);
  const there = pulled(eye, grip, x, y)!;
  expect(there.pose.translation_m[0]).toBeCloseTo(19, 4);
  expect(there.pose.translation_m[1]).toBeCloseTo(-1, 4);
  expect(there.pose.translation_m[2]).toBe(-0.9);
});

test("the knob points the heading where the hand is", () => {
  const knob = handlesOf(eye, car)[0]!;
  const from = pixel(knob.at);
  const grip = taken(eye, knob, car, from.x, from.y)!;
  const to = pixel([16 + Math.cos(1.4) * 4, 2 + Math.sin(1.4) * 4, knob.at[2]]);
  expect(yawOf(pulled(eye, grip, to.x, to.y)!.pose)).toBeCloseTo(1.4, 4);
});

test("the middle of the top lifts the top and leaves the bottom", () => {
  const top = handlesOf(eye, car).find((handle) => handle.kind === "top")!;
  const from = pixel(top.at);
  const grip = taken(eye, top, car, from.x, from.y)!;
  const to = pixel([top.at[0], top.at[1], top.at[2] + 0.5]);
  const taller = pulled(eye, grip, to.x, to.y)!;
  expect(taller.size_m[2]).toBeCloseTo(2, 2);
  expect(taller.pose.translation_m[2] - taller.size_m[2] / 2).toBeCloseTo(-1.65, 2);
});

test("a cuboid too small on the screen keeps only its knob", () => {
  const far: Cuboid = { pose: fromYaw(0, [200, 0, -1]), size_m: [0.8, 0.6, 1.7] };
  expect(handlesOf(eye, far).map(({ kind }) => kind)).toEqual(["knob"]);
});
