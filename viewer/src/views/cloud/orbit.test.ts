import { expect, test } from "vitest";
import type { Vec3 } from "../../state/model";
import { carried, eyeOf, type Orbit, orbited, zoomed } from "./orbit";

const orbit: Orbit = { target: [10, 2, -1], azimuth_rad: 0.4, elevation_rad: 0.5, distance_m: 30 };
const between = (a: Vec3, b: Vec3) => Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]);

test("the eye keeps its distance when it orbits", () => {
  expect(between(eyeOf(orbited(orbit, 1, 0.3)), orbit.target)).toBeCloseTo(30, 9);
});

test("the eye never goes over the top", () => {
  expect(orbited(orbit, 0, 9).elevation_rad).toBeLessThan(Math.PI / 2);
});

test("zooming keeps what the cursor holds on one line with the eye", () => {
  const held: Vec3 = [14, -3, -1.5];
  const [before, after] = [eyeOf(orbit), eyeOf(zoomed(orbit, 0.5, held))];
  for (const axis of [0, 1, 2] as const)
    expect(after[axis]).toBeCloseTo(held[axis] + (before[axis] - held[axis]) / 2, 9);
});

test("what is followed stays at its place in the view", () => {
  const next = carried(orbit, [8, 1, 0], [9.5, 1.2, 0.1], 0.2);
  expect(between(next.target, [9.5, 1.2, 0.1])).toBeCloseTo(between(orbit.target, [8, 1, 0]), 9);
  expect(between(eyeOf(next), [9.5, 1.2, 0.1])).toBeCloseTo(between(eyeOf(orbit), [8, 1, 0]), 9);
});
