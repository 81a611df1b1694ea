import { describe, expect, test } from "vitest";
import type { Pose, Quat, Vec3 } from "../state/model";
import { contains, corners, countInside, cuboidToWorld, worldToCuboid } from "./cuboid";
import {
  angleBetween,
  apply,
  compose,
  fromYaw,
  IDENTITY,
  inverse,
  makePose,
  slerp,
  turned,
  wrapAngle,
  yawOf,
} from "./pose";

/** The same numbers in every run. */
const createRandom = (seed: number) => () => {
  seed = (seed * 1664525 + 1013904223) >>> 0;
  return seed / 2 ** 32;
};
const random = createRandom(7);
const between = (low: number, high: number) => low + (high - low) * random();
const randomVector = (): Vec3 => [between(-50, 50), between(-50, 50), between(-5, 5)];
const randomPose = (): Pose => {
  const q: Quat = [between(-1, 1), between(-1, 1), between(-1, 1), between(-1, 1)];
  return makePose(q, randomVector());
};
const expectNear = (a: readonly number[], b: readonly number[], digits = 9) => {
  a.forEach((value, n) => {
    expect(value).toBeCloseTo(b[n]!, digits);
  });
};
const expectSamePose = (a: Pose, b: Pose) => {
  expectNear(a.translation_m, b.translation_m);
  expect(angleBetween(a, b)).toBeCloseTo(0, 7);
};

describe("poses form a group", () => {
  for (let n = 0; n < 50; n++) {
    const [a, b, c, point] = [randomPose(), randomPose(), randomPose(), randomVector()] as const;
    test(`case ${n}`, () => {
      expectSamePose(compose(compose(a, b), c), compose(a, compose(b, c)));
      expectSamePose(compose(a, inverse(a)), IDENTITY);
      expectSamePose(compose(a, IDENTITY), a);
      expectNear(apply(compose(a, b), point), apply(a, apply(b, point)));
      expectNear(apply(inverse(a), apply(a, point)), point);
    });
  }
});

test("yaw is what it was made from, in (-pi, pi]", () => {
  for (const yaw_rad of [0, 1, -1, Math.PI, -3.1, 3.1])
    expect(yawOf(fromYaw(yaw_rad))).toBeCloseTo(yaw_rad, 12);
  expect(wrapAngle(-Math.PI)).toBe(Math.PI);
  expect(wrapAngle(3 * Math.PI)).toBeCloseTo(Math.PI, 12);
  expect(yawOf(turned(fromYaw(3), 1))).toBeCloseTo(4 - 2 * Math.PI, 12);
});

test("of q and -q one is kept", () => {
  const pose = randomPose();
  const [w, x, y, z] = pose.rotation_wxyz;
  expect(makePose([-w, -x, -y, -z], [0, 0, 0]).rotation_wxyz).toEqual(pose.rotation_wxyz);
});

test("slerp never turns more than half a circle", () => {
  for (let n = 0; n < 50; n++) {
    const [a, b] = [randomPose(), randomPose()];
    const middle = makePose(slerp(a.rotation_wxyz, b.rotation_wxyz, 0.5), [0, 0, 0]);
    expect(angleBetween(a, middle)).toBeCloseTo(angleBetween(a, b) / 2, 7);
  }
});

describe("cuboids", () => {
  const cuboid = { pose: makePose([0.9, 0.05, -0.1, 0.4], [12, -7, 0.8]), size_m: [4.2, 1.8, 1.5] as Vec3 };

  test("a point in its axes and back is the same point", () => {
    const point = randomVector();
    expectNear(cuboidToWorld(cuboid, worldToCuboid(cuboid, point)), point);
  });

  test("the centre is inside, a point past a corner is not", () => {
    expect(contains(cuboid, cuboid.pose.translation_m)).toBe(true);
    for (const corner of corners(cuboid)) {
      const past = corner.map((value, axis) => value + 0.01 * (value - cuboid.pose.translation_m[axis]!));
      expect(contains(cuboid, past as unknown as Vec3)).toBe(false);
    }
  });

  test("counting agrees with asking one by one", () => {
    const points = Array.from({ length: 500 }, () =>
      cuboidToWorld(cuboid, [between(-3, 3), between(-1.5, 1.5), between(-1.2, 1.2)]),
    );
    const xyz = new Float32Array(points.flat());
    const one = points.filter((_, n) => contains(cuboid, [xyz[n * 3]!, xyz[n * 3 + 1]!, xyz[n * 3 + 2]!]));
    expect(countInside(cuboid, xyz)).toBe(one.length);
    expect(one.length).toBeGreaterThan(50);
  });
});
