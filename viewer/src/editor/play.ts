/** Playing: frames follow the scene's clock, and wait for their points. */

import type { StateStore } from "../state/store";

export interface PlayPosition {
  readonly frame: number;
  /** Scene time reached, nanoseconds. */
  readonly time_ns: number;
}

/**
 * Where playing is after some time.
 *
 * The frame that is due is shown, or the very next one where that is not at hand; where neither is,
 * time stands still.
 */
export const advance = (
  position: PlayPosition,
  step_ns: number,
  clock_ns: ArrayLike<number>,
  frame_count: number,
  isReady: (frame: number) => boolean,
): PlayPosition => {
  const last = frame_count - 1;
  const time_ns = position.time_ns + step_ns;
  let due = position.frame;
  while (due < last && clock_ns[due + 1]! <= time_ns) due += 1;
  if (due === position.frame) return { frame: due, time_ns: due >= last ? clock_ns[due]! : time_ns };
  if (isReady(due)) return { frame: due, time_ns };
  const next = position.frame + 1;
  if (isReady(next)) return { frame: next, time_ns: clock_ns[next]! };
  return { frame: position.frame, time_ns: clock_ns[next]! };
};

export interface Player {
  play(): void;
  pause(): void;
  close(): void;
}

export interface PlayerOptions {
  readonly store: StateStore;
  readonly isReady: (frame: number) => boolean;
  readonly showFrame: (frame: number) => void;
  readonly requestFrame?: (callback: (now_ms: number) => void) => number;
  readonly cancelFrame?: (id: number) => void;
}

const LONGEST_STEP_MS = 250; // a tab that slept does not jump

export const createPlayer = (options: PlayerOptions): Player => {
  const { store, isReady, showFrame } = options;
  const requestFrame = options.requestFrame ?? ((callback) => requestAnimationFrame(callback));
  const cancelFrame = options.cancelFrame ?? ((id) => cancelAnimationFrame(id));
  let ticket: number | null = null;
  let before_ms: number | null = null;
  let position: PlayPosition = { frame: 0, time_ns: 0 };

  const pause = (): void => {
    if (ticket !== null) cancelFrame(ticket);
    ticket = null;
    if (store.getState().playing) store.setState({ playing: false });
  };

  const tick = (now_ms: number): void => {
    const { scene, frame, speed, playing } = store.getState();
    if (!scene || !playing) {
      pause();
      return;
    }
    const clock_ns = scene.clock.time_ns;
    const step_ms = Math.min(now_ms - (before_ms ?? now_ms), LONGEST_STEP_MS);
    before_ms = now_ms;
    if (frame !== position.frame) position = { frame, time_ns: clock_ns[frame] ?? 0 }; // the user went elsewhere
    position = advance(position, step_ms * 1e6 * speed, clock_ns, scene.ready_frame_count, isReady);
    if (position.frame !== frame) showFrame(position.frame);
    if (position.frame < scene.frame_count - 1) ticket = requestFrame(tick);
    else pause();
  };

  return {
    play() {
      const { scene, frame, playing } = store.getState();
      if (!scene || playing || scene.frame_count < 2) return;
      const start = frame >= scene.frame_count - 1 ? 0 : frame;
      if (start !== frame) showFrame(start);
      position = { frame: start, time_ns: scene.clock.time_ns[start] ?? 0 };
      before_ms = null;
      store.setState({ playing: true });
      ticket = requestFrame(tick);
    },
    pause,
    close: pause,
  };
};
