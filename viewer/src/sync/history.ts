/** What this person did and may undo, newest last. */

import type { Op, Pending, PendingOp } from "./change";
import { isSame } from "./change";

export interface Done {
  readonly id: string;
  readonly label: string;
  /** What it set and what was there before; null when only the server knows. */
  readonly ops: readonly PendingOp[] | null;
}

export interface History {
  readonly done: readonly Done[];
  readonly undone: readonly Done[];
}

/** Where a history outlives a reload of its page. */
export interface HistoryShelf {
  load(): History;
  save(history: History): void;
}

const LONGEST = 200;

export const EMPTY_HISTORY: History = { done: [], undone: [] };

/** After a new change: it can be undone, and nothing can be redone. */
export const withDone = (history: History, change: Done): History => ({
  done: [...history.done, change].slice(-LONGEST),
  undone: [],
});

/** After the last change was undone by another change. */
export const withUndone = (history: History, by: Done): History => ({
  done: history.done.slice(0, -1),
  undone: [...history.undone, by],
});

/** After the last undo was itself undone by another change. */
export const withRedone = (history: History, by: Done): History => ({
  done: [...history.done, by].slice(-LONGEST),
  undone: history.undone.slice(0, -1),
});

/** With changes that a page which is gone left to this one: they are the same person's. */
export const withAdopted = (history: History, adopted: readonly Pending[]): History => {
  const known = new Set([...history.done, ...history.undone].map((change) => change.id));
  const fresh = adopted.filter((change) => change.undoes === null && !known.has(change.id));
  const done = fresh.map(({ id, label, ops }) => ({ id, label, ops }));
  return { done: [...history.done, ...done].slice(-LONGEST), undone: history.undone };
};

/** Without a change that never happened. */
export const without = (history: History, id: string): History => ({
  done: history.done.filter((change) => change.id !== id),
  undone: history.undone.filter((change) => change.id !== id),
});

/** With the ops of a change as they are now. */
export const withOps = (history: History, id: string, label: string, ops: readonly PendingOp[]): History => {
  const renew = (change: Done): Done => (change.id === id ? { id, label, ops } : change);
  return { done: history.done.map(renew), undone: history.undone.map(renew) };
};

/** What undoing a change would set: only where nothing else has been set since. */
export const inverseOps = (change: Done, value: (path: string) => unknown): Op[] =>
  (change.ops ?? [])
    .filter((op) => isSame(value(op.path), op.value))
    .map((op) => ({ path: op.path, value: op.before }));

/** A shelf in the page's own session storage. */
export const sessionShelf = (key: string, storage: Storage | undefined): HistoryShelf => ({
  load() {
    try {
      const kept: unknown = JSON.parse(storage?.getItem(key) ?? "null");
      return isHistory(kept) ? kept : EMPTY_HISTORY;
    } catch {
      return EMPTY_HISTORY; // not ours, or storage is switched off: undo starts anew, nothing else is lost
    }
  },
  save({ done, undone }) {
    const bare = (changes: readonly Done[]): Done[] =>
      changes.map(({ id, label }) => ({ id, label, ops: null }));
    try {
      storage?.setItem(key, JSON.stringify({ done: bare(done), undone: bare(undone) }));
    } catch {
      // Storage is full or switched off: undo then lasts only as long as the page.
    }
  },
});

const isHistory = (value: unknown): value is History => {
  const { done, undone } = (value ?? {}) as { done?: unknown; undone?: unknown };
  return Array.isArray(done) && Array.isArray(undone);
};
