import { describe, expect, test } from "vitest";
import { fromYaw } from "../space/pose";
import type { Keyframe, Pose, Source, Track } from "../state/model";
import { followCorrection } from "./follow";

const CLOCK = Array.from({ length: 30 }, (_, frame) => frame * 100_000_000);

const keyframe = (frame: number, pose: Pose, source: Source = "propagated"): Keyframe => ({
  frame,
  pose,
  box: null,
  source,
  verified_by: null,
  quality: source === "human" ? null : 0.8,
});

/** A car that drives along x, ten frames carried from a person's keyframe at 0. */
const track = (changes: Record<number, Keyframe> = {}, last = 10): Track => ({
  id: "t",
  object_id: "o",
  kind: "cuboid",
  space: "world",
  size_m: [4, 2, 1.5],
  keyframes: Array.from(
    { length: last + 1 },
    (_, frame) =>
      changes[frame] ?? keyframe(frame, fromYaw(0, [frame, 0, 0]), frame ? "propagated" : "human"),
  ),
  spans: [{ start: 0, end: last + 1, occlusion: 0 }],
  attributes: {},
});

const placesOf = (keyframes: readonly Keyframe[]): Record<string, readonly number[]> =>
  Object.fromEntries(
    keyframes.map(({ frame, pose }) => [
      frame,
      pose!.translation_m.map((value) => Math.round(value * 1e6) / 1e6),
    ]),
  );

describe("the frames between follow a correction", () => {
  const at = (frame: number): Pose => fromYaw(0, [frame, 0, 0]);

  test("a drift is shared out towards the keyframe that stands, and kept beyond", () => {
    const places = placesOf(followCorrection(track(), 5, at(5), fromYaw(0, [5, 1, 0]), CLOCK));
    expect(places).toEqual({
      1: [1, 0.2, 0],
      2: [2, 0.4, 0],
      3: [3, 0.6, 0],
      4: [4, 0.8, 0],
      6: [6, 1, 0],
      7: [7, 1, 0],
      8: [8, 1, 0],
      9: [9, 1, 0],
      10: [10, 1, 0],
    });
  });

  test("keyframes that people made, accepted or imported never move", () => {
    const standing = {
      3: { ...keyframe(3, at(3)), verified_by: "Ann" },
      8: keyframe(8, at(8), "imported"),
    };
    const ops = followCorrection(track(standing), 5, at(5), fromYaw(0, [5, 1, 0]), CLOCK);
    expect(Object.keys(placesOf(ops))).toEqual(["4", "6", "7"]);
  });

  test("one frame's slip is that frame's alone", () => {
    const slipped = fromYaw(0, [5, 0.7, 0]);
    expect(followCorrection(track({ 5: keyframe(5, slipped) }), 5, slipped, at(5), CLOCK)).toEqual([]);
  });

  test("a person's own keyframe has not slipped: what follows it comes along", () => {
    const standing = { 5: keyframe(5, fromYaw(0, [5, 0.7, 0]), "human") };
    const moved = followCorrection(track(standing), 5, fromYaw(0, [5, 0.7, 0]), at(5), CLOCK);
    expect(placesOf(moved)).toMatchObject({ 4: [4, -0.56, 0], 6: [6, -0.7, 0] });
  });

  test("a flip is all or nothing", () => {
    const ops = followCorrection(track(), 5, at(5), fromYaw(Math.PI, [5, 0, 0]), CLOCK);
    for (const op of ops) {
      expect(Math.abs(op.pose!.rotation_wxyz[3])).toBeCloseTo(1, 9);
    }
    expect(ops).toHaveLength(9);
  });

  test("source and quality stay what they were", () => {
    const [op] = followCorrection(track(), 5, at(5), fromYaw(0, [5, 1, 0]), CLOCK);
    expect(op).toMatchObject({ source: "propagated", quality: 0.8, verified_by: null });
  });
});
