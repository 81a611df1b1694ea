import { describe, expect, test } from "vitest";
import { cuboidToWorld, worldToCuboid } from "../../space/cuboid";
import { compose, fromYaw, inverse, makePose, yawOf } from "../../space/pose";
import type { Cuboid, Vec3 } from "../../state/model";
import { sideHandleAt, sideHandles, sidePulled } from "./handles";
import { Nearby } from "./nearby";
import { fitSight, PLANS, type PlanName, toPlace, toScreen, zoomSight } from "./plan";

const car: Cuboid = { pose: makePose([0.9, 0.02, -0.01, 0.43], [12, -3, 0.8]), size_m: [4.2, 1.8, 1.5] };
const size = { width: 250, height: 180 };
const names: PlanName[] = ["top", "side", "rear"];

describe.each(names)("the %s view", (name) => {
  const plan = PLANS[name];
  const sight = fitSight(plan, car.size_m, size);

  test("shows the whole object", () => {
    for (const { x, y } of sideHandles(plan, sight, car.size_m)) {
      expect(x).toBeGreaterThan(0);
      expect(x).toBeLessThan(size.width);
      expect(y).toBeGreaterThan(0);
      expect(y).toBeLessThan(size.height);
    }
  });

  test("finds every handle under the pointer", () => {
    for (const handle of sideHandles(plan, sight, car.size_m))
      expect(sideHandleAt(plan, sight, car.size_m, handle.x, handle.y)).toEqual(handle);
    expect(sideHandleAt(plan, sight, car.size_m, 1, 1)).toBeNull();
    expect(sideHandleAt(plan, sight, car.size_m, sight.x, sight.y)?.part).toBe("body");
  });

  test("a face follows the hand and the opposite one stays", () => {
    for (const handle of sideHandles(plan, sight, car.size_m).filter(({ part }) => part === "face")) {
      const to = { x: handle.x + 12, y: handle.y - 9 };
      const pulled = sidePulled(plan, sight, handle, car, handle, to);
      const opposite = (it: Cuboid): Vec3 =>
        cuboidToWorld(
          it,
          handle.signs.map((sign, axis) => (-sign * it.size_m[axis as 0]) / 2) as unknown as Vec3,
        );
      const [before, after] = [opposite(car), opposite(pulled)];
      for (const axis of [0, 1, 2] as const) expect(after[axis]).toBeCloseTo(before[axis], 9);
      expect(pulled.pose.rotation_wxyz).toEqual(car.pose.rotation_wxyz);
    }
  });

  test("holds what is under the cursor when it zooms", () => {
    const held = toPlace(plan, sight, 40, 60);
    const [x, y] = toScreen(plan, zoomSight(sight, 1.7, 40, 60), held);
    expect(x).toBeCloseTo(40, 9);
    expect(y).toBeCloseTo(60, 9);
  });
});

test("the heading is up in the top view and the front at the right in the side view", () => {
  const top = fitSight(PLANS.top, car.size_m, size);
  expect(toScreen(PLANS.top, top, [1, 0, 0])[1]).toBeLessThan(top.y);
  expect(toScreen(PLANS.top, top, [0, 1, 0])[0]).toBeLessThan(top.x);
  const side = fitSight(PLANS.side, car.size_m, size);
  expect(toScreen(PLANS.side, side, [1, 0, 0])[0]).toBeGreaterThan(side.x);
});

test("the knob turns about the cuboid's own z and keeps its tilt", () => {
  const sight = fitSight(PLANS.top, car.size_m, size);
  const knob = sideHandles(PLANS.top, sight, car.size_m)[0]!;
  const far = { x: sight.x - 60, y: sight.y };
  const turned = sidePulled(PLANS.top, sight, knob, car, knob, far);
  expect(yawOf(compose(inverse(car.pose), turned.pose))).toBeCloseTo(Math.PI / 2, 6);
  const up = (it: Cuboid) =>
    cuboidToWorld({ ...it, pose: { ...it.pose, translation_m: [0, 0, 0] } }, [0, 0, 1]);
  for (const axis of [0, 1, 2] as const) expect(up(turned)[axis]).toBeCloseTo(up(car)[axis], 9);
});

test("nearby points are those within reach, in the cuboid's axes", () => {
  const world: Vec3[] = [cuboidToWorld(car, [1, 0.5, -0.2]), cuboidToWorld(car, [9, 0, 0])];
  const world_from_sensor = fromYaw(0.8, [3, 2, 1.7]);
  const own = inverse(world_from_sensor);
  const local = world.map((place) => worldToCuboid({ pose: inverse(own), size_m: [1, 1, 1] }, place));
  const nearby = new Nearby();
  const sweep = {
    count: 2,
    xyz: Float32Array.from(local.flat()),
    intensity: new Int16Array(2),
    common: [0, 1] as const,
  };
  nearby.add(sweep, compose(inverse(car.pose), world_from_sensor), [4, 3, 2]);
  expect(nearby.count).toBe(1);
  expect(nearby.xyz[0]).toBeCloseTo(1, 4);
  expect(nearby.xyz[1]).toBeCloseTo(0.5, 4);
});
