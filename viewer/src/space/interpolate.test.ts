/** The twin agrees with the server's kernel on the shared table of cases. */

import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { Box, Keyframe, Quat, Span, Track, Vec3 } from "../state/model";
import { boxAt, cuboidAt, keyframeAt, segment } from "./interpolate";

interface Shape {
  readonly frame: number;
  readonly center_m?: Vec3;
  readonly rotation_wxyz?: Quat;
  readonly box?: Box;
  readonly absent?: boolean;
}

interface Case {
  readonly name: string;
  readonly clock_ns: readonly number[];
  readonly track: {
    readonly kind: "cuboid" | "box";
    readonly size_m?: Vec3;
    readonly keyframes: readonly Shape[];
    readonly spans: readonly { readonly start: number; readonly end: number }[];
  };
  readonly expected: readonly Shape[];
}

const table = new URL("../../../tests/cases/interpolation.json", import.meta.url);
const { cases } = JSON.parse(readFileSync(table, "utf8")) as { cases: readonly Case[] };
const TOLERANCE_M = 1e-9;

const keyframe = (shape: Shape): Keyframe => ({
  frame: shape.frame,
  pose: shape.center_m
    ? { translation_m: shape.center_m, rotation_wxyz: shape.rotation_wxyz ?? [1, 0, 0, 0] }
    : null,
  box: shape.box ?? null,
  source: "human",
  verified_by: null,
  quality: null,
});

const trackOf = ({ track }: Case): Track => ({
  id: "1.cuboid",
  object_id: "1",
  kind: track.kind,
  space: "world",
  size_m: track.size_m ?? null,
  keyframes: track.keyframes.map(keyframe),
  spans: track.spans.map((span): Span => ({ ...span, occlusion: 0 })),
  attributes: {},
});

const expectNear = (seen: readonly number[] | undefined, expected: readonly number[]) => {
  expected.forEach((value, n) => {
    expect(Math.abs((seen?.[n] ?? Number.NaN) - value)).toBeLessThanOrEqual(
      TOLERANCE_M * Math.max(1, Math.abs(value)),
    );
  });
};

/** Of q and -q, one rotation, the one on the other's side: where the first number is 0, rounding decides. */
const sameSign = (q: Quat | undefined, other: Quat): Quat | undefined => {
  const along = q?.reduce((sum, value, n) => sum + value * other[n]!, 0) ?? 1;
  return q && along < 0 ? [-q[0], -q[1], -q[2], -q[3]] : q;
};

describe("the same shapes as the server's", () => {
  test.each(cases.map((each) => [each.name, each] as const))("%s", (_, each) => {
    const track = trackOf(each);
    for (const expected of each.expected) {
      const cuboid = cuboidAt(track, expected.frame, each.clock_ns);
      const box = boxAt(track, expected.frame, each.clock_ns);
      if (expected.absent) expect([cuboid, box]).toEqual([null, null]);
      if (expected.center_m) expectNear(cuboid?.pose.translation_m, expected.center_m);
      if (expected.rotation_wxyz)
        expectNear(sameSign(cuboid?.pose.rotation_wxyz, expected.rotation_wxyz), expected.rotation_wxyz);
      if (expected.box) expectNear(box ?? undefined, expected.box);
    }
  });
});

test("the table holds cases", () => {
  expect(cases.length).toBeGreaterThan(20);
});

test("keyframes are found by frame", () => {
  const keyframes = [3, 8, 9].map((frame) => keyframe({ frame, center_m: [0, 0, 0] }));
  expect([0, 3, 5, 8, 9, 20].map((frame) => segment(keyframes, frame))).toEqual([-1, 0, 0, 1, 2, 2]);
  const track = { ...trackOf(cases[0]!), keyframes };
  expect(keyframeAt(track, 8)?.frame).toBe(8);
  expect(keyframeAt(track, 7)).toBeNull();
});
