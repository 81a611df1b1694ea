/** The server's label entries, with the revision that set each: those read at the start in columns, news above. */

import { type KeyframeColumns, keyframeInRow, pathsOf, rowOf } from "./columns";
import type { Entry } from "./document";
import { createFold, type Fold } from "./fold";
import { parsePath } from "./paths";
import type { LabelPiece, ReadLabels } from "./pieces";
import { inSlices } from "./slices";

export interface LabelBase {
  readonly revision: number;
  /** The labels that the entries make. */
  readonly fold: Fold;
  entry(path: string): Entry | undefined;
  set(path: string, entry: Entry): void;
  /** Paths that start so, cleared ones too, in no order. */
  pathsUnder(prefix: string): Iterable<string>;
}

export interface GrowingBase extends LabelBase {
  /** Takes a piece in, a little at each step. */
  take(piece: LabelPiece): Generator<void>;
}

const FEW = 50; // entries of a step: well below a millisecond

export const createBase = (): GrowingBase => {
  const entries = new Map<string, Entry>();
  const runs = new Map<string, { columns: KeyframeColumns; run: number }[]>(); // several where a page ends in a track
  const fold = createFold();
  let revision = 0;

  const entryInRun = (path: string): Entry | undefined => {
    const parsed = parsePath(path);
    if (parsed?.of !== "keyframe") return undefined;
    for (const { columns, run } of runs.get(parsed.track) ?? []) {
      const row = rowOf(columns, run, parsed.frame);
      if (row >= 0) return { value: keyframeInRow(columns, row), revision: columns.revisions[row]! };
    }
    return undefined;
  };

  return {
    fold,
    get revision() {
      return revision;
    },
    entry: (path) => entries.get(path) ?? entryInRun(path),
    set: (path, entry) => void entries.set(path, entry),
    *pathsUnder(prefix) {
      for (const path of entries.keys()) if (path.startsWith(prefix)) yield path;
      for (const [track, parts] of runs) {
        const root = `tracks/${track}/keyframes/`;
        if (!root.startsWith(prefix) && !prefix.startsWith(root)) continue;
        for (const { columns, run } of parts) {
          for (const path of pathsOf(columns, run)) if (path.startsWith(prefix)) yield path;
        }
      }
    },
    *take(piece) {
      revision = piece.revision;
      for (const [n, { path, value, revision: at }] of piece.entries.entries()) {
        entries.set(path, { value, revision: at });
        fold.set(path, value);
        if (n % FEW === 0) yield;
      }
      for (const [run, track] of piece.columns.tracks.entries()) {
        const known = runs.get(track);
        if (known) known.push({ columns: piece.columns, run });
        else runs.set(track, [{ columns: piece.columns, run }]);
        yield* fold.lay(piece.columns, run);
      }
    },
  };
};

/** Reads all labels of a scene without ever stopping the page. */
export const readBase = async (read: ReadLabels, scene: string, signal: AbortSignal): Promise<LabelBase> => {
  const base = createBase();
  for await (const piece of read(scene, signal)) await inSlices(base.take(piece), signal);
  await inSlices(base.fold.build(), signal);
  return base;
};
