/** Display blocks of the store as points: run in a worker. */

import { MeshoptDecoder } from "meshoptimizer/decoder";
import type { Block, Lidar } from "../state/model";

export type Coding = Lidar["coding"];

export interface FramePoints {
  readonly count: number;
  /** x, y, z interleaved, metres, the sensor's frame. */
  readonly xyz: Float32Array;
  /** In steps of the display copy. */
  readonly intensity: Int16Array;
  /** The 4th and 93rd percentile of the intensities, at least a little apart. */
  readonly common: readonly [number, number];
}

const STRIDE = 8; // bytes of a point: x, y, z, intensity
const COUNT_BYTES = 4;
const CRC_BYTES = 4;
const SAMPLE = 4096;

/** Resolves when blocks of any coding can be decoded. */
export const decoderReady: Promise<void> = MeshoptDecoder.ready;

/**
 * The points of a sweep.
 *
 * Each buffer is a block as docs/codecs.md describes its coding: `planes`, without its zstd, or `meshopt`.
 */
export const decodePoints = (
  coding: Coding,
  blocks: readonly Block[],
  buffers: readonly ArrayBuffer[],
): FramePoints => {
  const count = blocks.reduce((total, block) => total + block.count, 0);
  const xyz = new Float32Array(count * 3);
  const intensity = new Int16Array(count);
  let start = 0;
  blocks.forEach((block, n) => {
    const buffer = buffers[n] ?? new ArrayBuffer(0);
    if (coding === "meshopt") spreadPoints(block, decodeStream(block, buffer), xyz, intensity, start);
    else spreadPlanes(block, buffer, xyz, intensity, start);
    start += block.count;
  });
  return { count, xyz, intensity, common: commonIntensities(intensity) };
};

export const byteLengthOf = (points: FramePoints): number =>
  points.xyz.byteLength + points.intensity.byteLength;

/** A chunk of the codec `worldline.meshopt` with its CRC-32C: the count, the vertex stream, the checksum. */
const decodeStream = (block: Block, buffer: ArrayBuffer): Int32Array => {
  if (buffer.byteLength < COUNT_BYTES + CRC_BYTES) throw tooShort(block, buffer);
  const held = new DataView(buffer).getUint32(0, true);
  if (held > 1 << 24) throw tooShort(block, buffer);
  const needed = Math.max(held, block.count) * STRIDE;
  if (scratch.byteLength < needed) scratch = new ArrayBuffer(needed * 2);
  if (held > 0) {
    const stream = new Uint8Array(buffer, COUNT_BYTES, buffer.byteLength - COUNT_BYTES - CRC_BYTES);
    MeshoptDecoder.decodeVertexBuffer(new Uint8Array(scratch, 0, held * STRIDE), held, STRIDE, stream);
  }
  const words = new Int32Array(scratch, 0, needed / 4);
  words.fill(0, held * 2);
  return words;
};

/** Where blocks are decoded to, one after another: fresh memory costs more than decoding into it. */
let scratch = new ArrayBuffer(0);

/** Two int16 in each word: x and y, z and intensity; read as one they are read twice as quickly. */
const spreadPoints = (
  { count, origin_m, scale_m }: Block,
  words: Int32Array,
  xyz: Float32Array,
  intensity: Int16Array,
  start: number,
): void => {
  const [ox, oy, oz] = origin_m;
  for (let i = 0, from = 0, to = start * 3; i < count; i++, from += 2, to += 3) {
    const xy = words[from]!;
    const zi = words[from + 1]!;
    xyz[to] = ox + ((xy << 16) >> 16) * scale_m;
    xyz[to + 1] = oy + (xy >> 16) * scale_m;
    xyz[to + 2] = oz + ((zi << 16) >> 16) * scale_m;
    intensity[start + i] = zi >> 16;
  }
};

/** Int16 little endian, all x, then all y, all z, all intensities, padded to the same length each. */
const spreadPlanes = (
  block: Block,
  buffer: ArrayBuffer,
  xyz: Float32Array,
  intensity: Int16Array,
  start: number,
): void => {
  const { count, origin_m, scale_m } = block;
  const stride = buffer.byteLength / STRIDE;
  if (!Number.isInteger(stride) || stride < count) throw tooShort(block, buffer);
  const planes = new Int16Array(buffer);
  const [ox, oy, oz] = origin_m;
  for (let i = 0, to = start * 3; i < count; i++, to += 3) {
    xyz[to] = ox + planes[i]! * scale_m;
    xyz[to + 1] = oy + planes[stride + i]! * scale_m;
    xyz[to + 2] = oz + planes[2 * stride + i]! * scale_m;
  }
  intensity.set(planes.subarray(3 * stride, 3 * stride + count), start);
};

const tooShort = (block: Block, buffer: ArrayBuffer): RangeError =>
  new RangeError(
    `block ${block.number} holds ${buffer.byteLength} bytes, too few for its ${block.count} points`,
  );

/** The 4th and 93rd percentile, at least a fiftieth of the largest apart. */
export const commonIntensities = (intensity: Int16Array): readonly [number, number] => {
  const step = Math.max(1, Math.floor(intensity.length / SAMPLE));
  const sample = new Int16Array(Math.ceil(intensity.length / step));
  for (let n = 0; n < sample.length; n++) sample[n] = intensity[n * step]!;
  sample.sort();
  const at = (share: number): number => sample[Math.round(share * (sample.length - 1))] ?? 0;
  const low = at(0.04);
  return [low, Math.max(at(0.93), low + Math.max(at(1) * 0.02, 1))];
};
