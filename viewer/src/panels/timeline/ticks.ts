/** Where the ruler has numbers. */

import { edgeOf, type Window } from "./window";

export interface Tick {
  readonly frame: number;
  readonly labelled: boolean;
}

/** The step 1, 2, 5, 10, 20... that keeps numbers at least `apart_px` from each other. */
export function tickStep(window: Window, width_px: number, apart_px: number): number {
  const per_frame = width_px / window.count;
  for (let power = 1; ; power *= 10) {
    for (const step of [1, 2, 5])
      if (step * power * per_frame >= apart_px || power > 1e9) return step * power;
  }
}

/** Labelled ticks, and the half or fifth steps between them. */
export function ticks(window: Window, width_px: number, frame_count: number, apart_px = 56): readonly Tick[] {
  const step = tickStep(window, width_px, apart_px);
  const between = step === 1 ? 1 : String(step).startsWith("2") ? step / 2 : step / 5;
  const out: Tick[] = [];
  const last = Math.min(window.first + window.count, frame_count - 1);
  for (let frame = Math.ceil(window.first / between) * between; frame <= last; frame += between) {
    if (edgeOf(window, frame + 0.5, width_px) < 0) continue;
    out.push({ frame, labelled: frame % step === 0 });
  }
  return out;
}
