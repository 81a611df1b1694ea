/**
 * Corrections of one frame in a row: they come to the same as the last of them alone.
 *
 * A person who overshoots and comes back, or who nudges forty times, corrects once. So each further
 * correction of a frame starts from what stood before the first, as long as nothing else has changed
 * the track's keyframes since: then, there and back moves nothing.
 */

import { angleBetween } from "../space/pose";
import type { Keyframe, Pose, Track } from "../state/model";
import type { Op } from "../sync/change";
import { keyframeToValue } from "../sync/fold";
import { keyframePath } from "../sync/paths";
import { followCorrection } from "./follow";

const SAME_M = 1e-9;
const SAME_RAD = 1e-7;

interface Run {
  readonly frame: number;
  /** The track and its pose in the frame before the first correction. */
  readonly track: Track;
  readonly before: Pose;
  /** What the last correction left: its pose, and all other keyframes. */
  readonly corrected: Pose;
  readonly others: readonly Keyframe[];
}

/** Gives what follows a correction, knowing the corrections before it. */
export const createCorrections = () => {
  let run: Run | null = null;
  return (track: Track, frame: number, before: Pose, corrected: Pose, clock_ns: ArrayLike<number>): Op[] => {
    const start = run && isContinued(run, track, frame, before) ? run : { track, before };
    const moved = new Map(
      followCorrection(start.track, frame, start.before, corrected, clock_ns).map((each) => [
        each.frame,
        each,
      ]),
    );
    const others = start.track.keyframes
      .filter((each) => each.frame !== frame)
      .map((each) => moved.get(each.frame) ?? each);
    run = { frame, track: start.track, before: start.before, corrected, others };
    const now = new Map(track.keyframes.map((each) => [each.frame, each]));
    return others
      .filter((each) => !isSameKeyframe(each, now.get(each.frame)))
      .map((each) => ({ path: keyframePath(track.id, each.frame), value: keyframeToValue(each) }));
  };
};

const isContinued = (run: Run, track: Track, frame: number, now: Pose): boolean => {
  const others = track.keyframes.filter((each) => each.frame !== frame);
  return (
    run.track.id === track.id &&
    run.frame === frame &&
    isSamePose(run.corrected, now) &&
    others.length === run.others.length &&
    others.every((each, n) => isSameKeyframe(each, run.others[n]))
  );
};

const isSameKeyframe = (a: Keyframe, b: Keyframe | undefined): boolean =>
  b !== undefined &&
  a.frame === b.frame &&
  a.source === b.source &&
  a.verified_by === b.verified_by &&
  a.quality === b.quality &&
  (a.pose === b.pose || (a.pose !== null && b.pose !== null && isSamePose(a.pose, b.pose)));

const isSamePose = (a: Pose, b: Pose): boolean =>
  a.translation_m.every((value, axis) => Math.abs(value - b.translation_m[axis]!) < SAME_M) &&
  angleBetween(a, b) < SAME_RAD;
