/** Whether a keyframe asks for a look. */

import { LOW_QUALITY, wantsLook } from "../editor/find";
import type { Keyframe, Labels, Track } from "../state/model";

/** A machine made it, nobody accepted it, and the machine itself doubts it. */
export const needsYou = (keyframe: Keyframe): boolean =>
  wantsLook(keyframe) && keyframe.quality !== null && keyframe.quality < LOW_QUALITY;

const frames = new WeakMap<Track, readonly number[]>();

/** Frames of a track's keyframes that ask for a look; looked for once in each track. */
export const needFrames = (track: Track): readonly number[] => {
  let found = frames.get(track);
  if (!found) {
    found = track.keyframes.filter(needsYou).map((keyframe) => keyframe.frame);
    frames.set(track, found);
  }
  return found;
};

/** Looks through all tracks, one at each step. */
export function* lookThrough(labels: Labels): Generator<void> {
  for (const track of labels.tracks.values()) {
    needFrames(track);
    yield;
  }
}
