/** Frames of one sensor at the time of another's. */

import type { SensorFrames } from "../state/model";

/** No frame: nothing is found under it. */
export const UNKNOWN_FRAME = -1;

/** A sensor's frame when the scene shows a frame; `UNKNOWN_FRAME` until its page is at hand. */
export const sensorFrame = (sensor: Pick<SensorFrames, "match">, frame: number): number =>
  sensor.match[frame] ?? UNKNOWN_FRAME;
