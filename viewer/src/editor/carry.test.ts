/** Carrying a cuboid along, and what machines made. */

import "fake-indexeddb/auto";
import { IDBFactory } from "fake-indexeddb";
import { beforeEach, describe, expect, test } from "vitest";
import { fromYaw } from "../space/pose";
import { createFakeServer } from "../sync/server.fixture";
import { alive } from "../sync/viewer.fixture";
import { CAR, carried, setup } from "./editor.fixture";

beforeEach(() => {
  globalThis.indexedDB = new IDBFactory();
  alive.clear();
});

describe("carrying along", () => {
  test("makes machine keyframes, keeps people's, and is present all the way", async () => {
    const { editor, sync, keyframes, spans, store, server } = await setup(createFakeServer(), {
      propagate: async (_scene, request) =>
        carried(Array.from({ length: request.frame_count }, (_, n) => request.frame + 1 + n)),
    });
    editor.create(CAR);
    editor.showFrame(3);
    editor.commit({ ...CAR, pose: fromYaw(0, [99, 0, 0]) });
    editor.showFrame(0);
    await editor.propagate("forward", 5);
    expect(keyframes().map((each) => each.source)).toEqual([
      "human",
      "propagated",
      "propagated",
      "human",
      "propagated",
      "propagated",
    ]);
    expect(keyframes()[3]?.pose?.translation_m[0]).toBe(99);
    expect(keyframes()[1]?.quality).toBe(0.8);
    expect(spans()).toEqual([{ start: 0, end: 6, occlusion: 0 }]);
    expect(store.getState().can_undo).toBe("Propagate car 1 forward 5 frames");
    expect(store.getState().notices).toEqual([]);
    await sync.settled();
    expect(server.log.at(-1)?.cause).toBe("propagated");
  });

  test("asks for 20 frames, or what is left of the scene", async () => {
    const asked: number[] = [];
    const { editor } = await setup(createFakeServer(), {
      propagate: async (_scene, request) => {
        asked.push(request.frame_count);
        return carried([]);
      },
    });
    editor.showFrame(30);
    editor.create(CAR);
    await editor.propagate("forward");
    await editor.propagate("backward");
    expect(asked).toEqual([9, 20]);
  });

  test("says where and why it stopped, and can be cancelled", async () => {
    let isLost = true;
    const { editor, notices, keyframes, store } = await setup(createFakeServer(), {
      propagate: (_scene, _request, signal) =>
        isLost
          ? Promise.resolve({ ...carried([1, 2]), stopped_at: 3, reason: "too few points" })
          : new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason))),
    });
    editor.create(CAR);
    await editor.propagate("forward", 9);
    expect(notices()).toEqual(["car 1: stopped at frame 3"]);
    isLost = false;
    const before = keyframes();
    const running = editor.propagate("forward", 9);
    await new Promise((resolve) => setTimeout(resolve, 5));
    const progress = store.getState().notices.find((notice) => notice.kind === "progress");
    expect(progress?.text).toBe("Carrying car 1 forward over 9 frames");
    progress?.cancel?.();
    await running;
    expect(keyframes()).toEqual(before);
    expect(store.getState().notices.some((notice) => notice.kind === "progress")).toBe(false);
  });

  test("accepting names the person, and the next to look at is the next that nobody accepted", async () => {
    const { editor, store, keyframes } = await setup(createFakeServer(), {
      propagate: async () => carried([1, 2, 3]),
    });
    editor.create(CAR);
    await editor.propagate("forward", 3);
    editor.nextToLookAt();
    expect(store.getState().frame).toBe(1);
    editor.accept();
    expect(keyframes()[1]).toMatchObject({ source: "propagated", verified_by: "Ada" });
    editor.showFrame(0);
    editor.nextToLookAt();
    expect(store.getState().frame).toBe(2);
  });

  test("interpolating takes away the machine's keyframes between people's", async () => {
    const { editor, keyframes, notices } = await setup(createFakeServer(), {
      propagate: async () => carried([1, 2, 3, 4, 5]),
    });
    editor.create(CAR);
    await editor.propagate("forward", 5);
    editor.showFrame(2);
    editor.interpolate();
    expect(notices().at(-1)).toContain("before and one after");
    editor.showFrame(4);
    editor.commit(CAR);
    editor.showFrame(2);
    editor.interpolate();
    expect(keyframes().map((each) => each.frame)).toEqual([0, 4, 5]);
  });

  test("what the machine is least sure of is looked at first, then the rest, then other objects; never where it is absent", async () => {
    const answer = carried([1, 2, 3, 4, 5]);
    const qualities = [0.9, 0.4, 0.9, 0.3, 0.9];
    const keyframes = answer.keyframes.map((each, n) => ({ ...each, quality: qualities[n]! }));
    const { editor, store } = await setup(createFakeServer(), {
      propagate: async () => ({ ...answer, keyframes }),
    });
    const visit = () => {
      editor.nextToLookAt();
      const { frame } = store.getState();
      editor.accept();
      return frame;
    };
    editor.create(CAR);
    await editor.propagate("forward", 5);
    editor.showFrame(4);
    editor.endHere();
    editor.showFrame(0);
    expect([visit(), visit(), visit(), visit()]).toEqual([4, 2, 1, 3]);
    const first = store.getState().selected;
    editor.showFrame(0);
    editor.create(CAR);
    await editor.propagate("forward", 5);
    editor.select(first);
    editor.showFrame(0);
    expect(visit()).toBe(4);
    expect(store.getState().selected).not.toBe(first);
  });

  test("interpolating where nothing stands between says so", async () => {
    const { editor, notices } = await setup();
    editor.create(CAR);
    editor.showFrame(4);
    editor.paste();
    editor.showFrame(0);
    editor.copy();
    editor.showFrame(4);
    editor.paste();
    editor.showFrame(2);
    editor.interpolate();
    expect(notices().at(-1)).toContain("no machine keyframe stands between");
  });

  test("a person who was quicker keeps the frame, and the others are carried all the same", async () => {
    const { editor, sync, server, store, keyframes } = await setup(createFakeServer(), {
      propagate: async () => carried([1, 2, 3]),
    });
    editor.create(CAR);
    await sync.settled();
    const track = [...store.getState().labels.tracks.keys()][0]!;
    const theirs = {
      shape: { center_m: [5, 5, 0] as const, rotation_wxyz: [1, 0, 0, 0] as const },
      source: "human" as const,
      verified_by: null,
      quality: null,
    };
    server.change([{ path: `tracks/${track}/keyframes/2`, value: theirs }]);
    await editor.propagate("forward", 3);
    await sync.settled();
    expect(store.getState().conflict).toBeNull();
    expect(keyframes().map(({ frame, source }) => [frame, source])).toEqual([
      [0, "human"],
      [1, "propagated"],
      [2, "human"],
      [3, "propagated"],
    ]);
  });

  test("nothing is carried while a conflict waits", async () => {
    let asked = 0;
    const { editor, sync, server, store, notices } = await setup(createFakeServer(), {
      propagate: async () => {
        asked += 1;
        return carried([1]);
      },
    });
    editor.create(CAR);
    await sync.settled();
    const track = [...store.getState().labels.tracks.keys()][0]!;
    const value = server.value(`tracks/${track}/keyframes/0`) as never;
    server.change([
      { path: `tracks/${track}/keyframes/0`, value: { ...(value as object), quality: 0.7 } as never },
    ]);
    editor.nudge(1, 0, 0, 0);
    await sync.settled();
    expect(store.getState().conflict).not.toBeNull();
    await editor.propagate("forward", 1);
    expect(asked).toBe(0);
    expect(notices().at(-1)).toContain("Decide first");
  });
});
