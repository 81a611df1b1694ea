/** Waiting for frames of a scene that still grows. */

import { failureOf } from "../protocol/errors";
import type { Scene } from "../state/model";
import type { StateStore } from "../state/store";

const RETRY_MS = 500;
const REPLACED_MS = 10_000;

/**
 * Loads from the scene as it is now; where the frame is not ready yet, waits until the scene has
 * grown or was replaced by its finished self, and tries again.
 */
export const loadWhenReady = async <T>(
  store: StateStore,
  frame: number,
  signal: AbortSignal,
  load: (scene: Scene) => Promise<T>,
): Promise<T> => {
  for (;;) {
    signal.throwIfAborted();
    const scene = store.getState().scene;
    if (!scene) throw new DOMException("the scene is closed", "AbortError");
    if (frame < scene.ready_frame_count) {
      try {
        return await load(scene);
      } catch (error) {
        const failure = failureOf(error);
        const grows = failure?.code === "frame_pending";
        const replaced = failure?.code === "not_found" && scene.state === "growing";
        if (!grows && !replaced) throw error;
        await changeOf(store, scene, signal, replaced ? REPLACED_MS : RETRY_MS);
      }
    } else {
      await changeOf(store, scene, signal, null);
    }
  }
};

/** Until the scene in the store is another one, or the time is over. */
const changeOf = (
  store: StateStore,
  scene: Scene,
  signal: AbortSignal,
  wait_ms: number | null,
): Promise<void> =>
  new Promise((resolve, reject) => {
    const stop = (): void => {
      unsubscribe();
      clearTimeout(timer);
      signal.removeEventListener("abort", abort);
    };
    const done = (): void => {
      stop();
      resolve();
    };
    const abort = (): void => {
      stop();
      reject(signal.reason);
    };
    const unsubscribe = store.subscribe((state) => state.scene !== scene && done());
    const timer = wait_ms === null ? undefined : setTimeout(done, wait_ms);
    signal.addEventListener("abort", abort, { once: true });
    if (signal.aborted) abort();
  });
