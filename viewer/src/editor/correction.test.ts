import "fake-indexeddb/auto";
import { IDBFactory } from "fake-indexeddb";
import { beforeEach, describe, expect, test } from "vitest";
import { createFakeServer } from "../sync/server.fixture";
import { alive } from "../sync/viewer.fixture";
import { CAR, carried, setup } from "./editor.fixture";

beforeEach(() => {
  globalThis.indexedDB = new IDBFactory();
  alive.clear();
});

const carriedCar = async () => {
  const made = await setup(createFakeServer(), { propagate: async () => carried([1, 2, 3, 4, 5, 6]) });
  made.editor.create(CAR);
  await made.editor.propagate("forward", 6);
  await made.sync.settled();
  const places = () => made.keyframes().map(({ pose }) => pose!.translation_m.map((x) => x.toFixed(6)));
  return { ...made, places };
};

describe("corrections in a row", () => {
  test.each([1, 3, 6])("there and back moves nothing else, at frame %i", async (frame) => {
    const { editor, sync, places } = await carriedCar();
    const before = places();
    editor.showFrame(frame);
    for (let n = 0; n < 7; n++) editor.nudge(0, 0.05, 0, 0);
    await sync.settled(); // whether it is one change or several
    for (let n = 0; n < 7; n++) editor.nudge(0, -0.05, 0, 0);
    expect(places()).toEqual(before);
  });

  test("many small ones come to the same as one", async () => {
    const small = await carriedCar();
    small.editor.showFrame(3);
    for (let n = 0; n < 10; n++) {
      small.editor.nudge(0.05, 0, 0, 0);
      if (n % 4 === 0) await small.sync.settled();
    }
    const nudged = small.places();
    globalThis.indexedDB = new IDBFactory();
    const one = await carriedCar();
    one.editor.showFrame(3);
    one.editor.nudge(0.5, 0, 0, 0);
    expect(nudged).toEqual(one.places());
  });

  test("start anew from what an undo or somebody else left", async () => {
    const { editor, sync, server, places, keyframes } = await carriedCar();
    const before = places();
    editor.showFrame(3);
    editor.nudge(0, 0.5, 0, 0);
    await sync.settled();
    await editor.undo();
    expect(places()).toEqual(before);
    editor.nudge(0, 0.5, 0, 0);
    await sync.settled();
    const path = Object.keys(server.values()).find((each) => each.endsWith("/keyframes/5"))!;
    const theirs = { shape: { center_m: [50, 50, 0] as const, rotation_wxyz: [1, 0, 0, 0] as const } };
    server.change([{ path, value: { ...theirs, source: "human", verified_by: null, quality: null } }]);
    await sync.catchUp();
    editor.nudge(0, -0.5, 0, 0);
    expect(keyframes()[5]?.pose?.translation_m).toEqual([50, 50, 0]);
  });
});
