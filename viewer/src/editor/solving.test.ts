/** One key carries an object through all frames. */

import "fake-indexeddb/auto";
import { IDBFactory } from "fake-indexeddb";
import { beforeEach, expect, test } from "vitest";
import type { WireSolution } from "../protocol/wire";
import { createFakeServer } from "../sync/server.fixture";
import { alive } from "../sync/viewer.fixture";
import { CAR, carried, setup } from "./editor.fixture";

beforeEach(() => {
  globalThis.indexedDB = new IDBFactory();
  alive.clear();
});

const solution = (frames: readonly number[], changes: Partial<WireSolution> = {}): WireSolution => ({
  size_m: [4.4, 1.9, 1.6],
  is_still: false,
  keyframes: carried(frames).keyframes,
  spans: [{ start: 0, end: 8, occlusion: 0 }],
  suggested: [],
  ...changes,
});

test("fills every frame, takes the size, and keeps what a person drew", async () => {
  const asked: unknown[] = [];
  const { editor, sync, keyframes, spans, store, server } = await setup(createFakeServer(), {
    solve: async (_scene, request) => {
      asked.push(request.is_still);
      return solution([0, 1, 2, 4, 5]);
    },
  });
  editor.create(CAR);
  editor.showFrame(4);
  editor.paste();
  editor.addKeyframe();
  const drawn = keyframes().map((each) => each.frame);
  await editor.solve();
  await editor.solve(true);
  expect(asked).toEqual([null, true]);
  const human = keyframes().filter((each) => each.source === "human");
  expect(human.map((each) => each.frame)).toEqual(drawn);
  expect(keyframes().map((each) => each.frame)).toEqual([...new Set([...drawn, 0, 1, 2, 4, 5])].sort());
  expect([...store.getState().labels.tracks.values()][0]?.size_m).toEqual([4.4, 1.9, 1.6]);
  expect(spans()).toEqual([{ start: 0, end: 8, occlusion: 0 }]);
  await sync.settled();
  expect(server.log.at(-1)?.cause).toBe("propagated");
});

test("a click's own fit is put right, and one undo brings all of it back", async () => {
  const fit = {
    cuboid: { center_m: [9, 1, -0.8], rotation_wxyz: [1, 0, 0, 0], size_m: [4.2, 1.7, 1.5] } as const,
    quality: 0.6,
    point_count: 30,
    reason: null,
  };
  const { editor, keyframes, notices } = await setup(createFakeServer(), {
    fit: async () => fit as never,
    solve: async () => solution([0, 1, 2]),
  });
  await editor.fitAt([9, 1, -1]);
  const before = keyframes();
  await editor.solve();
  expect(keyframes().map((each) => each.source)).toEqual(["propagated", "propagated", "propagated"]);
  expect(keyframes()[0]?.pose?.translation_m[0]).toBe(10);
  expect(notices()).toEqual(["car 1 moves: 8 frames"]);
  await editor.undo();
  expect(keyframes()).toEqual(before);
});

test("what stands still keeps the one cuboid", async () => {
  const { editor, keyframes, notices } = await setup(createFakeServer(), {
    propagate: async () => carried([1, 2, 3]),
    solve: async () => solution([], { is_still: true }),
  });
  editor.create(CAR);
  await editor.propagate("forward", 3);
  await editor.solve(true);
  expect(keyframes().map((each) => each.frame)).toEqual([0]);
  expect(notices().at(-1)).toBe("car 1 stands still: 8 frames");
});

test("a failure says so and changes nothing", async () => {
  const { editor, keyframes, store } = await setup();
  editor.create(CAR);
  const before = keyframes();
  await editor.solve();
  expect(keyframes()).toEqual(before);
  expect(store.getState().notices.some((notice) => notice.kind === "progress")).toBe(false);
});
