import { expect, test } from "vitest";
import type { Vec3 } from "../state/model";
import { commonIntensities, decodePoints, decoderReady } from "./decode";
import { BLOCK, CHUNK_BASE64 } from "./decode.fixture";

const block = (number: number, count: number, origin_m: Vec3, scale_m: number) => ({
  number,
  count,
  origin_m,
  scale_m,
});
const chunk = (): ArrayBuffer => Uint8Array.from(atob(CHUNK_BASE64), (each) => each.charCodeAt(0)).buffer;

test("a block that the server's language wrote comes back at most half a step off", async () => {
  await decoderReady;
  const { count, xyz, intensity } = decodePoints("meshopt", [BLOCK], [chunk()]);
  expect(count).toBe(300);
  for (let n = 0; n < count; n++) {
    const expected = [20 * Math.cos(n / 50), 20 * Math.sin(n / 50), 0.1 * (n % 7) - 1.5];
    expected.forEach((value, axis) => {
      expect(Math.abs(xyz[n * 3 + axis]! - value)).toBeLessThan(0.0025 + 1e-5);
    });
    expect(intensity[n]).toBe((37 * n) % 256);
  }
});

test("blocks of a sweep become one cloud, whatever their grids", async () => {
  await decoderReady;
  const moved = { ...BLOCK, number: 1, count: 120, origin_m: [100, 200, 300] as const, scale_m: 0.01 };
  const { count, xyz, intensity } = decodePoints("meshopt", [BLOCK, moved], [chunk(), chunk()]);
  expect(count).toBe(420);
  const steps = (xyz[0]! - BLOCK.origin_m[0]) / BLOCK.scale_m;
  expect(xyz[900]).toBeCloseTo(100 + steps * 0.01, 3);
  expect(intensity[300 + 119]).toBe((37 * 119) % 256);
});

test("planes become one cloud in metres, without their padding", () => {
  const first = new Int16Array([100, -100, 0, 0, 200, -200, 0, 0, 300, -300, 0, 0, 32767, 0, 0, 0]);
  const second = new Int16Array([1, 2, 3, 16384]);
  const points = decodePoints(
    "planes",
    [block(0, 2, [0, 0, 0], 0.005), block(1, 1, [10, 20, 30], 0.5)],
    [first.buffer, second.buffer],
  );
  expect(points.count).toBe(3);
  const expected = [0.5, 1, 1.5, -0.5, -1, -1.5, 10.5, 21, 31.5];
  for (const [n, value] of expected.entries()) expect(points.xyz[n]).toBeCloseTo(value, 5);
  expect([...points.intensity]).toEqual([32767, 0, 16384]);
});

test("a block that is too short is an error, not an empty cloud", () => {
  expect(() => decodePoints("planes", [block(3, 9, [0, 0, 0], 1)], [new ArrayBuffer(16)])).toThrow("block 3");
  expect(() => decodePoints("meshopt", [block(3, 9, [0, 0, 0], 1)], [new ArrayBuffer(5)])).toThrow("block 3");
});

test("a block that is damaged is an error", async () => {
  await decoderReady;
  const cut = chunk().slice(0, 400);
  expect(() => decodePoints("meshopt", [BLOCK], [cut])).toThrow();
});

test("a block without points is an empty cloud", () => {
  const empty = decodePoints("meshopt", [block(0, 0, [0, 0, 0], 1)], [new ArrayBuffer(8)]);
  expect(empty.count).toBe(0);
  expect(empty.common[1]).toBeGreaterThan(empty.common[0]);
});

test("intensities range over what is common, whatever the outliers", () => {
  const intensity = Int16Array.from({ length: 1000 }, (_, n) => (n < 990 ? n % 100 : 255));
  const [low, high] = commonIntensities(intensity);
  expect(low).toBeLessThan(10);
  expect(high).toBeLessThan(100);
  expect(commonIntensities(new Int16Array(10))[1]).toBeGreaterThan(0);
});
