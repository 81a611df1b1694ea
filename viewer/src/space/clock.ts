/** Frames of one sensor at the time of another's. */

import type { Clock } from "../state/model";

/** The frame of a clock nearest to a time; the earlier one of two that are as near. */
export const nearestFrame = (clock: Clock, time_ns: number): number => {
  const times = clock.time_ns;
  let low = 0;
  let high = times.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (times[middle]! <= time_ns) low = middle;
    else high = middle - 1;
  }
  const next = times[low + 1];
  return next !== undefined && next - time_ns < time_ns - times[low]! ? low + 1 : low;
};

/** A sensor's frame when the reference clock shows a frame. */
export const sensorFrame = (clock: Clock, reference: Clock, frame: number): number =>
  clock === reference ? frame : nearestFrame(clock, reference.time_ns[frame] ?? 0);
