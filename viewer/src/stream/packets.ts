/** Which packets of a video to decode for a frame; exact by PTS, whatever the order of decoding. */

import type { PacketIndex } from "../state/model";

export interface PacketTable {
  /** The packet that holds a frame, in decode order. */
  packetOf(frame: number): number | undefined;
  /** The frame that a PTS shows. */
  frameAt(pts: number): number | undefined;
  /** The last packet at or before this one from which decoding may start. */
  keyBefore(packet: number): number;
  readonly count: number;
}

/** What a decoder has been given. */
export interface Position {
  /** The next packet in order; null for a decoder that must start at a key packet. */
  readonly next: number | null;
  /** Frames given but not yet come out. */
  readonly inside: ReadonlySet<number>;
}

export const createPacketTable = (index: PacketIndex): PacketTable => {
  const packetByFrame = new Map<number, number>();
  const frameByPts = new Map<number, number>();
  index.frame.forEach((frame, packet) => {
    if (frame < 0) return; // decoded, never shown
    packetByFrame.set(frame, packet);
    frameByPts.set(index.pts[packet]!, frame);
  });
  return {
    packetOf: (frame) => packetByFrame.get(frame),
    frameAt: (pts) => frameByPts.get(pts),
    keyBefore(packet) {
      let key = packet;
      while (key > 0 && !index.key[key]) key -= 1;
      return key;
    },
    count: index.pts.length,
  };
};

/** The first packet to feed for a frame, and whether the decoder must be reset before. */
export const planStart = (
  table: PacketTable,
  position: Position,
  frame: number,
): { readonly from: number; readonly reset: boolean } => {
  const packet = table.packetOf(frame);
  if (packet === undefined) throw new RangeError(`the video has no frame ${frame}`);
  const key = table.keyBefore(packet);
  const { next, inside } = position;
  if (next === null || next < key) return { from: key, reset: true };
  if (packet >= next || inside.has(frame)) return { from: next, reset: false };
  return { from: key, reset: true };
};

/** The bytes of packets out of one buffer that holds them one after another. */
export const splitPackets = (buffer: ArrayBuffer, sizes: readonly number[]): Uint8Array[] => {
  const total = sizes.reduce((sum, size) => sum + size, 0);
  if (total !== buffer.byteLength) {
    throw new RangeError(`packets of ${total} bytes were expected, ${buffer.byteLength} came`);
  }
  let start = 0;
  return sizes.map((size) => {
    const packet = new Uint8Array(buffer, start, size);
    start += size;
    return packet;
  });
};
