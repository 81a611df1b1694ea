/** The page's side of the worker that reads the labels: it lives as long as they are read. */

import { ApiError, type Failure } from "../protocol/errors";
import type { LabelPiece } from "./pieces";

/** What the worker says. */
export type Told =
  | { readonly piece: LabelPiece }
  | { readonly done: true }
  | { readonly failure: Failure }
  | { readonly error: string };

/** As much of a Worker as is used here. */
export interface Reader {
  postMessage(asked: { readonly scene: string }): void;
  onmessage: ((event: MessageEvent<Told>) => void) | null;
  onerror: ((event: ErrorEvent) => void) | null;
  terminate(): void;
}

const openWorker = (): Reader =>
  new Worker(new URL("./labels.worker.ts", import.meta.url), { type: "module", name: "worldline labels" });

/** Fails with an `ApiError`, an AbortError, or an Error that says why the worker could not start. */
export async function* readInWorker(
  scene: string,
  signal: AbortSignal,
  open: () => Reader = openWorker,
): AsyncGenerator<LabelPiece> {
  signal.throwIfAborted();
  const worker = open();
  const told: Told[] = [];
  let wake = (): void => undefined;
  const hear = (news: Told): void => {
    told.push(news);
    wake();
  };
  const abort = (): void => wake();
  worker.onmessage = ({ data }) => hear(data);
  worker.onerror = ({ message }) =>
    hear({ error: `the worker of the labels: ${message || "could not be started"}` });
  signal.addEventListener("abort", abort, { once: true });
  try {
    worker.postMessage({ scene });
    for (;;) {
      signal.throwIfAborted();
      const news = told.shift();
      if (news === undefined) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      } else if ("piece" in news) yield news.piece;
      else if ("failure" in news) throw new ApiError(news.failure);
      else if ("error" in news) throw new Error(news.error);
      else return;
    }
  } finally {
    signal.removeEventListener("abort", abort);
    worker.terminate();
  }
}
