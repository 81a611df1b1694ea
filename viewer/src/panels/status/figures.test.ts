import { expect, test } from "vitest";
import { megabytes, milliseconds, NONE, rowOf } from "./figures";

const held = {
  held: 3,
  bytes: 180 * 2 ** 20,
  budget_bytes: 512 * 2 ** 20,
  loading: 2,
  waiting: 14,
  hits: 27,
  misses: 3,
  aborted: 5,
  failed: 0,
};
const work = { decode_ms: 0.814, worst_decode_ms: 2, fetched_count: 4, fetched_bytes: 1.26 * 2 ** 20 };

test("a row says what is held, hit, awaited, given up, and what it cost", () => {
  expect(rowOf("Points", held, work).cells).toEqual(["180 of 512", "90 %", "2 + 14", "5", "0.81", "1.3"]);
});

test("what never happened is a dash, not a zero", () => {
  const idle = { ...work, decode_ms: null, fetched_count: 0, fetched_bytes: 0 };
  expect(rowOf("Images", { ...held, hits: 0, misses: 0 }, idle).cells[1]).toBe(NONE);
  expect(rowOf("Packets", null, idle).cells).toEqual([NONE, NONE, NONE, NONE, NONE, "0"]);
});

test("figures keep the digits that matter", () => {
  expect([megabytes(0), megabytes(2 ** 19), megabytes(2 ** 30)]).toEqual(["0", "0.5", "1024"]);
  expect([milliseconds(null), milliseconds(0.456), milliseconds(16.66), milliseconds(812.3)]).toEqual([
    NONE,
    "0.46",
    "16.7",
    "812",
  ]);
});
