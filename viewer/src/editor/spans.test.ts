import { describe, expect, test } from "vitest";
import type { Span } from "../state/model";
import { coverFrame, coverRange, endAt, joinSpans, occludeFrom, startAt } from "./spans";

const span = (start: number, end: number, occlusion = 0): Span => ({ start, end, occlusion });
const framesOf = (spans: readonly Span[]) =>
  spans.flatMap(({ start, end }) => Array.from({ length: end - start }, (_, n) => start + n));
const isOrdered = (spans: readonly Span[]) =>
  spans.every((each, n) => each.start < each.end && (n === 0 || spans[n - 1]!.end <= each.start));

const CASES: readonly (readonly Span[])[] = [
  [],
  [span(3, 6)],
  [span(0, 2), span(5, 7, 1), span(7, 9)],
  [span(1, 2), span(2, 3, 2), span(8, 12, 1)],
];

describe.each(CASES.map((spans) => [JSON.stringify(spans), spans] as const))("%s", (_, spans) => {
  const frames = Array.from({ length: 15 }, (_value, frame) => frame);

  test("covering a frame makes it present and loses none", () => {
    for (const frame of frames) {
      const covered = coverFrame(spans, frame);
      expect(isOrdered(covered)).toBe(true);
      expect(framesOf(covered)).toEqual(expect.arrayContaining([frame, ...framesOf(spans)]));
    }
  });

  test("covering a range is present in exactly the range and what was", () => {
    for (const start of frames) {
      for (const end of [start + 1, start + 4]) {
        const covered = coverRange(spans, start, end);
        const expected = new Set([...framesOf(spans), ...framesOf([span(start, end)])]);
        expect(isOrdered(covered)).toBe(true);
        expect(framesOf(covered)).toEqual([...expected].sort((a, b) => a - b));
      }
    }
  });

  test("a start is the first frame, an end the last", () => {
    for (const frame of frames) {
      expect(framesOf(startAt(spans, frame))[0]).toBe(frame);
      expect(framesOf(endAt(spans, frame)).at(-1)).toBe(frame);
    }
  });

  test("occlusion changes no presence", () => {
    for (const frame of frames) {
      const occluded = occludeFrom(spans, frame, 3);
      expect(framesOf(occluded)).toEqual(framesOf(spans));
      const here = occluded.find((each) => each.start <= frame && frame < each.end);
      if (here) expect(here.occlusion).toBe(3);
    }
  });
});

test("neighbours of equal occlusion are one", () => {
  expect(joinSpans([span(0, 2), span(2, 4), span(4, 5, 1)])).toEqual([span(0, 4), span(4, 5, 1)]);
});

test("a gap takes the occlusion of its nearest span", () => {
  expect(coverFrame([span(0, 2, 1), span(9, 12, 2)], 3)).toEqual([span(0, 4, 1), span(9, 12, 2)]);
  expect(coverFrame([span(0, 2, 1), span(9, 12, 2)], 8)).toEqual([span(0, 2, 1), span(8, 12, 2)]);
});
