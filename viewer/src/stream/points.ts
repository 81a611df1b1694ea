/** Sweeps: the display blocks of the store as metres of the sensor's frame. */

import type { Lidar, Vec3 } from "../state/model";

export interface FramePoints {
  readonly count: number;
  /** x, y, z interleaved, metres, the sensor's frame. */
  readonly xyz: Float32Array;
  /** 0 to 1. */
  readonly intensity: Float32Array;
}

/** A block's place in the store and in space. */
export interface Block {
  readonly number: number;
  readonly count: number;
  readonly origin_m: Vec3;
  readonly scale_m: number;
}

const FULL_INTENSITY = 32767;
const byFrame = new WeakMap<Lidar, ReadonlyMap<number, readonly Block[]>>();

/** The blocks of a frame; none where the sensor saw nothing. */
export const blocksOf = (lidar: Lidar, frame: number): readonly Block[] => {
  let table = byFrame.get(lidar);
  if (!table) {
    const built = new Map<number, Block[]>();
    lidar.blocks.forEach((block, number) => {
      const blocks = built.get(block.frame) ?? [];
      blocks.push({ number, count: block.count, origin_m: block.origin_m, scale_m: block.scale_m });
      built.set(block.frame, blocks);
    });
    table = built;
    byFrame.set(lidar, table);
  }
  return table.get(frame) ?? [];
};

/**
 * The points of a sweep.
 *
 * Each buffer is a block: int16 little endian, all x, then all y, all z, all intensities, padded to
 * the same length each.
 */
export const decodePoints = (blocks: readonly Block[], buffers: readonly ArrayBuffer[]): FramePoints => {
  const count = blocks.reduce((total, block) => total + block.count, 0);
  const xyz = new Float32Array(count * 3);
  const intensity = new Float32Array(count);
  let start = 0;
  blocks.forEach((block, n) => {
    const planes = new Int16Array(buffers[n] ?? new ArrayBuffer(0));
    const stride = planes.length / 4;
    if (!Number.isInteger(stride) || stride < block.count) {
      throw new RangeError(
        `block ${block.number} holds ${planes.byteLength} bytes, too few for its ${block.count} points`,
      );
    }
    const [ox, oy, oz] = block.origin_m;
    const scale = block.scale_m;
    for (let i = 0, to = start * 3; i < block.count; i++, to += 3) {
      xyz[to] = ox + planes[i]! * scale;
      xyz[to + 1] = oy + planes[stride + i]! * scale;
      xyz[to + 2] = oz + planes[2 * stride + i]! * scale;
    }
    for (let i = 0; i < block.count; i++) intensity[start + i] = planes[3 * stride + i]! / FULL_INTENSITY;
    start += block.count;
  });
  return { count, xyz, intensity };
};

export const byteLengthOf = (points: FramePoints): number =>
  points.xyz.byteLength + points.intensity.byteLength;
