import { expect, test } from "vitest";
import { asPartOf, fieldOf, isColor, parseType, readField } from "./fields";

test("a type names its numbers and how many belong to a point", () => {
  expect(parseType("float32")).toEqual({ name: "float32", components: 1 });
  expect(parseType("uint8[3]")).toEqual({ name: "uint8", components: 3 });
  expect(() => parseType("complex64")).toThrow("complex64");
});

test("values of several blocks lie one after another, their range leaves outliers out", () => {
  const parts = [
    Uint16Array.from({ length: 60 }, (_, n) => n),
    Uint16Array.from({ length: 41 }, (_, n) => 60 + n),
  ];
  parts[1]![40] = 60_000;
  const field = readField(
    "ring",
    "uint16",
    parts.map((part) => part.buffer),
  );
  expect(field.count).toBe(101);
  expect(field.values[77]).toBe(77);
  expect(field.range).toEqual([2, 98]);
  expect(field.components).toBe(1);
});

test("nanoseconds keep their steps although they do not fit a float", () => {
  const times = BigInt64Array.from({ length: 100 }, (_, n) => 1_700_000_000_000_000_000n + BigInt(n) * 1000n);
  const field = readField("time_ns", "int64", [times.buffer]);
  const steps = Array.from({ length: 99 }, (_, n) => field.values[n + 1]! - field.values[n]!);
  expect(Math.min(...steps)).toBeGreaterThan(700);
  expect(field.base).toBeGreaterThan(1e18);
});

test("colours become four bytes, whatever their numbers", () => {
  const whole = [...readField("rgb", "uint8[3]", [Uint8Array.of(255, 0, 10, 1, 2, 3).buffer]).values];
  expect(whole).toEqual([255, 0, 10, 255, 1, 2, 3, 255]);
  const wide = readField("rgb", "uint16[3]", [Uint16Array.of(65535, 0, 257).buffer]);
  expect([...wide.values]).toEqual([255, 0, 1, 255]);
  const shares = readField("color", "float32[3]", [Float32Array.of(1, 0.5, 0).buffer]);
  expect([...shares.values]).toEqual([255, 128, 0, 255]);
  expect([isColor("rgb", 3), isColor("rgb", 1), isColor("normal", 3)]).toEqual([true, false, false]);
});

test("values that are all alike, or not numbers, still have a range", () => {
  const same = readField("ring", "uint8", [Uint8Array.of(7, 7, 7).buffer]);
  expect(same.range).toEqual([7, 8]);
  const nothing = readField("range", "float32", [Float32Array.of(Number.NaN).buffer]);
  expect(nothing.range[1]).toBeGreaterThan(nothing.range[0]);
});

test("a way of colouring names its field", () => {
  expect(fieldOf("field:ring")).toBe("ring");
  expect(fieldOf("height")).toBeNull();
});

test("values of a part are read as if with the whole: one ramp, colours equally bright", () => {
  const bytes = (values: ArrayBufferView): ArrayBuffer => values.buffer as ArrayBuffer;
  const whole = readField("t", "float64", [bytes(new Float64Array([5e6, 5e6 + 100]))]);
  const part = readField("t", "float64", [bytes(new Float64Array([5e6 + 40, 5e6 + 60]))]);
  const { range, base } = asPartOf(part, whole);
  expect(range.map((end) => end + base)).toEqual([5e6, 5e6 + 100]);
  const bright = readField("rgb", "uint16[3]", [bytes(new Uint16Array([65535, 0, 0]))]);
  const dark = readField("rgb", "uint16[3]", [bytes(new Uint16Array([200, 100, 0]))]);
  expect([...asPartOf(dark, bright).values]).toEqual([1, 0, 0, 255]);
  expect(asPartOf(bright, bright)).toBe(bright);
});
