import "fake-indexeddb/auto";
import { IDBFactory } from "fake-indexeddb";
import { beforeEach, describe, expect, test } from "vitest";
import { newId } from "./id";
import { createFakeServer } from "./server.fixture";
import { alive, KEY, keyframe, open, START, set, until } from "./viewer.fixture";

beforeEach(() => {
  globalThis.indexedDB = new IDBFactory();
  alive.clear();
});

const createStorage = (): Storage => {
  const kept = new Map<string, string>();
  return {
    get length() {
      return kept.size;
    },
    key: (n) => [...kept.keys()][n] ?? null,
    getItem: (key) => kept.get(key) ?? null,
    setItem: (key, value) => void kept.set(key, value),
    removeItem: (key) => void kept.delete(key),
    clear: () => kept.clear(),
  };
};

describe("leaving a scene", () => {
  test("sends what could still grow, so that others see it", async () => {
    const server = createFakeServer(START);
    const { sync } = await open(server, { hold_ms: 60_000 });
    set(sync, KEY(1), keyframe(1), "Move car 7", "nudge");
    await sync.close();
    expect(server.value(KEY(1))).toEqual(keyframe(1));
  });

  test("by closing the page sends it too, and the next page does not double it", async () => {
    const server = createFakeServer(START);
    const storage = createStorage();
    const first = await open(server, { hold_ms: 60_000, storage });
    set(first.sync, KEY(1), keyframe(1), "Move car 7", "nudge");
    first.sync.rescue();
    first.kill();
    await until(() => server.value(KEY(1)) !== null);
    const second = await open(server, { storage });
    await second.sync.settled();
    expect(server.log).toHaveLength(1);
    expect(second.state().save).toMatchObject({ kind: "saved", pending: 0 });
    expect(storage.length).toBe(0);
  });

  test("leaves its unsent changes to the next page, which can undo them", async () => {
    const server = createFakeServer(START);
    const first = await open(server);
    server.down(true);
    set(first.sync, KEY(1), keyframe(1), "Move car 7");
    await until(() => first.state().save.kind === "offline");
    first.kill();
    server.down(false);
    const second = await open(server);
    await second.sync.settled();
    expect(second.state().can_undo).toBe("Move car 7");
    await second.sync.undo();
    expect(server.values()).toEqual(START);
  });

  test("with something else in the storage opens the scene all the same", async () => {
    const server = createFakeServer(START);
    const storage = createStorage();
    storage.setItem("worldline.rescue:s:gone", "{broken");
    storage.setItem("worldline.rescue:s:other", "17");
    const { sync, state } = await open(server, { storage });
    set(sync, KEY(1), keyframe(1));
    await sync.settled();
    expect(state().save.kind).toBe("saved");
  });
});

test("ids are random UUIDs, also where the browser has no ready-made ones", () => {
  const { randomUUID } = crypto;
  try {
    Object.defineProperty(crypto, "randomUUID", { value: undefined, configurable: true });
    const made = new Set(Array.from({ length: 50 }, newId));
    expect(made.size).toBe(50);
    for (const id of made)
      expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  } finally {
    Object.defineProperty(crypto, "randomUUID", { value: randomUUID, configurable: true });
  }
});
