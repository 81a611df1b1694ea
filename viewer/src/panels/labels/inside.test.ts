import { expect, test } from "vitest";
import { apply, fromYaw, inverse } from "../../space/pose";
import type { Cuboid, Vec3 } from "../../state/model";
import { pointsInside } from "./inside";

const cuboid: Cuboid = { pose: fromYaw(0.7, [12, -3, 1]), size_m: [4, 2, 1.5] };
const sensor = fromYaw(-0.4, [2, 1, 1.7]);

/** Points given in the cuboid's axes, as the sensor sees them. */
const seen = (points: readonly Vec3[]): Float32Array =>
  new Float32Array(points.flatMap((point) => apply(inverse(sensor), apply(cuboid.pose, point))));

test("counts what is inside, and names what nearly is", () => {
  const xyz = seen([
    [0, 0, 0],
    [1.9, 0.9, 0.7],
    [-1.9, -0.9, -0.7],
    [2.05, 0, 0],
    [0, 1.05, 0],
    [0, 0, -0.8],
    [2.2, 0, 0],
  ]);
  const inside = pointsInside(xyz, 7, cuboid, sensor);
  expect(inside.count).toBe(3);
  expect(inside.near_count).toBe(2); // the one under the bottom face is ground
});

test("a gap is the way from a face inward to the outermost point", () => {
  const inside = pointsInside(
    seen([
      [1.97, 0, 0],
      [-1.54, 0.99, 0.64],
      [0, -0.98, 0],
    ]),
    3,
    cuboid,
    sensor,
  );
  const gaps = inside.gaps_m!;
  expect(gaps.front).toBeCloseTo(0.03, 4);
  expect(gaps.rear).toBeCloseTo(0.46, 4);
  expect(gaps.left).toBeCloseTo(0.01, 4);
  expect(gaps.right).toBeCloseTo(0.02, 4);
  expect(gaps.top).toBeCloseTo(0.11, 4);
});

test("without a point inside there are no gaps", () => {
  expect(pointsInside(seen([[5, 5, 5]]), 1, cuboid, sensor).gaps_m).toBeNull();
  expect(pointsInside(new Float32Array(0), 0, cuboid, sensor).count).toBe(0);
});
