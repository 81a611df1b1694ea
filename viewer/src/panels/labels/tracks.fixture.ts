/** Keyframes and tracks for tests. */

import type { Keyframe, Track } from "../../state/model";

export const keyframe = (frame: number, more: Partial<Keyframe> = {}): Keyframe => ({
  frame,
  pose: { rotation_wxyz: [1, 0, 0, 0], translation_m: [0, 0, 0] },
  box: null,
  source: "human",
  verified_by: null,
  quality: null,
  ...more,
});

export const track = (more: Partial<Track> = {}): Track => ({
  id: "12.cuboid",
  object_id: "12",
  kind: "cuboid",
  space: "world",
  size_m: [4, 2, 1.5],
  keyframes: [keyframe(10), keyframe(20), keyframe(30)],
  spans: [
    { start: 10, end: 25, occlusion: 0 },
    { start: 28, end: 31, occlusion: 2 },
  ],
  attributes: {},
  ...more,
});
