/** An editor with a server in memory, for tests. */

import type { Client } from "../protocol/client";
import type { WirePropagation } from "../protocol/wire";
import { fromYaw } from "../space/pose";
import type { Cuboid, Scene } from "../state/model";
import { createFakeServer } from "../sync/server.fixture";
import { open } from "../sync/viewer.fixture";
import { createEditor } from "./editor";
import { createNotices } from "./notices";

export const CAR: Cuboid = { pose: fromYaw(0.5, [10, 2, -0.8]), size_m: [4, 1.8, 1.5] };
export const FRAMES = 40;
const SCENE = {
  name: "s",
  frame_count: FRAMES,
  ready_frame_count: FRAMES,
  clock: { time_ns: Array.from({ length: FRAMES }, (_, frame) => frame * 1e8), names: [] },
  lidars: [],
  cameras: [],
  classes: [{ name: "car" }, { name: "van" }],
} as unknown as Scene;

export const setup = async (
  server = createFakeServer(),
  assist: Partial<Pick<Client, "fit" | "propagate" | "solve" | "merged">> = {},
  hold_ms = 30,
) => {
  const opened = await open(server, { hold_ms });
  const { store, sync } = opened;
  store.setState({ scene: SCENE, session: { id: "ada", name: "Ada" } });
  const client = { ...server.client("me"), ...assist };
  const announced: unknown[] = [];
  const editor = createEditor(store, {
    sync,
    client,
    stream: { isReady: () => true },
    notices: createNotices(store),
    announce: (presence) => announced.push(presence),
  });
  const keyframes = () => [...store.getState().labels.tracks.values()][0]?.keyframes ?? [];
  const spans = () => [...store.getState().labels.tracks.values()][0]?.spans ?? [];
  const notices = () => store.getState().notices.map((notice) => notice.text);
  return { ...opened, server, editor, announced, keyframes, spans, notices };
};

export const carried = (frames: readonly number[]): WirePropagation => ({
  keyframes: frames.map((frame) => ({
    frame,
    shape: { center_m: [10 + frame, 2, -0.8], rotation_wxyz: [1, 0, 0, 0] },
    quality: 0.8,
  })),
  stopped_at: null,
  reason: null,
});
