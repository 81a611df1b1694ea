import { expect, test } from "vitest";
import { isPresent } from "../../space/interpolate";
import type { Labels } from "../../state/model";
import { needsYou } from "../../views/needs";
import { describeComputed, linesAround } from "./around";
import { countNeeds, firstFrame, lastFrame, mainTrack, occlusionAt } from "./tracks";
import { keyframe, track } from "./tracks.fixture";

test("only doubtful work of a machine that nobody accepted needs you", () => {
  const doubtful = { source: "propagated", quality: 0.3 } as const;
  expect(needsYou(keyframe(1, doubtful))).toBe(true);
  expect(needsYou(keyframe(1, { ...doubtful, verified_by: "mk" }))).toBe(false);
  expect(needsYou(keyframe(1, { ...doubtful, quality: 0.5 }))).toBe(false);
  expect(needsYou(keyframe(1, { ...doubtful, quality: null }))).toBe(false);
  expect(needsYou(keyframe(1, { ...doubtful, source: "human" }))).toBe(false);
  const labels: Labels = {
    objects: new Map(),
    tracks: new Map([["a", track({ keyframes: [keyframe(1, doubtful), keyframe(2)] })]]),
    ignore_regions: new Map(),
  };
  expect(countNeeds(labels)).toBe(1);
});

test("spans are half-open", () => {
  const one = track();
  expect([9, 10, 24, 25, 27, 28, 30, 31].map((frame) => isPresent(one, frame))).toEqual([
    false,
    true,
    true,
    false,
    false,
    true,
    true,
    false,
  ]);
  expect([firstFrame(one), lastFrame(one)]).toEqual([10, 30]);
  expect([occlusionAt(one, 12), occlusionAt(one, 26), occlusionAt(one, 29)]).toEqual([0, null, 2]);
});

test("an object's row is its cuboid where it has one", () => {
  const box = track({ id: "12.image_02", kind: "box", space: "image_02" });
  const labels: Labels = {
    objects: new Map(),
    tracks: new Map([
      ["12.image_02", box],
      ["12.cuboid", track()],
    ]),
    ignore_regions: new Map(),
  };
  expect(mainTrack(labels, "12")?.kind).toBe("cuboid");
  expect(mainTrack(labels, "13")).toBeNull();
});

test("the lines around a frame always hold the frame itself", () => {
  const many = track({
    keyframes: Array.from({ length: 40 }, (_, at) => keyframe(3 * at)),
    spans: [{ start: 0, end: 130, occlusion: 0 }],
  });
  for (let frame = 0; frame < 140; frame++) {
    const lines = linesAround(many, frame, 5);
    expect(lines).toHaveLength(5);
    expect(lines.filter((line) => line.frame === frame)).toHaveLength(1);
    expect(lines.map((line) => line.frame)).toEqual(
      [...lines.map((line) => line.frame)].sort((a, b) => a - b),
    );
  }
  const computed = linesAround(many, 4, 5).find((line) => line.kind === "computed");
  expect(computed && describeComputed(computed)).toBe("computed between 3 and 6");
  expect(linesAround(many, 135, 5).at(-1)?.kind).toBe("absent");
});
