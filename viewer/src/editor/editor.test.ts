/** What a person does, against a server in memory. */

import "fake-indexeddb/auto";
import { IDBFactory } from "fake-indexeddb";
import { beforeEach, describe, expect, test } from "vitest";
import { ApiError } from "../protocol/errors";
import type { LabelValue, WireFit } from "../protocol/wire";
import { IDENTITY, yawOf } from "../space/pose";
import type { Cuboid } from "../state/model";
import { createFakeServer } from "../sync/server.fixture";
import { alive, foldOf } from "../sync/viewer.fixture";
import { CAR, FRAMES, setup } from "./editor.fixture";
import { resizedFrom } from "./shapes";

beforeEach(() => {
  globalThis.indexedDB = new IDBFactory();
  alive.clear();
});

describe("making objects", () => {
  test("gives the next free number, the active class, one human keyframe and one frame of presence", async () => {
    const server = createFakeServer({ "objects/7": { class_name: "van", number: 7 } });
    const { editor, store, sync, spans, keyframes } = await setup(server);
    editor.showFrame(5);
    editor.create(CAR);
    const { selected, labels, tool } = store.getState();
    expect(labels.objects.get(selected!)).toMatchObject({ class_name: "car", number: 8 });
    expect(spans()).toEqual([{ start: 5, end: 6, occlusion: 0 }]);
    expect(keyframes()).toMatchObject([{ frame: 5, source: "human" }]);
    expect(tool).toBe("select");
    expect(store.getState().can_undo).toBe("Create car 8");
    await sync.settled();
    expect(store.getState().labels).toEqual(foldOf(server.values()));
    await editor.undo();
    expect(store.getState().selected).toBeNull();
    expect(Object.keys(server.values())).toEqual(["objects/7"]);
  });

  test("one click fits, and a refusal changes nothing and says why", async () => {
    const fitted: WireFit = {
      cuboid: { center_m: [9, 1, -0.8], rotation_wxyz: [1, 0, 0, 0], size_m: [4.2, 1.7, 1.5] },
      quality: 0.9,
      point_count: 300,
      reason: null,
      flip_probability: 0.02,
      std: [],
    };
    let isThere = true;
    const { editor, keyframes, notices, store } = await setup(createFakeServer(), {
      fit: async () => {
        if (isThere) return fitted;
        throw new ApiError({ code: "fit", status: 422, message: "3 points are too few" });
      },
    });
    await editor.fitAt([9, 1, -1]);
    expect(keyframes()).toMatchObject([
      { source: "human", quality: 0.9, pose: { translation_m: [9, 1, -0.8] } },
    ]);
    await editor.fitAt([9.5, 1.2, -0.9]); // the same car again, somewhere else on it
    expect(store.getState().labels.objects.size).toBe(1);
    expect(notices()).toEqual(["This is car 1 already"]);
    store.getState().notices.forEach(({ id }) => {
      editor.dismissNotice(id);
    });
    isThere = false;
    await editor.fitAt([30, 1, -1]);
    expect(store.getState().labels.objects.size).toBe(1);
    expect(store.getState().notices[0]).toMatchObject({ kind: "error", detail: "3 points are too few" });
    expect(notices()).toHaveLength(1);
  });
});

describe("changing a shape", () => {
  test.each([
    ["no number", { ...CAR, pose: { ...CAR.pose, translation_m: [Number.NaN, 0, 0] as const } }],
    ["an endless side", { ...CAR, size_m: [Number.POSITIVE_INFINITY, 2, 2] as const }],
    ["a side beyond all things", { ...CAR, size_m: [99_999_999, 2, 2] as const }],
    ["a place beyond the world", { ...CAR, pose: { ...CAR.pose, translation_m: [1e60, 0, 0] as const } }],
    ["a side of nothing", { ...CAR, size_m: [4, 0, 2] as const }],
    ["a negative side", { ...CAR, size_m: [4, -2, 2] as const }],
  ])("to one that cannot be (%s) is not done, and said", async (_, cuboid) => {
    const { editor, keyframes, notices } = await setup();
    editor.create(CAR);
    const before = keyframes();
    editor.commit(cuboid, "Set it");
    expect(keyframes()).toEqual(before);
    expect(notices()).toEqual(["Set it: not done"]);
  });

  test("somebody else's change that came while a shape was dragged is asked about", async () => {
    const { editor, server, sync, store, keyframes } = await setup();
    editor.create(CAR);
    await sync.settled();
    const path = Object.keys(server.values()).find((each) => each.includes("/keyframes/"))!;
    const moved = (x: number) => ({ ...CAR, pose: { ...CAR.pose, translation_m: [x, 2, -0.8] as const } });
    editor.draft(moved(11));
    server.change([{ path, value: { ...(server.value(path) as object), quality: 0.5 } as never }]);
    await sync.catchUp();
    editor.draft(moved(12));
    editor.commit(moved(12));
    await sync.settled();
    expect(store.getState().conflict?.items).toHaveLength(1);
    editor.keepMine();
    await sync.settled();
    expect(keyframes()[0]).toMatchObject({ pose: { translation_m: [12, 2, -0.8] }, quality: null });
    editor.nudge(1, 0, 0, 0); // what was seen then is no longer asked about
    await sync.settled();
    expect(store.getState().conflict).toBeNull();
  });

  test("another size is the track's, in all its frames", async () => {
    const { editor, store } = await setup();
    editor.create(CAR);
    editor.commit({ ...CAR, size_m: [5, 2, 2] }, "Resize car 1");
    expect([...store.getState().labels.tracks.values()][0]?.size_m).toEqual([5, 2, 2]);
    expect(store.getState().can_undo).toBe("Resize car 1");
  });

  test("nudges in a row are one change, in the cuboid's own axes", async () => {
    const { editor, server, sync, keyframes, store } = await setup();
    editor.create(CAR);
    await sync.settled();
    for (let n = 0; n < 4; n++) editor.nudge(0.25, 0, 0, 0);
    expect(store.getState().save.pending).toBe(1);
    await sync.settled();
    expect(server.log).toHaveLength(2);
    const [x, y] = keyframes()[0]!.pose!.translation_m;
    expect([x, y].map((value) => Number(value.toFixed(6)))).toEqual([
      Number((10 + Math.cos(0.5)).toFixed(6)),
      Number((2 + Math.sin(0.5)).toFixed(6)),
    ]);
  });

  test("flipping turns half a circle", async () => {
    const { editor, keyframes } = await setup();
    editor.create(CAR);
    editor.flipHeading();
    expect(Math.abs(yawOf(keyframes()[0]!.pose!) - 0.5)).toBeCloseTo(Math.PI, 9);
  });

  test("pasting in another frame is a keyframe of the same object, in the same frame another object", async () => {
    const { editor, store, keyframes } = await setup();
    editor.create(CAR);
    editor.copy();
    editor.showFrame(7);
    editor.paste();
    expect(keyframes().map((each) => each.frame)).toEqual([0, 7]);
    editor.showFrame(0);
    editor.paste();
    expect(store.getState().labels.objects.size).toBe(2);
  });

  test("a refit of a track with other people's frames keeps its size and its nearest corner", () => {
    const fitted: Cuboid = { pose: { ...IDENTITY, translation_m: [10, 0, 1] }, size_m: [4, 2, 2] };
    const kept = resizedFrom(fitted, [5, 2, 1], [0, -9, 2]);
    expect(kept).toEqual({ pose: { ...IDENTITY, translation_m: [10.5, 0, 0.5] }, size_m: [5, 2, 1] });
  });
});

test("deleting takes everything that hangs on the object, and undo brings all of it back", async () => {
  const values: Record<string, LabelValue> = {
    "objects/1": { class_name: "car", number: 1 },
    "objects/1/attributes/color": "red",
    "objects/12": { class_name: "van", number: 12 },
    "tracks/1.cuboid": { object: "1", kind: "cuboid", space: "world", size_m: [4, 2, 1] },
    "tracks/1.cuboid/spans": [{ start: 0, end: 3, occlusion: 1 }],
    "tracks/1.cuboid/attributes/brake/1": true,
    "tracks/1.front": { object: "1", kind: "box", space: "front", size_m: null },
  };
  const server = createFakeServer(values);
  const { editor, store, sync } = await setup(server);
  editor.select("1");
  expect(editor.describeDelete("1")).toContain("car 1");
  editor.deleteObject();
  expect([...store.getState().labels.objects.keys()]).toEqual(["12"]);
  expect(store.getState().selected).toBeNull();
  await sync.settled();
  expect(Object.keys(server.values())).toEqual(["objects/12"]);
  await editor.undo();
  expect(server.values()).toEqual(values);
});

test("spans, occlusion, attributes and class of the selection", async () => {
  const { editor, spans, store } = await setup();
  editor.create(CAR);
  editor.showFrame(9);
  editor.endHere();
  editor.showFrame(4);
  editor.setOcclusion(2);
  expect(spans()).toEqual([
    { start: 0, end: 4, occlusion: 0 },
    { start: 4, end: 10, occlusion: 2 },
  ]);
  editor.startHere();
  expect(spans()).toEqual([{ start: 4, end: 10, occlusion: 2 }]);
  editor.setAttribute("brake", true);
  expect([...store.getState().labels.tracks.values()][0]?.attributes).toEqual({
    brake: [{ frame: 4, value: true }],
  });
  editor.chooseClass("van");
  expect([...store.getState().labels.objects.values()][0]?.class_name).toBe("van");
});

test("moving about stays in the scene and tells the others", async () => {
  const { editor, store, announced } = await setup();
  editor.step(-3);
  expect(store.getState().frame).toBe(0);
  editor.showFrame(999);
  expect(store.getState().frame).toBe(FRAMES - 1);
  editor.showFrame(0);
  editor.create(CAR);
  editor.create(CAR);
  const [one, two] = [...store.getState().labels.objects.values()].sort((a, b) => a.number - b.number);
  editor.selectNext(1);
  expect(store.getState().selected).toBe(one?.id);
  editor.selectNext(-1);
  expect(store.getState().selected).toBe(two?.id);
  expect(announced.at(-1)).toEqual({ frame: 0, object: two?.id });
});
