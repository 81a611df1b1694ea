/** Unsent changes in the order in which they were made, each kept on disk until it is settled. */

import type { WireChangeAnswer, WireConflict } from "../protocol/wire";
import { type BasedOn, type Pending, rebased } from "./change";
import type { Outbox } from "./outbox";

export interface Queue {
  readonly items: readonly Pending[];
  push(change: Pending): void;
  /** Puts a change in place of the one with its id. */
  replace(change: Pending): void;
  /** The first change is with the server: those that build on it build on its revision. */
  acknowledge(change: Pending, answer: WireChangeAnswer): void;
  /** A change will not be sent: those that build on it build on what it built on. Gives all that fell with it. */
  drop(change: Pending): Pending[];
  /** A refused change, made to build on the newer values that refused it. */
  rebase(change: Pending, conflicts: readonly WireConflict[]): void;
  nextSeq(): number;
  /** Resolves when all is on disk. */
  kept(): Promise<void>;
}

export const createQueue = (
  adopted: readonly Pending[],
  outbox: Outbox,
  changed: () => void,
  failed: (error: unknown) => void,
): Queue => {
  let items: readonly Pending[] = adopted;
  let writes: Promise<void> = Promise.resolve();
  let lastSeq = 0;

  const store = (after: readonly Pending[]): void => {
    const before = items;
    items = after;
    const known = new Set(before);
    const ids = new Set(after.map((change) => change.id));
    const put = after.filter((change) => !known.has(change));
    const removed = before.filter((change) => !ids.has(change.id));
    const written = outbox.write(put, removed).catch(failed); // the database keeps the order
    writes = writes.then(() => written);
    changed();
  };
  const settle = (change: Pending, based_on: (path: string) => BasedOn): Pending[] =>
    items.filter((each) => each.id !== change.id).map((each) => rebased(each, change.id, based_on));
  const ownBase = (change: Pending, path: string): BasedOn =>
    change.ops.find((op) => op.path === path)?.based_on ?? 0;

  return {
    get items() {
      return items;
    },
    push: (change) => store([...items, change]),
    replace: (change) => store(items.map((each) => (each.id === change.id ? change : each))),
    acknowledge(change, answer) {
      const set = new Set(answer.ops.map((op) => op.path));
      store(settle(change, (path) => (set.has(path) ? answer.revision : ownBase(change, path))));
    },
    drop(change) {
      const undos = items.filter((each) => each.undoes === change.id);
      const fallen = [change, ...undos];
      let left = settle(change, (path) => ownBase(change, path));
      for (const undo of undos) {
        left = left
          .filter((each) => each.id !== undo.id)
          .map((each) => rebased(each, undo.id, (path) => ownBase(change, path)));
      }
      store(left);
      return fallen;
    },
    rebase(change, conflicts) {
      const newer = new Map(conflicts.map((conflict) => [conflict.path, conflict]));
      const ops = change.ops.map((op) => {
        const conflict = newer.get(op.path);
        if (!conflict) return op;
        return { ...op, before: conflict.theirs, based_on: conflict.theirs === null ? 0 : conflict.revision };
      });
      store(items.map((each) => (each.id === change.id ? { ...change, ops } : each)));
    },
    nextSeq() {
      lastSeq = Math.max(lastSeq + 1, Date.now() * 1000, (items.at(-1)?.seq ?? 0) + 1);
      return lastSeq;
    },
    kept: () => writes,
  };
};
