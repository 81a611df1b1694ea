/** Which blocks a sweep is made of. */

import type { Block, Lidar } from "../state/model";

export type { Block } from "../state/model";
export type { FramePoints } from "./decode";

/** The blocks of a frame, from its page; of an octree the root alone, which is a coarse picture of all. */
export const blocksOf = async (lidar: Lidar, frame: number): Promise<readonly Block[]> => {
  const blocks = lidar.blocks.get(frame) ?? (await lidar.loadBlocks(frame));
  return lidar.has_octree ? blocks.slice(0, 1) : blocks;
};
