import { describe, expect, test } from "vitest";
import type { Labels, SceneObject, Track } from "../../state/model";
import { keyframe, track } from "../labels/tracks.fixture";
import { densityOf } from "./density";
import { allRows, chooseRows } from "./rows";
import { tickStep, ticks } from "./ticks";
import { clampWindow, edgeOf, frameAt, openingWindow, panned, revealing, xOf, zoomed } from "./window";

describe("the window", () => {
  test("stays inside the scene whatever is asked of it", () => {
    for (const count of [1, 5, 30, 446, 10000]) {
      for (const window of [
        { first: -50, count: 20 },
        { first: 1e6, count: 1e6 },
        { first: 3, count: 0 },
      ]) {
        const { first, count: width } = clampWindow(window, count);
        expect(first).toBeGreaterThanOrEqual(0);
        expect(first + width).toBeLessThanOrEqual(count + 1e-9);
        expect(width).toBeGreaterThan(0);
      }
    }
  });

  test("zooming keeps the place under the pointer", () => {
    const window = { first: 100, count: 100 };
    for (const share of [0.1, 0.5, 0.9]) {
      const next = zoomed(window, 0.7, share, 1000);
      expect(next.first + share * next.count).toBeCloseTo(100 + share * 100);
      expect(next.count).toBeCloseTo(70);
    }
  });

  test("a pixel in a frame's cell leads back to the frame", () => {
    const window = { first: 12.3, count: 41.7 };
    for (let frame = 13; frame < 53; frame++) {
      expect(frameAt(window, xOf(window, frame, 933), 933, 100)).toBe(frame);
      expect(frameAt(window, edgeOf(window, frame, 933) + 0.01, 933, 100)).toBe(frame);
    }
    expect(frameAt(window, -1e6, 933, 100)).toBe(0);
    expect(frameAt(window, 1e6, 933, 100)).toBe(99);
  });

  test("moves only when the frame is out of sight, and then shows it", () => {
    const window = { first: 100, count: 50 };
    expect(revealing(window, 100, 400)).toBe(window);
    expect(revealing(window, 149, 400)).toBe(window);
    for (const frame of [0, 99, 150, 399]) {
      const next = revealing(window, frame, 400);
      expect(next.count).toBe(50);
      expect(frame).toBeGreaterThanOrEqual(next.first);
      expect(frame + 1).toBeLessThanOrEqual(next.first + next.count);
    }
    expect(panned(window, -500, 400).first).toBe(0);
  });

  test("a short scene opens whole", () => {
    expect(openingWindow(3, 30, 1000)).toEqual({ first: 0, count: 30 });
    expect(openingWindow(364, 446, 1000).count).toBe(100);
  });
});

test("ruler numbers never come closer than asked, and ticks lie in the scene", () => {
  for (const count of [5, 30, 110, 446, 20000]) {
    const window = { first: 0, count };
    const step = tickStep(window, 1000, 56);
    expect((step * 1000) / count).toBeGreaterThanOrEqual(56);
    const all = ticks(window, 1000, count);
    expect(all.every((tick) => tick.frame >= 0 && tick.frame < count)).toBe(true);
    expect(all.filter((tick) => tick.labelled).every((tick) => tick.frame % step === 0)).toBe(true);
    expect(all.length).toBeLessThan(200);
  }
});

const labelsOf = (...tracks: readonly Track[]): Labels => ({
  objects: new Map(
    tracks.map((each, at): [string, SceneObject] => [
      each.object_id,
      { id: each.object_id, class_name: at % 2 ? "van" : "car", number: 10 - at, attributes: {} },
    ]),
  ),
  tracks: new Map(tracks.map((each) => [each.id, each])),
  ignore_regions: new Map(),
});

const labels = labelsOf(
  track({ id: "a.cuboid", object_id: "a", spans: [{ start: 0, end: 5, occlusion: 0 }] }),
  track({
    id: "b.cuboid",
    object_id: "b",
    spans: [{ start: 3, end: 20, occlusion: 1 }],
    keyframes: [keyframe(4, { source: "propagated", quality: 0.2 }), keyframe(9)],
  }),
);

test("the scrubber counts each object once a frame, to the end of the scene", () => {
  const density = densityOf(labels, 10);
  expect([...density.counts]).toEqual([1, 1, 1, 2, 2, 1, 1, 1, 1, 1]);
  expect(density).toMatchObject({ most: 2, boxes: 12, needs: 1, need_frames: [4] });
});

test("rows are filtered and ordered, and the selected one is never filtered away", () => {
  const rows = allRows(labels);
  const all = { in_frame: false, class_name: null, needs: false };
  const ids = (...more: Parameters<typeof chooseRows>) => chooseRows(...more).map((row) => row.object.id);
  expect(ids(rows, all, "number", 0, null)).toEqual(["b", "a"]);
  expect(ids(rows, all, "start", 0, null)).toEqual(["a", "b"]);
  expect(ids(rows, all, "needs", 0, null)).toEqual(["b", "a"]);
  expect(ids(rows, { ...all, in_frame: true }, "number", 0, null)).toEqual(["a"]);
  expect(ids(rows, { ...all, in_frame: true }, "number", 0, "b")).toEqual(["b", "a"]);
  expect(ids(rows, { ...all, class_name: "van" }, "number", 0, null)).toEqual(["b"]);
  expect(ids(rows, { ...all, needs: true }, "number", 0, null)).toEqual(["b"]);
});
