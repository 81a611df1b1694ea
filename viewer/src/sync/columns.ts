/**
 * Keyframes of many tracks in columns: what crosses from a worker to the page as a few buffers instead of
 * a million objects, and what is kept of the server's state, at a tenth of their memory.
 */

import type { KeyframeValue, WireEntry } from "../protocol/wire";
import type { Source } from "../state/model";
import { keyframePath, parsePath } from "./paths";

/** Runs of keyframes, each of one track and by frame; run `n` has the rows from `starts[n]` to `starts[n + 1]`. */
export interface KeyframeColumns {
  readonly tracks: readonly string[];
  readonly starts: Int32Array<ArrayBuffer>;
  readonly frames: Int32Array<ArrayBuffer>;
  readonly revisions: Float64Array<ArrayBuffer>;
  /** Seven a row: centre and rotation of a cuboid, or the four sides of a box. */
  readonly numbers: Float64Array<ArrayBuffer>;
  readonly qualities: Float64Array<ArrayBuffer>; // NaN: none
  readonly kinds: Uint8Array<ArrayBuffer>; // 1: a box; and by twos the source
  readonly verifiers: Int32Array<ArrayBuffer>; // number in `names`, -1: nobody
  readonly names: readonly string[];
}

export interface Packed {
  readonly columns: KeyframeColumns;
  /** What is no keyframe, or one that the columns would not give back as it was. */
  readonly rest: readonly WireEntry[];
}

const SOURCES: readonly Source[] = ["human", "propagated", "imported", "model"];
const WIDTH = 7;

export const packKeyframes = (entries: readonly WireEntry[]): Packed => {
  const runs = new Map<string, { frame: number; value: KeyframeValue; revision: number }[]>();
  const rest: WireEntry[] = [];
  let count = 0;
  for (const entry of entries) {
    const parsed = parsePath(entry.path);
    if (parsed?.of !== "keyframe" || !isPlain(parsed.frame, entry.value)) {
      rest.push(entry);
      continue;
    }
    const row = { frame: parsed.frame, value: entry.value, revision: entry.revision };
    const run = runs.get(parsed.track);
    if (run) run.push(row);
    else runs.set(parsed.track, [row]);
    count += 1;
  }
  const columns = {
    tracks: [...runs.keys()],
    starts: new Int32Array(runs.size + 1),
    frames: new Int32Array(count),
    revisions: new Float64Array(count),
    numbers: new Float64Array(WIDTH * count),
    qualities: new Float64Array(count),
    kinds: new Uint8Array(count),
    verifiers: new Int32Array(count),
    names: [] as string[],
  };
  const numbers = new Map<string, number>();
  let [row, at] = [0, 0];
  for (const run of runs.values()) {
    for (const { frame, value, revision } of run.sort((a, b) => a.frame - b.frame)) {
      const { shape, source, quality, verified_by } = value;
      columns.frames[row] = frame;
      columns.revisions[row] = revision;
      columns.qualities[row] = quality ?? Number.NaN;
      columns.kinds[row] = 2 * SOURCES.indexOf(source) + ("box_px" in shape ? 1 : 0);
      if ("box_px" in shape) columns.numbers.set(shape.box_px, WIDTH * row);
      else columns.numbers.set([...shape.center_m, ...shape.rotation_wxyz], WIDTH * row);
      if (verified_by !== null && !numbers.has(verified_by)) {
        numbers.set(verified_by, columns.names.push(verified_by) - 1);
      }
      columns.verifiers[row] = verified_by === null ? -1 : numbers.get(verified_by)!;
      row += 1;
    }
    at += 1;
    columns.starts[at] = row;
  }
  return { columns, rest };
};

/** What a row holds, as it was on the wire. */
export const keyframeInRow = (columns: KeyframeColumns, row: number): KeyframeValue => {
  const [a, b, c, d, e, f, g] = columns.numbers.subarray(WIDTH * row, WIDTH * (row + 1)) as unknown as Seven;
  const kind = columns.kinds[row]!;
  const quality = columns.qualities[row]!;
  return {
    shape: kind & 1 ? { box_px: [a, b, c, d] } : { center_m: [a, b, c], rotation_wxyz: [d, e, f, g] },
    source: SOURCES[kind >> 1]!,
    verified_by: columns.names[columns.verifiers[row]!] ?? null,
    quality: Number.isNaN(quality) ? null : quality,
  };
};

/** The row of a frame in a run, -1 where it has none. */
export const rowOf = (columns: KeyframeColumns, run: number, frame: number): number => {
  let low = columns.starts[run]!;
  let high = columns.starts[run + 1]!;
  const end = high;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (columns.frames[middle]! < frame) low = middle + 1;
    else high = middle;
  }
  return low < end && columns.frames[low] === frame ? low : -1;
};

/** Paths of a run, in the order of frames. */
export function* pathsOf(columns: KeyframeColumns, run: number): Generator<string> {
  const track = columns.tracks[run]!;
  for (let row = columns.starts[run]!; row < columns.starts[run + 1]!; row++) {
    yield keyframePath(track, columns.frames[row]!);
  }
}

/** Buffers that may be handed over to the page. */
export const buffersOf = (columns: KeyframeColumns): ArrayBuffer[] => [
  columns.starts.buffer,
  columns.frames.buffer,
  columns.revisions.buffer,
  columns.numbers.buffer,
  columns.qualities.buffer,
  columns.kinds.buffer,
  columns.verifiers.buffer,
];

type Seven = readonly [number, number, number, number, number, number, number];

/** Whether a value has what the columns have room for, and nothing else. */
const isPlain = (frame: number, value: unknown): value is KeyframeValue => {
  if (!Number.isSafeInteger(frame) || frame > 0x7fffffff) return false;
  const { shape, source, verified_by, quality, ...more } = value as Partial<KeyframeValue>;
  const isShape =
    shape !== undefined &&
    Object.keys(shape).length === ("box_px" in shape ? 1 : 2) &&
    Object.values(shape).every((each) => Array.isArray(each));
  return (
    isShape &&
    source !== undefined &&
    SOURCES.includes(source) &&
    (verified_by === null || typeof verified_by === "string") &&
    (quality === null || typeof quality === "number") &&
    Object.keys(more).length === 0
  );
};
