import { expect, test } from "vitest";
import type { Scene } from "../state/model";
import { createStateStore } from "../state/store";
import { advance, createPlayer } from "./play";

const CLOCK = [0, 100, 200, 300, 400];
const all = () => true;
const none = () => false;

test("frames are shown when they are due", () => {
  expect(advance({ frame: 0, time_ns: 0 }, 60, CLOCK, 5, all)).toEqual({ frame: 0, time_ns: 60 });
  expect(advance({ frame: 0, time_ns: 60 }, 60, CLOCK, 5, all)).toEqual({ frame: 1, time_ns: 120 });
  expect(advance({ frame: 0, time_ns: 0 }, 250, CLOCK, 5, all)).toEqual({ frame: 2, time_ns: 250 });
});

test("time stands still until the next frame's points are there", () => {
  const waiting = advance({ frame: 0, time_ns: 90 }, 500, CLOCK, 5, none);
  expect(waiting).toEqual({ frame: 0, time_ns: 100 });
  expect(advance(waiting, 1, CLOCK, 5, all).frame).toBe(1);
});

test("where the due frame is missing the next one is shown", () => {
  expect(advance({ frame: 0, time_ns: 0 }, 350, CLOCK, 5, (frame) => frame === 1)).toEqual({
    frame: 1,
    time_ns: 100,
  });
});

test("it never runs past the last frame, or the last that is ready", () => {
  expect(advance({ frame: 3, time_ns: 300 }, 9999, CLOCK, 5, all)).toMatchObject({ frame: 4 });
  expect(advance({ frame: 4, time_ns: 400 }, 9999, CLOCK, 5, all)).toEqual({ frame: 4, time_ns: 400 });
  expect(advance({ frame: 1, time_ns: 100 }, 9999, CLOCK, 3, all)).toMatchObject({ frame: 2 });
});

test("playing starts anew from the end, keeps to the speed, and stops at the end", () => {
  const store = createStateStore();
  const clock = { time_ns: CLOCK.map((time) => time * 1e6), names: [] };
  store.setState({
    scene: { clock, frame_count: 5, ready_frame_count: 5 } as unknown as Scene,
    frame: 4,
    speed: 2,
  });
  let tick: ((now_ms: number) => void) | null = null;
  const player = createPlayer({
    store,
    isReady: all,
    showFrame: (frame) => store.setState({ frame }),
    requestFrame: (callback) => {
      tick = callback;
      return 1;
    },
    cancelFrame: () => {
      tick = null;
    },
  });
  player.play();
  expect(store.getState()).toMatchObject({ playing: true, frame: 0 });
  const frames: number[] = [];
  for (let now_ms = 0; store.getState().playing && now_ms < 1000; now_ms += 50) {
    (tick as ((now_ms: number) => void) | null)?.(now_ms);
    frames.push(store.getState().frame);
  }
  expect(frames).toEqual([0, 1, 2, 3, 4]);
  expect(store.getState().playing).toBe(false);
});
