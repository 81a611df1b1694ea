import { expect, test } from "vitest";
import { fromYaw } from "../space/pose";
import type { Cuboid, Keyframe, Source, State, Track } from "../state/model";
import { initialState } from "../state/store";
import { chipText, counted, degrees, signed } from "./format";
import { presentAt, selectedAt, theirsAt } from "./present";

const keyframe = (frame: number, x: number, source: Source): Keyframe => ({
  frame,
  pose: fromYaw(0, [x, 0, 0]),
  box: null,
  source,
  verified_by: null,
  quality: null,
});
const track = (object_id: string, keyframes: Keyframe[]): Track => ({
  id: `${object_id}.cuboid`,
  object_id,
  kind: "cuboid",
  space: "world",
  size_m: [4, 2, 1.5],
  keyframes,
  spans: [{ start: 0, end: 3, occlusion: 0 }],
  attributes: {},
});
const object = (id: string) => ({ id, class_name: "car", number: Number(id), attributes: {} });
const clock = { time_ns: [0, 1e8, 2e8, 3e8], names: ["0", "1", "2", "3"] };
const state = {
  ...initialState,
  scene: {
    clock,
    classes: [{ name: "car", title: "Car", color: "#55e6cd", size_m: [4, 2, 1.5], spread_m: [1, 1, 1] }],
  },
  frame: 1,
  selected: "7",
  labels: {
    objects: new Map([
      ["7", object("7")],
      ["8", object("8")],
    ]),
    tracks: new Map([
      ["7.cuboid", track("7", [keyframe(0, 10, "human"), keyframe(2, 14, "propagated")])],
      ["8.cuboid", track("8", [keyframe(0, 30, "imported")])],
    ]),
    ignore_regions: new Map(),
  },
} as unknown as State;
const draft: Cuboid = { pose: fromYaw(0, [11, 1, 0]), size_m: [5, 2, 1.5] };

test("what is present is drawn where it is between its keyframes", () => {
  const [first, second] = presentAt(state, 1);
  expect(first?.cuboid.pose.translation_m[0]).toBeCloseTo(12, 6);
  expect(first?.chip).toBe("car 7");
  expect(second?.color).toBe("#55e6cd");
  expect(presentAt(state, 3)).toEqual([]);
});

test("a draft stands in for the selected object, in its own frame only", () => {
  const drafting = { ...state, draft };
  expect(presentAt(drafting, 1)[0]?.cuboid).toBe(draft);
  expect(selectedAt(drafting, 1)?.cuboid).toBe(draft);
  expect(selectedAt(drafting, 2)?.cuboid.pose.translation_m[0]).toBe(14);
  expect(presentAt(drafting, 1)[1]?.cuboid.pose.translation_m[0]).toBe(30);
});

test("what the machine placed is drawn as such until a person takes over", () => {
  expect(selectedAt(state, 0)?.machine).toBe(false);
  expect(selectedAt(state, 2)?.machine).toBe(true);
});

test("only a frame the machine doubts is outlined in amber", () => {
  const doubtful = { ...keyframe(2, 14, "propagated"), quality: 0.3 };
  const tracks = new Map([["7.cuboid", track("7", [keyframe(0, 10, "human"), doubtful])]]);
  const doubting = { ...state, labels: { ...state.labels, tracks } };
  const needs = (frame: number) => selectedAt(doubting, frame)?.need;
  expect([0, 1, 2].map(needs)).toEqual([false, false, true]);
  expect(selectedAt(doubting, 2)?.stroke).toBe("#ffb224");
  expect(selectedAt(doubting, 2)?.color).toBe("#55e6cd");
});

test("in a conflict theirs is shown in the frame it is about", () => {
  const theirs = { shape: { center_m: [9, 1, 0], rotation_wxyz: [1, 0, 0, 0] } };
  const item = { path: "tracks/7.cuboid/keyframes/0", yours: null, theirs, author: "jo", revision: 4 };
  const removed = { ...item, path: "tracks/8.cuboid/keyframes/0", theirs: null };
  const conflict = { change_id: "c", label: "Move car 7", items: [item, removed] };
  expect(theirsAt({ ...state, conflict }, 0).map((cuboid) => cuboid.pose.translation_m)).toEqual([[9, 1, 0]]);
  expect(theirsAt({ ...state, conflict }, 1)).toEqual([]);
  expect(theirsAt(state, 0)).toEqual([]);
});

test("numbers have a true minus and thin spaces, and zero has no sign", () => {
  expect(signed(-1.234, 2)).toBe("\u22121.23");
  expect(signed(-0.001, 2)).toBe("0.00");
  expect(counted(121784)).toBe("121\u2009784");
  expect(degrees(-Math.PI / 2)).toBe("\u221290.0°");
  expect(chipText("pedestrian", 3)).toBe("ped 3");
});
