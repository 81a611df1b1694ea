/** A page of a sensor's frames, as the server sends it. */

import { fromNumbers } from "../space/pose";
import type { Block, Pose } from "../state/model";
import { unpackColumns } from "./columns";

export interface FramePage {
  readonly page: number;
  /** The first reference frame of the page; `match` has the sensor's frame of it and those after it. */
  readonly reference_first: number;
  readonly match: ArrayLike<number>;
  /** The sensor's own first frame of the page. */
  readonly first: number;
  readonly time_ns: ArrayLike<number>;
  readonly names: readonly string[];
  readonly poses: readonly Pose[];
  /** Frames, from the first on, that are written. */
  readonly ready_count: number;
  /** Blocks of each frame that is written; none of a camera's. */
  readonly blocks: readonly (readonly Block[])[];
  readonly is_whole: boolean;
}

interface Facts {
  readonly page: number;
  readonly reference_first: number;
  readonly first: number;
  readonly count: number;
  readonly ready_count: number;
  readonly block_first: number;
  readonly names: readonly string[];
  readonly columns: readonly { readonly name: string }[];
}

export const readPage = (buffer: ArrayBuffer): FramePage => {
  const { facts, column } = unpackColumns<Facts>(buffer);
  const pose = column("pose");
  const poses: Pose[] = [];
  for (let n = 0; n < facts.count; n++) poses.push(fromNumbers([...pose.subarray(n * 7, n * 7 + 7)]));
  const has_blocks = facts.columns.some((each) => each.name === "first_block");
  return {
    page: facts.page,
    reference_first: facts.reference_first,
    match: column("match"),
    first: facts.first,
    time_ns: column("time_ns"),
    names: facts.names,
    poses,
    ready_count: facts.ready_count,
    blocks: has_blocks ? blocksOfPage(facts, column) : [],
    is_whole: facts.ready_count === facts.count,
  };
};

const blocksOfPage = (facts: Facts, column: (name: string) => ArrayLike<number>): Block[][] => {
  const [first, count, origin, scale] = ["first_block", "block_count", "origin_m", "scale_m"].map(column);
  const frames: Block[][] = [];
  for (let n = 0; n < facts.ready_count; n++) {
    const blocks: Block[] = [];
    for (let at = first![n]!; at < first![n + 1]!; at++) {
      blocks.push({
        number: facts.block_first + at,
        count: count![at]!,
        origin_m: [origin![at * 3]!, origin![at * 3 + 1]!, origin![at * 3 + 2]!],
        scale_m: scale![at]!,
      });
    }
    frames.push(blocks);
  }
  return frames;
};
