import { describe, expect, test } from "vitest";
import { cuboidToWorld, worldToCuboid } from "../space/cuboid";
import { fromYaw, makePose, yawOf } from "../space/pose";
import type { Cuboid, Vec3 } from "../state/model";
import { SHORTEST_M, slid, stretched, turnedAbout } from "./drag";

const car: Cuboid = { pose: fromYaw(2.1, [12, -3, 0.8]), size_m: [4.2, 1.8, 1.5] };
const tilted: Cuboid = { pose: makePose([0.9, 0.1, -0.05, 0.42], [3, 4, 5]), size_m: [4, 2, 1.5] };

const near = (a: Vec3, b: Vec3) => {
  for (const axis of [0, 1, 2] as const) expect(a[axis]).toBeCloseTo(b[axis], 9);
};

describe.each([car, tilted])("a cuboid under the hand", (cuboid) => {
  test("keeps the opposite corner where it was when a corner is pulled", () => {
    const opposite = (it: Cuboid): Vec3 =>
      cuboidToWorld(it, [-it.size_m[0] / 2, it.size_m[1] / 2, -it.size_m[2] / 2]);
    const pulled = stretched(cuboid, [1, -1, 1], [0.4, 0.3, -0.2]);
    near(opposite(pulled), opposite(cuboid));
    near(pulled.size_m, [cuboid.size_m[0] + 0.4, cuboid.size_m[1] - 0.3, cuboid.size_m[2] - 0.2]);
  });

  test("leaves the sides that are not pulled alone", () => {
    const pulled = stretched(cuboid, [0, 1, 0], [9, 0.5, 9]);
    near(pulled.size_m, [cuboid.size_m[0], cuboid.size_m[1] + 0.5, cuboid.size_m[2]]);
    near(worldToCuboid(cuboid, pulled.pose.translation_m), [0, 0.25, 0]);
  });

  test("never turns inside out", () => {
    const pushed = stretched(cuboid, [-1, 0, 0], [50, 0, 0]);
    expect(pushed.size_m[0]).toBe(SHORTEST_M);
  });

  test("turns about its own z and keeps its centre", () => {
    const around = turnedAbout(turnedAbout(cuboid, 0.7), -0.7);
    near(around.pose.translation_m, cuboid.pose.translation_m);
    expect(yawOf(around.pose)).toBeCloseTo(yawOf(cuboid.pose), 9);
  });

  test("slides without turning", () => {
    const there = slid(cuboid, [1, 2, 0]);
    expect(there.pose.rotation_wxyz).toEqual(cuboid.pose.rotation_wxyz);
    near(slid(there, [-1, -2, 0]).pose.translation_m, cuboid.pose.translation_m);
  });
});
