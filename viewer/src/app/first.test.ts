import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Scene } from "../state/model";
import { createStateStore } from "../state/store";
import type { Stream } from "../stream/stream";
import { firstFrame } from "./first";

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal("requestAnimationFrame", (paint: () => void) => setTimeout(paint, 16));
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

const setup = () => {
  const store = createStateStore();
  store.setState({ scene: { frame_count: 5 } as Scene });
  let ready = false;
  const listeners = new Set<() => void>();
  const stream = {
    isReady: () => ready,
    onArrival(listener: () => void) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  } as unknown as Stream;
  const arrive = (): void => {
    ready = true;
    for (const listener of listeners) listener();
  };
  const leaving = new AbortController();
  const done = vi.fn();
  void firstFrame(store, stream, leaving.signal).then(done);
  return { arrive, leaving, done, listeners };
};

test("the labels wait until the points are there and were painted", async () => {
  const { arrive, done, listeners } = setup();
  await vi.advanceTimersByTimeAsync(500);
  expect(done).not.toHaveBeenCalled();
  arrive();
  expect(done).not.toHaveBeenCalled();
  await vi.advanceTimersByTimeAsync(40);
  expect(done).toHaveBeenCalled();
  expect(listeners.size).toBe(0);
});

test("they do not wait for ever, nor for a page that is left", async () => {
  const never = setup();
  await vi.advanceTimersByTimeAsync(3000);
  expect(never.done).toHaveBeenCalled();
  const left = setup();
  left.leaving.abort();
  await vi.advanceTimersByTimeAsync(100);
  expect(left.done).toHaveBeenCalled();
});
