/**
 * Loads what is looked at first, then what will be, and keeps what was, within a memory budget.
 *
 * Three tiers: visible (never dropped), prefetch (loaded in the order given), recent (dropped oldest
 * first). A load that nobody wants any more is aborted. Knows nothing of what it loads.
 */

export interface LoaderOptions<T> {
  readonly concurrency: number;
  readonly budget_bytes: number;
  readonly load: (key: string, signal: AbortSignal) => Promise<T>;
  readonly sizeOf: (value: T) => number;
  /** Something arrived. */
  readonly arrived?: (key: string) => void;
}

export interface Loader<T> {
  /** What is at hand. */
  peek(key: string): T | null;
  /**
   * What a key holds. Without a signal the request lasts until `want` no longer names the key: then
   * it fails with an AbortError, as when its signal aborts.
   */
  request(key: string, signal?: AbortSignal): Promise<T>;
  /** What is visible and what will be next, nearest first; everything else may go. */
  want(visible: readonly string[], prefetch: readonly string[]): void;
  /** Keeps something that came without being asked for. */
  put(key: string, value: T): void;
  readonly bytes: number;
  /** Whether there is nothing to wait for: at hand, or known to fail. */
  isSettled(key: string): boolean;
  /** How it is going, for whoever watches. */
  status(): LoaderStatus;
  close(): void;
}

export interface LoaderStatus {
  readonly held: number;
  readonly bytes: number;
  readonly budget_bytes: number;
  /** Being loaded, and asked for or expected but not begun. */
  readonly loading: number;
  readonly waiting: number;
  /** Times that something became visible and was at hand, or was not. */
  readonly hits: number;
  readonly misses: number;
  /** Loads that nobody wanted any more. */
  readonly aborted: number;
  readonly failed: number;
}

interface Waiter<T> {
  readonly resolve: (value: T) => void;
  readonly reject: (reason: unknown) => void;
  readonly lasting: boolean; // has a signal of its own
}

interface Job<T> {
  readonly controller: AbortController;
  readonly waiters: Set<Waiter<T>>;
  running: boolean;
}

export const createLoader = <T>(options: LoaderOptions<T>): Loader<T> => {
  const cache = new Map<string, { value: T; bytes: number }>(); // oldest first
  const jobs = new Map<string, Job<T>>();
  const failed = new Set<string>();
  let ranks = new Map<string, number>();
  let visibleCount = 0;
  let bytes = 0;
  let running = 0;
  let closed = false;
  let visible: ReadonlySet<string> = new Set();
  let [hits, misses, aborted, failures] = [0, 0, 0, 0];

  const touch = (key: string): T | null => {
    const entry = cache.get(key);
    if (!entry) return null;
    cache.delete(key);
    cache.set(key, entry);
    return entry.value;
  };

  const put = (key: string, value: T): void => {
    if (closed) return;
    bytes -= cache.get(key)?.bytes ?? 0;
    cache.delete(key);
    const size = options.sizeOf(value);
    cache.set(key, { value, bytes: size });
    bytes += size;
    evict();
    settle(key, (waiter) => waiter.resolve(value));
    options.arrived?.(key);
  };

  const evict = (): void => {
    if (bytes <= options.budget_bytes) return;
    const rankOf = (key: string): number => ranks.get(key) ?? Number.POSITIVE_INFINITY;
    const order = [...cache.keys()].sort((a, b) => rankOf(b) - rankOf(a)); // stable: oldest of equals first
    for (const key of order) {
      if (bytes <= options.budget_bytes || rankOf(key) < visibleCount) return;
      bytes -= cache.get(key)?.bytes ?? 0;
      cache.delete(key);
    }
  };

  const settle = (key: string, answer: (waiter: Waiter<T>) => void): void => {
    const job = jobs.get(key);
    if (!job) return;
    jobs.delete(key);
    if (job.running) running -= 1;
    for (const waiter of job.waiters) answer(waiter);
  };

  const drop = (key: string): void => {
    const job = jobs.get(key);
    settle(key, (waiter) => waiter.reject(abortError()));
    if (job?.running) aborted += 1;
    job?.controller.abort();
  };

  const start = (key: string): void => {
    const job = jobs.get(key) ?? newJob(key);
    job.running = true;
    running += 1;
    options.load(key, job.controller.signal).then(
      (value) => {
        if (jobs.get(key) === job) put(key, value);
        pump();
      },
      (reason: unknown) => {
        if (jobs.get(key) === job) {
          failed.add(key);
          failures += 1;
          settle(key, (waiter) => waiter.reject(reason));
        }
        pump();
      },
    );
  };

  const newJob = (key: string): Job<T> => {
    const job: Job<T> = { controller: new AbortController(), waiters: new Set(), running: false };
    jobs.set(key, job);
    return job;
  };

  /** Whether the budget has room for one more of the wanted. */
  const hasRoom = (): boolean => {
    let wanted = 0;
    for (const key of ranks.keys()) wanted += cache.get(key)?.bytes ?? 0;
    const mean = cache.size > 0 ? bytes / cache.size : 0;
    return wanted + mean * (running + 1) <= options.budget_bytes;
  };

  const pump = (): void => {
    while (!closed && running < options.concurrency) {
      const asked = [...jobs].filter(([, job]) => !job.running && job.waiters.size > 0).map(([key]) => key);
      const rankOf = (key: string): number => ranks.get(key) ?? visibleCount;
      const next = asked.sort((a, b) => rankOf(a) - rankOf(b))[0] ?? nextWanted();
      if (next === undefined) return;
      start(next);
    }
  };

  /** What is visible has the line to itself: the rest waits until it is there. */
  const nextWanted = (): string | undefined => {
    const isAwaited = [...visible].some((key) => !cache.has(key) && !failed.has(key));
    for (const [key, rank] of ranks) {
      if (cache.has(key) || jobs.has(key) || failed.has(key)) continue;
      if (rank >= visibleCount && isAwaited) return undefined;
      return rank < visibleCount || hasRoom() ? key : undefined;
    }
    return undefined;
  };

  return {
    peek: touch,
    put,
    get bytes() {
      return bytes;
    },
    request(key, signal) {
      const value = touch(key);
      if (value !== null) return Promise.resolve(value);
      if (closed || signal?.aborted) return Promise.reject(abortError());
      failed.delete(key);
      const job = jobs.get(key) ?? newJob(key);
      const answer = new Promise<T>((resolve, reject) => {
        const waiter: Waiter<T> = { resolve, reject, lasting: signal !== undefined };
        job.waiters.add(waiter);
        signal?.addEventListener(
          "abort",
          () => {
            reject(abortError());
            if (!job.waiters.delete(waiter) || job.waiters.size > 0 || jobs.get(key) !== job) return;
            if (!ranks.has(key)) drop(key);
            pump();
          },
          { once: true },
        );
      });
      pump();
      return answer;
    },
    isSettled: (key) => cache.has(key) || failed.has(key),
    status() {
      const waiting = [...ranks.keys()].filter((key) => !cache.has(key) && !jobs.get(key)?.running);
      const { budget_bytes } = options;
      const counts = { loading: running, waiting: waiting.length, hits, misses, aborted, failed: failures };
      return { held: cache.size, bytes, budget_bytes, ...counts };
    },
    want(shown, prefetch) {
      ranks = new Map();
      for (const key of [...shown, ...prefetch]) if (!ranks.has(key)) ranks.set(key, ranks.size);
      const now = new Set(shown);
      for (const key of now) {
        if (visible.has(key)) continue;
        if (cache.has(key)) hits += 1;
        else misses += 1;
      }
      visible = now;
      visibleCount = now.size;
      failed.clear();
      for (const [key, job] of [...jobs]) {
        const isLasting = [...job.waiters].some((waiter) => waiter.lasting);
        if (!ranks.has(key) && !isLasting) drop(key);
      }
      evict();
      pump();
    },
    close() {
      closed = true;
      for (const key of [...jobs.keys()]) drop(key);
      cache.clear();
      bytes = 0;
    },
  };
};

const abortError = (): DOMException => new DOMException("no longer wanted", "AbortError");
