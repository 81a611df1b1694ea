/** Sends chosen files by the tus protocol: what the server has already is not sent again. */

import { Upload } from "tus-js-client";
import type { Chosen } from "./listing";

export interface Sent {
  readonly id: string;
  readonly path: string;
  readonly size: number;
  readonly offset: number;
  readonly changed_ms: number;
}

export interface Progress {
  readonly bytes: number;
  readonly totalBytes: number;
  readonly files: number;
  readonly totalFiles: number;
}

const AT_ONCE = 4;
const CHUNK = 16 * 1024 * 1024;
const RETRIES_MS = [0, 1000, 3000, 5000, 10_000, 20_000];

/**
 * Sends all files; ends when all are there, and fails with the first error that stays.
 *
 * @param endpoint Address of the set.
 * @param there What the server has of the set.
 * @param signal Pauses: what was sent stays, another call goes on.
 */
export const sendFiles = async (
  endpoint: string,
  chosen: readonly Chosen[],
  there: readonly Sent[],
  tell: (progress: Progress) => void,
  signal: AbortSignal,
): Promise<void> => {
  const known = new Map(there.map((each) => [each.path, each]));
  const sent = new Map<string, number>();
  const totalBytes = chosen.reduce((sum, { file }) => sum + file.size, 0);
  let files = 0;
  const report = () =>
    tell({
      bytes: [...sent.values()].reduce((sum, bytes) => sum + bytes, 0),
      totalBytes,
      files,
      totalFiles: chosen.length,
    });
  const waiting: Chosen[] = [];
  for (const each of chosen) {
    const found = known.get(each.path);
    const same = found?.size === each.file.size && found.changed_ms === each.file.lastModified;
    if (same) sent.set(each.path, found.offset);
    if (same && found.offset === found.size) files += 1;
    else waiting.push(each);
  }
  report();
  const sendNext = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const { path } = next;
      const found = known.get(path);
      await sendFile(
        endpoint,
        next,
        sent.has(path) && found ? `${endpoint}/files/${found.id}` : null,
        (bytes) => {
          sent.set(path, bytes);
          report();
        },
        signal,
      );
      files += 1;
      report();
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, sendNext));
};

const sendFile = (
  endpoint: string,
  { path, file }: Chosen,
  url: string | null,
  tell: (bytes: number) => void,
  signal: AbortSignal,
): Promise<void> =>
  new Promise((resolve, reject) => {
    const upload = new Upload(file, {
      endpoint,
      uploadUrl: url,
      chunkSize: CHUNK,
      uploadDataDuringCreation: true,
      storeFingerprintForResuming: false, // the server knows what it has
      retryDelays: RETRIES_MS,
      metadata: { path, changed_ms: String(file.lastModified) },
      onProgress: tell,
      onSuccess: () => resolve(),
      onError: (error) => reject(new Error(reasonOf(error))),
    });
    const stop = () => {
      void upload.abort();
      reject(signal.reason);
    };
    if (signal.aborted) return stop();
    signal.addEventListener("abort", stop, { once: true });
    upload.start();
  });

/** The server's own sentence, where it said one. */
export const reasonOf = (error: Error): string => {
  const response = (error as { originalResponse?: { getBody(): string } | null }).originalResponse;
  try {
    const said: unknown = JSON.parse(response?.getBody() ?? "");
    if (said !== null && typeof said === "object" && "message" in said) return String(said.message);
  } catch {
    // not JSON: no sentence
  }
  return response ? "The server refused a file" : "The server cannot be reached";
};
