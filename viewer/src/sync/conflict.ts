/** What becomes of a change that met newer values. */

import type { WireConflict } from "../protocol/wire";
import type { Conflict } from "../state/model";
import { isPersons, isSame, type Pending } from "./change";

/**
 * Both did the same; or a machine's change meets people's keyframes, which it never alters, and yields;
 * or the user has to be asked.
 */
export const judge = (change: Pending, met: readonly WireConflict[]): "same" | "yield" | "ask" => {
  if (met.every((each) => isSame(each.yours, each.theirs))) return "same";
  const isMachines = change.cause === "propagated" || change.cause === "interpolated";
  const isLess = met.length < change.ops.length;
  return isMachines && isLess && met.every((each) => isPersons(each.theirs)) ? "yield" : "ask";
};

/** The change without what met newer values. */
export const yielded = (change: Pending, met: readonly WireConflict[]): Pending => {
  const theirs = new Set(met.map((each) => each.path));
  return { ...change, ops: change.ops.filter((op) => !theirs.has(op.path)) };
};

export const describeYield = (change: Pending, met: readonly WireConflict[]): string => {
  const frames = `${met.length} frame${met.length === 1 ? "" : "s"}`;
  return `${change.label}: ${frames} that a person set meanwhile stayed as they are`;
};

/** What the user is shown. */
export const conflictOf = (change: Pending, met: readonly WireConflict[]): Conflict => ({
  change_id: change.id,
  label: change.label,
  items: met.map(({ path, yours, theirs, author, revision }) => ({
    path,
    yours,
    theirs,
    author: author ?? "someone",
    revision,
  })),
});
