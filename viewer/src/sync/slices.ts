/** Long work in slices, between which the page draws and hears its user. */

const SLICE_MS = 8;

/** Does work to its end, a slice at a time; what it gives at the end, or an AbortError. */
export const inSlices = async <T>(
  work: Generator<void, T>,
  signal: AbortSignal,
  slice_ms = SLICE_MS,
): Promise<T> => {
  let began = performance.now();
  for (;;) {
    const step = work.next();
    if (step.done) return step.value;
    if (performance.now() - began < slice_ms) continue;
    await breathe();
    signal.throwIfAborted();
    began = performance.now();
  }
};

interface Scheduler {
  postTask(task: () => void): Promise<void>;
}

/** A turn for everybody else. Timers of a page in the background come once a second, its tasks do not. */
const breathe = (): Promise<void> => {
  const { scheduler } = globalThis as { scheduler?: Scheduler };
  return scheduler ? scheduler.postTask(() => undefined) : new Promise((resolve) => setTimeout(resolve));
};
