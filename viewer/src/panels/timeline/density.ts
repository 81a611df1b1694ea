/** What the scrubber shows of the whole scene: labels per frame, and frames that need you. */

import type { Labels } from "../../state/model";
import { needFrames } from "../../views/needs";
import { mainTracks } from "../labels/tracks";

export interface Density {
  readonly counts: Uint16Array; // objects present, by frame
  readonly most: number;
  readonly boxes: number; // sum of counts
  readonly need_frames: readonly number[]; // increasing, each once
  readonly needs: number;
}

export function densityOf(labels: Labels, frame_count: number): Density {
  const steps = new Int32Array(frame_count + 1);
  const need_frames = new Set<number>();
  let needs = 0;
  for (const track of mainTracks(labels).values()) {
    for (const { start, end } of track.spans) {
      if (start >= frame_count) continue;
      steps[start]!++;
      steps[Math.min(end, frame_count)]!--;
    }
    for (const frame of needFrames(track)) need_frames.add(frame);
    needs += needFrames(track).length;
  }
  const counts = new Uint16Array(frame_count);
  let [present, most, boxes] = [0, 0, 0];
  for (let frame = 0; frame < frame_count; frame++) {
    present += steps[frame]!;
    counts[frame] = present;
    boxes += present;
    most = Math.max(most, present);
  }
  return { counts, most, boxes, need_frames: [...need_frames].sort((a, b) => a - b), needs };
}
