import { expect, test } from "vitest";
import { fromYaw } from "../../space/pose";
import { groundLevel, groundUnder, surroundingsOf } from "./levels";

/** Rings of ground at z = -1.7 and a wall of points over it. */
function street(): Float32Array {
  const xyz: number[] = [];
  for (let n = 0; n < 4000; n++) {
    const [angle, radius] = [n * 0.37, 4 + (n % 80) * 0.15];
    xyz.push(Math.cos(angle) * radius, Math.sin(angle) * radius, -1.7 + 0.03 * Math.sin(n));
    if (n % 4 === 0) xyz.push(9, (n % 50) * 0.1, -1.7 + (n % 300) * 0.01);
  }
  return Float32Array.from(xyz);
}

test("the ground is found under the ego, wherever the sensor is mounted", () => {
  const xyz = street();
  expect(groundLevel(xyz, xyz.length / 3, fromYaw(0.3, [0.5, 0, 0]))).toBeCloseTo(-1.7, 0);
  expect(groundLevel(xyz, xyz.length / 3, fromYaw(0.3, [0.5, 0, 1.7]))!).toBeCloseTo(0, 0);
});

test("too few points say nothing about the ground", () => {
  expect(groundLevel(Float32Array.of(5, 0, -1.7), 1, fromYaw(0))).toBeNull();
  expect(groundUnder(Float32Array.of(5, 0, -1.7), 1, fromYaw(0), [5, 0, 0], 2)).toBeNull();
});

test("the ground under a place is the low end of its column", () => {
  const xyz = street();
  expect(groundUnder(xyz, xyz.length / 3, fromYaw(0), [9, 2, 0], 1)!).toBeCloseTo(-1.7, 1);
});

test("a spinning lidar is among its points, a scanned place is looked at from outside", () => {
  const cloud = (radiusOf: (share: number) => number, x: number) => {
    const places = Array.from({ length: 5000 }, (_, n) => {
      const radius = radiusOf((n + 0.5) / 5000);
      return [x + Math.cos(n * 2.4) * radius, Math.sin(n * 2.4) * radius, (n % 10) * 0.1];
    });
    return Float32Array.from(places.flat());
  };
  const lidar = cloud((share) => 3 + 70 * share ** 4, 0);
  const field = cloud((share) => 300 * Math.sqrt(share), 0);
  const room = cloud((share) => 2 * Math.sqrt(share), 5);
  const around = (xyz: Float32Array) => surroundingsOf(xyz, xyz.length / 3, fromYaw(0))?.around;
  expect([lidar, field, room].map(around)).toEqual([true, false, false]);
  const { low, high } = surroundingsOf(room, room.length / 3, fromYaw(0, [10, 0, 0]))!;
  expect((low[0] + high[0]) / 2).toBeCloseTo(15, 0);
  expect(surroundingsOf(new Float32Array(0), 0, fromYaw(0))).toBeNull();
});
