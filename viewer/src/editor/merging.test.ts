import "fake-indexeddb/auto";
import { describe, expect, it, vi } from "vitest";
import type { WireMerged, WireMergeRequest } from "../protocol/wire";
import { createFakeServer } from "../sync/server.fixture";
import { CAR, setup } from "./editor.fixture";

const READY: WireMerged = {
  state: "ready",
  done: 2,
  total: 2,
  message: null,
  cloud: {
    generation: "g1",
    sensor: "merged",
    world_from_cloud: [1, 0, 0, 0, 10, 20, 0],
    point_count: 5,
    has_intensity: true,
    points_per_block: 65536,
    coding: "meshopt",
  },
};

const opened = async (answers: WireMerged[]) => {
  const asked: WireMergeRequest[] = [];
  const merged = async (_: string, request: WireMergeRequest) => {
    asked.push(request);
    return answers.length > 1 ? answers.shift()! : answers[0]!;
  };
  const found = await setup(createFakeServer(), {
    merged,
    fit: vi.fn(async () => Promise.reject(new Error("none"))),
  });
  return { ...found, asked };
};

describe("merged clouds", () => {
  it("are asked for until they are there", async () => {
    const { store, editor, asked } = await opened([{ ...READY, state: "making", cloud: null }, READY]);
    editor.changeView({ cloud_source: "world" });
    await vi.waitFor(() => expect(store.getState().merged?.cloud?.generation).toBe("g1"), 3000);
    expect(asked.map((each) => each.kind)).toEqual(["world", "world"]);
    expect(store.getState().merged?.cloud?.world_from_cloud.translation_m).toEqual([10, 20, 0]);
    editor.changeView({ cloud_source: "frame" });
    expect(store.getState().merged).toBeNull();
  });

  it("of an object are of the selected one", async () => {
    const { store, editor, asked } = await opened([READY]);
    editor.changeView({ cloud_source: "object" });
    expect(asked).toEqual([]);
    editor.create(CAR);
    await vi.waitFor(() => expect(store.getState().merged?.kind).toBe("object"), 3000);
    const [track] = [...store.getState().labels.tracks.values()];
    expect(asked.at(-1)).toEqual({ kind: "object", track: track!.id });
  });

  it("of an object show a size that is the track's: resized there, it changes in every frame", async () => {
    const { store, editor, asked, keyframes } = await opened([READY]);
    editor.create(CAR);
    editor.showFrame(8);
    editor.nudge(2, 0, 0, 0); // a second keyframe
    editor.changeView({ cloud_source: "object" });
    await vi.waitFor(() => expect(store.getState().merged?.kind).toBe("object"), 3000);
    const times = asked.length;
    const longer = { ...CAR, size_m: [4.6, 1.9, 1.6] as const };
    editor.draft(longer);
    editor.commit(longer);
    const [track] = [...store.getState().labels.tracks.values()];
    expect(track!.size_m).toEqual([4.6, 1.9, 1.6]);
    expect(keyframes().map(({ frame }) => frame)).toEqual([0, 8]);
    expect(store.getState().draft).toBeNull();
    await vi.waitFor(() => expect(asked.length).toBeGreaterThan(times), 5000); // the cloud depends on the track
    expect(store.getState().merged?.kind).toBe("object"); // the old one stays until then
  });

  it("that fail are told, and the frame is shown again", async () => {
    const { store, editor, notices } = await opened([
      { ...READY, state: "failed", message: "the disk is full", cloud: null },
    ]);
    editor.changeView({ cloud_source: "world" });
    await vi.waitFor(() => expect(notices()).toContain("The frames could not be merged"), 3000);
    expect(store.getState().view.cloud_source).toBe("frame");
  });
});
