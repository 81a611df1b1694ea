/** Fetches and reads the labels away from the page; ended by whoever started it. */

import { createClient } from "../protocol/client";
import { failureOf } from "../protocol/errors";
import { buffersOf } from "./columns";
import { readPieces } from "./pieces";
import type { Told } from "./reader";

const page = self as unknown as DedicatedWorkerGlobalScope;

const tell = (told: Told, handed: ArrayBuffer[] = []): void => page.postMessage(told, handed);

const read = async (scene: string): Promise<void> => {
  try {
    for await (const piece of readPieces(createClient(), scene, new AbortController().signal)) {
      // Empty columns are shared by pieces and cannot be handed over twice.
      tell({ piece }, piece.columns.frames.length > 0 ? buffersOf(piece.columns) : []);
    }
    tell({ done: true });
  } catch (error) {
    const failure = failureOf(error);
    tell(failure ? { failure } : { error: error instanceof Error ? error.message : String(error) });
  }
};

page.addEventListener("message", ({ data }: MessageEvent<{ scene: string }>) => void read(data.scene));
