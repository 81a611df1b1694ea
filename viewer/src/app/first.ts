/** The first frame comes before the labels: who opens a scene sees its points while the labels are read. */

import type { StateStore } from "../state/store";
import type { Stream } from "../stream/stream";

const LONGEST_MS = 2000; // labels are shown without points where those do not come
const HIDDEN_MS = 500;

/** Until the points of the frame shown are at hand and had time to be drawn, or too long has passed. */
export const firstFrame = (store: StateStore, stream: Stream, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const isShown = (): boolean => {
      const { scene, frame } = store.getState();
      return scene === null || scene.frame_count === 0 || stream.isReady(frame);
    };
    const stop = stream.onArrival(() => isShown() && done());
    const timer = setTimeout(() => done(), LONGEST_MS);
    const done = (): void => {
      stop();
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      afterPaint(resolve);
    };
    signal.addEventListener("abort", done, { once: true });
    if (signal.aborted || isShown()) done();
  });

/** After two frames were painted, in which the points are; a page in the background paints none. */
const afterPaint = (then: () => void): void => {
  const timer = setTimeout(then, HIDDEN_MS);
  const paint = (left: number): void => {
    if (left > 0) requestAnimationFrame(() => paint(left - 1));
    else {
      clearTimeout(timer);
      setTimeout(then);
    }
  };
  paint(2);
};
