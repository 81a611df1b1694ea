/** The worker's side of the wire: fetches, decodes, hands the buffers over. */

import { type Client, createClient } from "../protocol/client";
import { ApiError, isAbort } from "../protocol/errors";
import { decodePoints, decoderReady } from "./decode";
import { readField } from "./fields";
import type { Answered, Asked, Cost, Results, Wire, Work } from "./work";

interface Done {
  readonly value: Results[keyof Results];
  readonly cost: Cost;
  readonly transfer: Transferable[];
}

/** Answers what is asked through the wire, until it is cut. */
export const serveWork = (wire: Wire<Answered, Asked>, client: Client = createClient()): void => {
  const running = new Map<number, AbortController>();
  wire.addEventListener("message", ({ data }) => {
    const { id, work } = data;
    if (work === null) {
      running.get(id)?.abort();
      running.delete(id);
      return;
    }
    const controller = new AbortController();
    running.set(id, controller);
    perform(work, client, controller.signal)
      .then(
        ({ value, cost, transfer }) => {
          if (!controller.signal.aborted) wire.postMessage({ id, value, cost }, transfer);
          else if (value instanceof ImageBitmap) value.close();
        },
        (error: unknown) => {
          if (controller.signal.aborted) return;
          if (error instanceof ApiError) wire.postMessage({ id, failure: error.failure }, []);
          else
            wire.postMessage({ id, error: isAbort(error) ? "the fetch was cut off" : messageOf(error) }, []);
        },
      )
      .finally(() => running.delete(id));
  });
};

const perform = async (work: Work, client: Client, signal: AbortSignal): Promise<Done> => {
  const { place } = work;
  switch (work.kind) {
    case "points": {
      const fetched = work.blocks.map((block) => client.points(place, block.number, signal));
      const buffers = await Promise.all(fetched);
      await decoderReady;
      signal.throwIfAborted();
      const start = performance.now();
      const value = decodePoints(work.coding, work.blocks, buffers);
      const transfer = [value.xyz.buffer, value.intensity.buffer];
      return { value, cost: { bytes: sizeOf(buffers), decode_ms: performance.now() - start }, transfer };
    }
    case "field": {
      const fetched = work.blocks.map((block) => client.field(place, work.field, block.number, signal));
      const buffers = await Promise.all(fetched);
      const start = performance.now();
      const value = readField(work.field, work.type, buffers);
      const cost = { bytes: sizeOf(buffers), decode_ms: performance.now() - start };
      return { value, cost, transfer: [value.values.buffer] };
    }
    case "image": {
      const blob = await client.image(place, work.frame, signal);
      const start = performance.now();
      const value = await createImageBitmap(blob);
      return { value, cost: { bytes: blob.size, decode_ms: performance.now() - start }, transfer: [value] };
    }
    case "small": {
      const blob = await client.small(place, work.frame, work.width_px, signal);
      const start = performance.now();
      const value = await createImageBitmap(blob);
      return { value, cost: { bytes: blob.size, decode_ms: performance.now() - start }, transfer: [value] };
    }
    case "packets": {
      const value = await client.packets(place, work.first, work.count, signal);
      return { value, cost: { bytes: value.byteLength, decode_ms: 0 }, transfer: [value] };
    }
  }
};

const sizeOf = (buffers: readonly ArrayBuffer[]): number =>
  buffers.reduce((sum, buffer) => sum + buffer.byteLength, 0);

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
