/**
 * The label document as the user sees it: what the server has, with the user's own unsent changes on top.
 *
 * The server's values are kept with the revision that set them, cleared ones too, so that news may come
 * late, twice or in any order and the newest still stands.
 */

import type { LabelValue, WireOp } from "../protocol/wire";
import type { Labels } from "../state/model";
import { createBase, type LabelBase } from "./base";
import type { BasedOn, Op, Pending, PendingOp, Seen } from "./change";

export interface Entry {
  readonly value: LabelValue | null;
  readonly revision: number;
}

export interface LabelDocument {
  /** The server's whole state, in place of what was known; it is this document's from now on. */
  load(base: LabelBase): void;
  /** A change of the server's journal. */
  confirm(ops: readonly WireOp[], revision: number): void;
  /** The user's unsent changes, in order. */
  overlay(pending: readonly Pending[]): void;
  /** What a path shows now. */
  value(path: string): LabelValue | null;
  /** What the server has there. */
  confirmed(path: string): Entry;
  /** Ops with what they replace and what they build on. */
  prepare(ops: readonly Op[], except?: string): PendingOp[];
  /** The revisions of paths, without those that wait here with a change of the user's own. */
  seen(paths: readonly string[]): Seen;
  /** Paths that start so and hold something, in the order of the document. */
  pathsUnder(prefix: string): string[];
  readonly revision: number;
  labels(): Labels;
}

const ABSENT: Entry = { value: null, revision: 0 };

export const createDocument = (): LabelDocument => {
  let server: LabelBase = createBase();
  let own = new Map<string, { value: LabelValue | null; change: string }>();
  let pendingNow: readonly Pending[] = [];
  let revision = 0;

  const value = (path: string): LabelValue | null => {
    const mine = own.get(path);
    return mine ? mine.value : (server.entry(path)?.value ?? null);
  };

  const prepareOne = (op: Op, mine: { value: LabelValue | null; change: string } | undefined): PendingOp => {
    const theirs = server.entry(op.path) ?? ABSENT;
    const stands = theirs.value === null ? 0 : theirs.revision;
    const based_on: BasedOn = mine ? { change: mine.change } : stands;
    return { path: op.path, value: op.value, before: mine ? mine.value : theirs.value, based_on };
  };

  const topOf = (pending: readonly Pending[]): typeof own => {
    const top: typeof own = new Map();
    for (const change of pending) {
      for (const op of change.ops) top.set(op.path, { value: op.value, change: change.id });
    }
    return top;
  };

  return {
    load(base) {
      server = base;
      revision = base.revision;
      for (const [path, mine] of own) server.fold.set(path, mine.value);
    },
    confirm(ops, at) {
      for (const op of ops) {
        if ((server.entry(op.path)?.revision ?? -1) >= at) continue;
        server.set(op.path, { value: op.value, revision: at });
        if (!own.has(op.path)) server.fold.set(op.path, op.value);
      }
      revision = Math.max(revision, at);
    },
    overlay(pending) {
      const before = own;
      pendingNow = pending;
      own = topOf(pending);
      for (const path of new Set([...before.keys(), ...own.keys()])) {
        const [was, is] = [before.get(path), own.get(path)];
        if (!was || !is || was.value !== is.value) server.fold.set(path, value(path));
      }
    },
    value,
    confirmed: (path) => server.entry(path) ?? ABSENT,
    prepare(ops, except) {
      const top = except === undefined ? own : topOf(pendingNow.filter((change) => change.id !== except));
      return ops.map((op) => prepareOne(op, top.get(op.path)));
    },
    seen(paths) {
      const free = paths.filter((path) => !own.has(path));
      return new Map(
        free.map((path) => [path, prepareOne({ path, value: null }, undefined).based_on as number]),
      );
    },
    pathsUnder(prefix) {
      const paths = new Set<string>();
      for (const path of server.pathsUnder(prefix)) if (value(path) !== null) paths.add(path);
      for (const path of own.keys()) if (path.startsWith(prefix) && value(path) !== null) paths.add(path);
      return [...paths].sort();
    },
    get revision() {
      return revision;
    },
    labels: () => server.fold.labels(),
  };
};
