/**
 * Where unsent changes wait: on this computer's disk, until the server has acknowledged them.
 *
 * Each change belongs to the page that made it. A page holds a lock while it lives; changes of pages
 * that are gone are adopted by the next page that opens the scene.
 */

import { type DBSchema, type IDBPDatabase, openDB } from "idb";
import type { Pending } from "./change";

export interface Outbox {
  /** This page's changes of a scene, and those left by pages that are gone, in order; all are now its own. */
  adopt(scene: string): Promise<Pending[]>;
  /** Keeps changes, removes others, at once or not at all. */
  write(put: readonly Pending[], remove: readonly Pending[]): Promise<void>;
  /** Keeps changes at once, in a page that is being left: what was not written yet would be lost. */
  rescue(changes: readonly Pending[]): void;
  close(): void;
}

interface Schema extends DBSchema {
  changes: { key: [string, number]; value: Pending; indexes: { scene: string } };
}

/** Which of the pages still live. */
export interface Pages {
  hold(page: string): Promise<void>;
  alive(): Promise<ReadonlySet<string>>;
  release(): void;
}

const RESCUE = "worldline.rescue:";

export const openOutbox = async (
  page: string,
  pages: Pages,
  storage: Storage | undefined,
  name = "worldline",
): Promise<Outbox> => {
  const database: IDBPDatabase<Schema> = await openDB<Schema>(name, 1, {
    upgrade(fresh) {
      fresh.createObjectStore("changes", { keyPath: ["owner", "seq"] }).createIndex("scene", "scene");
    },
  });
  await pages.hold(page);

  const write = async (put: readonly Pending[], remove: readonly Pending[]): Promise<void> => {
    const transaction = database.transaction("changes", "readwrite");
    const requests = [
      ...remove.map((change) => transaction.store.delete([change.owner, change.seq])),
      ...put.map((change) => transaction.store.put(change)),
    ];
    transaction.commit(); // at once: a page that is left does not wait for its requests
    await Promise.all([...requests, transaction.done]);
  };

  return {
    write,
    async adopt(scene) {
      const alive = await pages.alive();
      const all = await database.getAllFromIndex("changes", "scene", scene);
      const { rescued, forget } = findRescued(storage, scene, alive);
      const known = new Set(rescued.map((change) => change.id));
      const isLeft = (change: Pending): boolean => change.owner === page || !alive.has(change.owner);
      const left = [...all.filter((change) => isLeft(change) && !known.has(change.id)), ...rescued];
      left.sort((a, b) => a.seq - b.seq);
      const adopted = left.map((change) => ({ ...change, owner: page }));
      await write(
        adopted,
        left.filter((change) => change.owner !== page),
      );
      forget(); // only now: they are on the disk under this page's name
      return adopted;
    },
    rescue(changes) {
      pages.release(); // the next page adopts at once what this one leaves
      const scene = changes[0]?.scene;
      if (scene === undefined) return;
      try {
        storage?.setItem(`${RESCUE}${scene}:${page}`, JSON.stringify(changes));
      } catch {
        // Storage is full or switched off: what was written before still stands.
      }
    },
    close() {
      database.close();
      pages.release();
    },
  };
};

/** Where the browser gives no database: changes wait in this page alone. */
export const memoryOutbox = (): Outbox => ({
  adopt: () => Promise.resolve([]),
  write: () => Promise.resolve(),
  rescue: () => undefined,
  close: () => undefined,
});

/** What pages that are gone kept when they were left; it is newer than what they wrote before. */
const findRescued = (storage: Storage | undefined, scene: string, alive: ReadonlySet<string>) => {
  const prefix = `${RESCUE}${scene}:`;
  const keys = Array.from({ length: storage?.length ?? 0 }, (_, n) => storage?.key(n) ?? "").filter(
    (key) => key.startsWith(prefix) && !alive.has(key.slice(prefix.length)),
  );
  const rescued = keys.flatMap((key) => parseKept(storage?.getItem(key) ?? "[]"));
  const forget = (): void => {
    for (const key of keys) storage?.removeItem(key);
  };
  return { rescued, forget };
};

const parseKept = (text: string): Pending[] => {
  try {
    const kept: unknown = JSON.parse(text);
    return Array.isArray(kept) ? kept : [];
  } catch {
    return []; // not ours: a scene opens all the same
  }
};

const LOCK = "worldline-page:";

/** Pages by the browser's locks, which it releases when a page is gone. */
export const browserPages = (): Pages => {
  let release = (): void => undefined;
  const locks = globalThis.navigator?.locks;
  return {
    async hold(page) {
      if (!locks) return;
      await new Promise<void>((held) => {
        void locks.request(LOCK + page, () => {
          held();
          return new Promise<void>((resolve) => {
            release = resolve;
          });
        });
      });
    },
    async alive() {
      const state = await locks?.query();
      const names = (state?.held ?? []).map((lock) => lock.name ?? "");
      return new Set(names.filter((name) => name.startsWith(LOCK)).map((name) => name.slice(LOCK.length)));
    },
    release: () => release(),
  };
};
