import "fake-indexeddb/auto";
import { IDBFactory } from "fake-indexeddb";
import { beforeEach, describe, expect, test } from "vitest";
import { createFakeServer, createRandom, type Faults } from "./server.fixture";
import { alive, foldOf, KEY, keyframe, open, START, set, until } from "./viewer.fixture";

beforeEach(() => {
  globalThis.indexedDB = new IDBFactory();
  alive.clear();
});

describe("any interleaving ends with all clients equal to the server", () => {
  const faults: Faults = { lostRequest: 0.15, lostAnswer: 0.15, doubled: 0.15, longest_delay_ms: 4 };

  test.each(Array.from({ length: 12 }, (_, n) => n + 1))("seed %i", async (seed) => {
    const random = createRandom(seed * 7919);
    const server = createFakeServer(START);
    const openOne = (n: number) => open(server, { faults, seed: seed * 31 + n, hold_ms: 3 });
    const openWell = async (n: number) => {
      for (let tries = 0; tries < 50; tries++) {
        const opened = await openOne(n + 100 * tries).catch(() => null); // the first answer may be lost
        if (opened) return opened;
      }
      throw new Error("the server never answered");
    };
    const clients = [await openWell(1), await openWell(2), await openWell(3)];
    server.listen((change) => {
      for (const index of clients.keys()) {
        if (random() < 0.3) continue; // the connection was down
        const copies = random() < 0.2 ? 2 : 1;
        for (let n = 0; n < copies; n++) setTimeout(() => clients[index]?.sync.receive(change), random() * 6);
      }
    });
    const decide = () => {
      for (const { sync, state } of clients) {
        if (state().conflict) (random() < 0.5 ? sync.keepMine : sync.takeTheirs)();
      }
    };

    for (let step = 0; step < 60; step++) {
      const index = Math.floor(random() * clients.length);
      const { sync } = clients[index]!;
      const path = KEY(Math.floor(random() * 6));
      const dice = random();
      if (dice < 0.55) set(sync, path, keyframe(step), "Move car 7", random() < 0.3 ? "gesture" : undefined);
      else if (dice < 0.65) set(sync, path, null);
      else if (dice < 0.78) void sync.undo();
      else if (dice < 0.86) void sync.redo();
      else if (dice < 0.92) sync.catchUp().catch(() => undefined);
      else if (dice < 0.96) {
        clients[index]!.kill();
        clients[index] = await openWell(200 + step);
      }
      if (random() < 0.4) await new Promise((resolve) => setTimeout(resolve, random() * 5));
      decide();
    }

    await until(() => {
      decide();
      for (const { sync } of clients) sync.retry();
      return clients.every(({ state }) => state().save.pending === 0);
    });
    const expected = foldOf(server.values());
    for (const { sync, state } of clients) {
      for (let tries = 0; tries < 50; tries++)
        if (
          await sync.catchUp().then(
            () => true,
            () => false,
          )
        )
          break;
      expect(state().labels).toEqual(expected);
      expect(state().conflict).toBeNull();
    }
    const ids = server.log.map((change) => change.id);
    expect(new Set(ids).size).toBe(ids.length); // nothing twice
  });
});
