import "fake-indexeddb/auto";
import { IDBFactory } from "fake-indexeddb";
import { beforeEach, describe, expect, test } from "vitest";
import { createFakeServer } from "./server.fixture";
import { alive, foldOf, KEY, keyframe, open, START, set } from "./viewer.fixture";

beforeEach(() => {
  globalThis.indexedDB = new IDBFactory();
  alive.clear();
});

describe("undo and redo", () => {
  test("give the state before and after", async () => {
    const server = createFakeServer(START);
    const { sync, state } = await open(server);
    set(sync, KEY(1), keyframe(1), "First");
    set(sync, KEY(1), keyframe(2), "Second");
    expect(state().can_undo).toBe("Second");
    const undone = sync.undo();
    expect(state().labels.tracks.get("7.cuboid")?.keyframes[0]?.pose?.translation_m[0]).toBe(1); // at once
    await undone;
    expect(server.value(KEY(1))).toEqual(keyframe(1));
    expect([state().can_undo, state().can_redo]).toEqual(["First", "Second"]);
    await sync.undo();
    expect(server.values()).toEqual(START);
    expect([state().can_undo, state().can_redo]).toEqual([null, "First"]);
    await sync.redo();
    await sync.redo();
    expect(server.value(KEY(1))).toEqual(keyframe(2));
    expect([state().can_undo, state().can_redo]).toEqual(["Second", null]);
  });

  test("a new change ends what could be redone", async () => {
    const server = createFakeServer(START);
    const { sync, state } = await open(server);
    set(sync, KEY(1), keyframe(1));
    await sync.undo();
    set(sync, KEY(2), keyframe(2));
    expect(state().can_redo).toBeNull();
  });

  test("leave alone what others changed since, and say so", async () => {
    const server = createFakeServer(START);
    const { sync, state, notices } = await open(server);
    sync.edit({
      label: "Both",
      cause: "manual",
      ops: [
        { path: KEY(1), value: keyframe(1) },
        { path: KEY(2), value: keyframe(2) },
      ],
    });
    await sync.settled();
    server.change([{ path: KEY(2), value: keyframe(99) }]);
    await sync.undo();
    await sync.catchUp();
    expect(server.value(KEY(1))).toBeNull();
    expect(server.value(KEY(2))).toEqual(keyframe(99));
    expect(notices[0]?.text).toContain("1 of its values");
    expect(state().labels).toEqual(foldOf(server.values()));
  });

  test("wait for a change that is not sent yet", async () => {
    const server = createFakeServer(START);
    const { sync, state } = await open(server);
    server.down(true);
    set(sync, KEY(1), keyframe(1));
    const undone = sync.undo();
    expect(state().save.pending).toBe(2);
    server.down(false);
    sync.retry();
    await undone;
    expect(server.log.map((change) => change.cause)).toEqual(["manual", "undo"]);
    expect(server.values()).toEqual(START);
  });
});
