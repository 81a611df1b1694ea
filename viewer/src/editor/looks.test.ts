import { expect, test } from "vitest";
import type { Keyframe, Labels, SceneObject, Track } from "../state/model";
import { createRound } from "./looks";

const keyframe = (frame: number, quality: number, x = 0): Keyframe => ({
  frame,
  pose: { translation_m: [x, 0, 0], rotation_wxyz: [1, 0, 0, 0] },
  box: null,
  source: "propagated",
  verified_by: null,
  quality,
});

const track = (object: string, qualities: readonly number[]): Track => ({
  id: `${object}.cuboid`,
  object_id: object,
  kind: "cuboid",
  space: "world",
  size_m: [4, 2, 1.5],
  keyframes: qualities.map((quality, frame) => keyframe(frame, quality)),
  spans: [{ start: 0, end: qualities.length, occlusion: 0 }],
  attributes: {},
});

const labelsOf = (...tracks: readonly Track[]): Labels =>
  ({
    objects: new Map(tracks.map(({ object_id }) => [object_id, { id: object_id } as SceneObject])),
    tracks: new Map(tracks.map((each) => [each.id, each])),
  }) as unknown as Labels;

test("the least sure frame of the selected object comes first, each once, and then the round begins anew", () => {
  const labels = labelsOf(track("a", [0.9, 0.2, 0.7, 0.2]), track("b", [0.1]));
  const round = createRound();
  let frame = 0;
  const visit = () => {
    frame = round.next(labels, "a", frame)!.frame;
    return frame;
  };
  // Frame 0 is shown when the round begins: it has been looked at.
  expect([visit(), visit(), visit()]).toEqual([1, 3, 2]);
  expect([visit(), visit(), visit(), visit()]).toEqual([1, 3, 2, 0]);
});

test("stepping aside to compare does not begin anew, but a cuboid that changed is looked at again", () => {
  const before = track("a", [0.9, 0.2, 0.7, 0.3, 0.95]);
  const round = createRound();
  expect(round.next(labelsOf(before), "a", 4)?.frame).toBe(1);
  expect(round.next(labelsOf(before), "a", 4)?.frame).toBe(3);
  const moved = {
    ...before,
    keyframes: before.keyframes.map((each) => (each.frame === 1 ? keyframe(1, 0.2, 3) : each)),
  };
  expect(round.next(labelsOf(moved), "a", 3)?.frame).toBe(1);
  expect(round.next(labelsOf(moved), "a", 1)?.frame).toBe(2);
});

test("with nothing selected the least sure of all objects comes first", () => {
  const labels = labelsOf(track("a", [0.9, 0.2]), track("b", [0.1, 0.5]));
  const round = createRound();
  expect(round.next(labels, null, 0)).toEqual({ object: "b", frame: 0 });
  expect(round.next(labels, null, 0)).toEqual({ object: "a", frame: 1 });
  expect(round.next(labels, "c", 0)).toEqual({ object: "b", frame: 1 });
  expect(createRound().next(labelsOf(), null, 0)).toBeNull();
});
