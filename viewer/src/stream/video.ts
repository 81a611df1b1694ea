/**
 * Frames of a video, exact by PTS.
 *
 * Packets are fed in decode order from a key packet on; a decoder may hold frames back to reorder
 * them, so packets behind the wanted one follow until it comes out, and a flush is the last resort.
 * Going forward continues where the decoder stands. One frame is sought at a time.
 */

import type { IndexedStream, VideoStream } from "../state/model";
import { createPacketTable, planStart, splitPackets } from "./packets";

/** A decoder as this file needs it: WebCodecs in the browser, a fake in the tests. */
export interface Decoder {
  /** `timestamp` is the PTS, handed through unchanged. */
  decode(packet: { readonly key: boolean; readonly timestamp: number; readonly data: Uint8Array }): void;
  /** Brings out all that is held back; decoding must then start at a key packet. */
  flush(): Promise<void>;
  reset(): void;
  /** Resolves when the decoder has nothing more to say for now. */
  idle(): Promise<void>;
  close(): void;
}

export type OpenDecoder = (
  stream: VideoStream,
  output: (timestamp: number, image: Promise<ImageBitmap>) => void,
  failed: (error: Error) => void,
) => Decoder;

export interface VideoReaderOptions {
  readonly stream: IndexedStream;
  readonly open: OpenDecoder;
  readonly fetchPackets: (first: number, count: number, signal: AbortSignal) => Promise<ArrayBuffer>;
  /** Frames that came out on the way and may soon be wanted. */
  readonly decoded: (frame: number, image: ImageBitmap) => void;
}

export interface VideoReader {
  frame(frame: number, signal: AbortSignal): Promise<ImageBitmap>;
  close(): void;
}

const BATCH = 8;
const FARTHEST = 24; // packets behind the wanted one before the decoder is flushed
const KEEP_AHEAD = 12;

export const createVideoReader = (options: VideoReaderOptions): VideoReader => {
  const { stream } = options;
  const table = createPacketTable(stream.index);
  const inside = new Set<number>();
  const found = new Map<number, Promise<ImageBitmap>>();
  let next: number | null = null;
  let wanted = 0;
  let failure: Error | null = null;
  let decoder: Decoder | null = null;
  let turn: Promise<unknown> = Promise.resolve();
  let came = (): void => undefined;

  const output = (timestamp: number, image: Promise<ImageBitmap>): void => {
    const frame = table.frameAt(timestamp);
    const isNear = frame !== undefined && frame >= wanted && frame <= wanted + KEEP_AHEAD;
    if (frame !== undefined) inside.delete(frame);
    if (isNear) found.set(frame, image);
    if (frame === wanted) came();
    image.then(
      (bitmap) => (isNear ? options.decoded(frame, bitmap) : bitmap.close()),
      () => frame !== undefined && found.delete(frame),
    );
  };

  const restart = (): Decoder => {
    if (failure) decoder?.close();
    const fresh = failure || !decoder ? options.open(stream, output, (error) => (failure = error)) : decoder;
    fresh.reset();
    failure = null;
    next = null;
    inside.clear();
    decoder = fresh;
    return fresh;
  };

  const feed = async (to: Decoder, from: number, until: number, signal: AbortSignal): Promise<void> => {
    const sizes = stream.index.size.slice(from, until);
    const packets = splitPackets(await options.fetchPackets(from, until - from, signal), sizes);
    packets.forEach((data, n) => {
      const packet = from + n;
      const frame = stream.index.frame[packet]!;
      if (frame >= 0) inside.add(frame);
      to.decode({ key: stream.index.key[packet]!, timestamp: stream.index.pts[packet]!, data });
      next = packet + 1;
    });
  };

  const seek = async (frame: number, signal: AbortSignal): Promise<ImageBitmap> => {
    signal.throwIfAborted();
    wanted = frame;
    for (const each of found.keys()) if (each < frame || each > frame + KEEP_AHEAD) found.delete(each);
    const known = found.get(frame);
    if (known) return known;
    const arrival = new Promise<void>((resolve) => {
      came = resolve;
    });
    const plan = planStart(table, { next: failure ? null : next, inside }, frame);
    const using = plan.reset || !decoder ? restart() : decoder;
    const packet = table.packetOf(frame)!;
    const last = Math.min(packet + 1 + FARTHEST, table.count);
    let at = plan.from;
    while (!found.has(frame) && at < last && !failure) {
      const until = Math.min(
        at <= packet ? Math.max(packet + 1, at + BATCH) : at + BATCH,
        last,
        at + 4 * BATCH,
      );
      await feed(using, at, until, signal);
      at = until;
      if (at > packet) await Promise.race([using.idle(), arrival]);
    }
    if (!found.has(frame) && !failure) {
      await using.flush();
      next = null;
      inside.clear();
    }
    const image = found.get(frame);
    if (!image) throw failure ?? new Error(`the video's decoder left out frame ${frame}`);
    return image;
  };

  return {
    frame(frame, signal) {
      const answer = turn.then(() => seek(frame, signal));
      turn = answer.catch(() => undefined);
      return answer;
    },
    close() {
      decoder?.close();
      decoder = null;
    },
  };
};
