import { expect, test } from "vitest";
import { fromYaw, IDENTITY } from "../../space/pose";
import type { Cuboid, Vec3 } from "../../state/model";
import { Eye } from "./eye";
import { pickCuboid, pickPoint, rayCuboid } from "./pick";

const eye = new Eye(-1.7);
eye.resize(800, 500);
const spot = { x: 0, y: 0, away_m: 0, ok: false };
const car: Cuboid = { pose: fromYaw(0.6, [18, 3, -0.9]), size_m: [4.2, 1.8, 1.5] };
const sweep = (points: readonly Vec3[]) => ({
  count: points.length,
  xyz: Float32Array.from(points.flat()),
  intensity: new Int16Array(points.length),
  common: [0, 1] as const,
});

test("the ray through a point's pixel passes the point", () => {
  for (const flat of [false, true]) {
    eye.view = flat ? "birds_eye" : "perspective";
    eye.update();
    eye.project(...car.pose.translation_m, spot);
    expect(rayCuboid(eye.ray(spot.x, spot.y), { ...car, size_m: [0.02, 0.02, 0.02] })).not.toBeNull();
    const level = eye.levelAt(spot.x, spot.y, -0.9)!;
    expect(Math.hypot(level[0] - 18, level[1] - 3)).toBeLessThan(1e-3);
  }
  eye.view = "perspective";
  eye.update();
});

test("the nearer of two cuboids in line is picked", () => {
  const behind: Cuboid = { pose: fromYaw(0, [30, 6.5, -0.9]), size_m: [12, 12, 3] };
  eye.project(...car.pose.translation_m, spot);
  const found = pickCuboid(eye.ray(spot.x, spot.y), [
    { id: "behind", cuboid: behind },
    { id: "car", cuboid: car },
  ]);
  expect(found?.id).toBe("car");
});

test("a ray that passes a cuboid picks nothing", () => {
  expect(pickCuboid(eye.ray(2, 2), [{ cuboid: car }])).toBeNull();
});

test("the point in front wins over one behind it, and far ones are out of reach", () => {
  eye.project(18, 3, -0.9, spot);
  const { origin, direction } = eye.ray(spot.x, spot.y);
  const along = (m: number): Vec3 => [
    origin[0] + direction[0] * m,
    origin[1] + direction[1] * m,
    origin[2] + direction[2] * m,
  ];
  const points = sweep([along(40), along(20), [18, -8, -0.9]]);
  const found = pickPoint(eye, spot.x, spot.y, points, IDENTITY, 8, [-50, 50])!;
  expect(found.point[0]).toBeCloseTo(along(20)[0], 4);
  expect(pickPoint(eye, 5, 5, points, IDENTITY, 8, [-50, 50])).toBeNull();
  expect(pickPoint(eye, spot.x, spot.y, points, IDENTITY, 8, [40, 50])).toBeNull();
});
