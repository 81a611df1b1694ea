/** A viewer's sync with a fake server, for tests. */

import { expect } from "vitest";
import type { KeyframeValue, LabelValue } from "../protocol/wire";
import type { Notice } from "../state/model";
import { createStateStore } from "../state/store";
import type { Sync } from "./contract";
import { createFold } from "./fold";
import type { History } from "./history";
import { openOutbox, type Pages } from "./outbox";
import { type createFakeServer, createRandom, type Faults } from "./server.fixture";
import { openSync } from "./sync";

export const START: Record<string, LabelValue> = {
  "objects/7": { class_name: "car", number: 7 },
  "tracks/7.cuboid": { object: "7", kind: "cuboid", space: "world", size_m: [4, 2, 1.5] },
  "tracks/7.cuboid/spans": [{ start: 0, end: 9, occlusion: 0 }],
};

export const keyframe = (x: number): KeyframeValue => ({
  shape: { center_m: [x, 0, 0], rotation_wxyz: [1, 0, 0, 0] },
  source: "human",
  verified_by: null,
  quality: null,
});
export const KEY = (frame: number) => `tracks/7.cuboid/keyframes/${frame}`;

export const alive = new Set<string>();
const pages: Pages = {
  hold: async (page) => void alive.add(page),
  alive: async () => alive,
  release: () => undefined,
};

interface Options {
  readonly page?: string;
  readonly faults?: Faults;
  readonly seed?: number;
  readonly hold_ms?: number;
  readonly storage?: Storage;
  readonly shelf?: { history: History };
}

export const open = async (server: ReturnType<typeof createFakeServer>, options: Options = {}) => {
  const page = options.page ?? crypto.randomUUID();
  const store = createStateStore();
  const notices: Omit<Notice, "id">[] = [];
  const shelf = options.shelf;
  const sync = await openSync(
    {
      store,
      client: server.client(page, createRandom(options.seed ?? 1), options.faults),
      scene: "s",
      page,
      outbox: await openOutbox(page, pages, options.storage),
      notify: (notice) => notices.push(notice),
      hold_ms: options.hold_ms ?? 5,
      retry_ms: 2,
      ...(shelf && {
        shelf: { load: () => shelf.history, save: (history: History) => (shelf.history = history) },
      }),
    },
    new AbortController().signal,
  );
  const kill = () => {
    sync.close();
    alive.delete(page);
  };
  return { sync, store, notices, page, kill, state: () => store.getState() };
};

export const set = (
  sync: Sync,
  path: string,
  value: LabelValue | null,
  label = "Move car 7",
  merge?: string,
) => sync.edit({ label, cause: "manual", ops: [{ path, value }], ...(merge ? { merge } : {}) });

export const foldOf = (values: Readonly<Record<string, LabelValue>>) => {
  const fold = createFold();
  for (const [path, value] of Object.entries(values)) fold.set(path, value);
  return fold.labels();
};

export const until = async (isTrue: () => boolean) => {
  for (let n = 0; n < 2000 && !isTrue(); n++) await new Promise((resolve) => setTimeout(resolve, 1));
  expect(isTrue()).toBe(true);
};
