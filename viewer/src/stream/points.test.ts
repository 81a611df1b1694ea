import { expect, test } from "vitest";
import { nearestFrame, sensorFrame } from "../space/clock";
import { IDENTITY } from "../space/pose";
import type { Lidar, Vec3 } from "../state/model";
import { blocksOf, decodePoints } from "./points";
import { framesAhead } from "./window";

const block = (number: number, count: number, origin_m: Vec3, scale_m: number) => ({
  number,
  count,
  origin_m,
  scale_m,
});

test("blocks of a sweep become one cloud in metres, without their padding", () => {
  const first = new Int16Array([100, -100, 0, 0, 200, -200, 0, 0, 300, -300, 0, 0, 32767, 0, 0, 0]);
  const second = new Int16Array([1, 2, 3, 16384]);
  const points = decodePoints(
    [block(0, 2, [0, 0, 0], 0.005), block(1, 1, [10, 20, 30], 0.5)],
    [first.buffer, second.buffer],
  );
  expect(points.count).toBe(3);
  const expected = [0.5, 1, 1.5, -0.5, -1, -1.5, 10.5, 21, 31.5];
  for (const [n, value] of expected.entries()) expect(points.xyz[n]).toBeCloseTo(value, 5);
  expect([...points.intensity].map((value) => Math.round(value * 100))).toEqual([100, 0, 50]);
});

test("a block that is too short is an error, not an empty cloud", () => {
  expect(() => decodePoints([block(3, 9, [0, 0, 0], 1)], [new ArrayBuffer(16)])).toThrow("block 3");
});

test("blocks are found by their frame", () => {
  const lidar: Lidar = {
    name: "top",
    clock: { time_ns: [0, 1, 2], names: [] },
    ego_from_sensor: IDENTITY,
    world_from_sensor: [],
    fields: [],
    has_intensity: false,
    points_per_block: 4,
    blocks: [0, 0, 2].map((frame) => ({ frame, count: 1, origin_m: [0, 0, 0], scale_m: 1 })),
  };
  expect(blocksOf(lidar, 0).map((each) => each.number)).toEqual([0, 1]);
  expect(blocksOf(lidar, 1)).toEqual([]);
  expect(blocksOf(lidar, 2).map((each) => each.number)).toEqual([2]);
});

test("the nearest frame of another clock, the earlier of two", () => {
  const clock = { time_ns: [0, 10, 20, 30], names: [] };
  expect([-5, 0, 4, 5, 6, 29, 99].map((time) => nearestFrame(clock, time))).toEqual([0, 0, 0, 0, 1, 3, 3]);
  expect(sensorFrame(clock, clock, 2)).toBe(2);
  expect(sensorFrame(clock, { time_ns: [0, 19], names: [] }, 1)).toBe(2);
});

test("frames ahead go the way of the cursor and stay in the scene", () => {
  const outlook = { frame: 8, frame_count: 10, playing: false, speed: 1, direction: 1 } as const;
  expect(framesAhead(outlook)).toEqual([9, 7, 6]);
  expect(framesAhead({ ...outlook, frame: 1, direction: -1 })).toEqual([0, 2, 3]);
  expect(framesAhead({ ...outlook, frame: 0, frame_count: 100, playing: true })).toHaveLength(20);
});
