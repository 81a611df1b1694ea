import { expect, test } from "vitest";
import { parseNumber, plural, writeNumber, writeTime } from "./number";

test("what is written can be typed back", () => {
  for (const value of [0, 1.5, -0.92, 1234.567, -161.5, 121784, -1000000.25]) {
    expect(parseNumber(writeNumber(value, 3))).toBeCloseTo(value, 3);
  }
});

test("nothing is minus zero", () => {
  expect(writeNumber(-0.0004, 2)).toBe("0.00");
  expect(writeNumber(-0.92, 2)).toBe("−0.92");
});

test("thousands are parted by a thin space, also before a point", () => {
  expect(writeNumber(121784, 0)).toBe("121\u2009784");
  expect(writeNumber(-1234.5, 1)).toBe("\u22121\u2009234.5");
  expect(writeNumber(999, 0)).toBe("999");
});

test("commas, both minus signs and sums are understood, words are not", () => {
  expect(parseNumber("4,142")).toBe(4.142);
  expect(parseNumber("−161.5")).toBe(-161.5);
  expect(parseNumber(" 4.1 + 0.2 ")).toBeCloseTo(4.3);
  expect(parseNumber("4.1-0.2")).toBeCloseTo(3.9);
  for (const text of ["", "-", "four", "1e3", "4..1", "NaN"]) expect(parseNumber(text)).toBeNull();
});

test("times past a minute show minutes", () => {
  expect(writeTime(3.7)).toBe("3.700 s");
  expect(writeTime(63.7)).toBe("1:03.700 min");
});

test("one is singular", () => {
  expect([plural(1, "frame"), plural(0, "frame"), plural(2, "box", "boxes")]).toEqual([
    "1 frame",
    "0 frames",
    "2 boxes",
  ]);
});
