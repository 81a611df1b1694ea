/** Changes on their way to the server. */

import type { Cause, LabelValue } from "../protocol/wire";

/** What an operation sets (null clears). */
export interface Op {
  readonly path: string;
  readonly value: LabelValue | null;
}

/** What a person did, before it has an id. */
export interface Edit {
  readonly label: string;
  readonly cause: Cause;
  readonly ops: readonly Op[];
  /** Edits with the same key, shortly after one another, become one change while it is unsent. */
  readonly merge?: string;
  /** Revisions that the author saw when a gesture began; without it, those of now. */
  readonly seen?: Seen;
}

/** Revisions of paths at some time. */
export type Seen = ReadonlyMap<string, number>;

/** The revision of a path that the author saw, or the earlier change of the same author that set it. */
export type BasedOn = number | { readonly change: string };

export interface PendingOp extends Op {
  readonly before: LabelValue | null;
  readonly based_on: BasedOn;
}

/** A change that the server has not acknowledged: it has `seq` among those of this browser. */
export interface Pending {
  readonly id: string;
  readonly seq: number;
  readonly scene: string;
  /** The page that made it. */
  readonly owner: string;
  readonly label: string;
  readonly cause: Cause;
  /** For an undo: what it is expected to restore, shown until the server answers. */
  readonly ops: readonly PendingOp[];
  /** The change that this one undoes. */
  readonly undoes: string | null;
  readonly merge: string | null;
}

/** A copy in which ops that build on a change build on what replaces it. */
export const rebased = (pending: Pending, change: string, replace: (path: string) => BasedOn): Pending => {
  if (!pending.ops.some((op) => typeof op.based_on === "object" && op.based_on.change === change))
    return pending;
  return {
    ...pending,
    ops: pending.ops.map((op) =>
      typeof op.based_on === "object" && op.based_on.change === change
        ? { ...op, based_on: replace(op.path) }
        : op,
    ),
  };
};

/** A change with newer values, and with ops that it did not have. */
export const grown = (
  change: Pending,
  label: string,
  newer: readonly Op[],
  added: readonly PendingOp[],
): Pending => {
  const values = new Map(newer.map((op) => [op.path, op.value]));
  const kept = change.ops.map((op) =>
    values.has(op.path) ? { ...op, value: values.get(op.path) ?? null } : op,
  );
  return { ...change, label, ops: [...kept, ...added] };
};

/** Whether a value is a keyframe that a person made or accepted. */
export const isPersons = (value: unknown): boolean => {
  const { source, verified_by } = (value ?? {}) as { source?: unknown; verified_by?: unknown };
  return source === "human" || (typeof verified_by === "string" && source !== undefined);
};

/** Whether two values of the document are the same. */
export const isSame = (a: unknown, b: unknown): boolean => {
  if (Object.is(a, b)) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  const [x, y] = [a as Record<string, unknown>, b as Record<string, unknown>];
  const keys = Object.keys(x);
  return keys.length === Object.keys(y).length && keys.every((key) => key in y && isSame(x[key], y[key]));
};
