/**
 * The frames between follow: when a person corrects one frame of what a machine carried along, the
 * machine's keyframes around it take over their share of the correction.
 *
 * A drift grows from frame to frame: the corrected frame leaves its neighbours, and they come along,
 * less and less towards the next keyframe that stands (a person's, an accepted or an imported one).
 * A slip is one frame's alone: the correction brings it back among its neighbours, which stay.
 */

import { angleBetween, compose, IDENTITY, inverse, slerp } from "../space/pose";
import type { Keyframe, Pose, Track } from "../state/model";
import { wantsLook } from "./find";

/** A turn of one radian counts as much as this many metres. */
const METERS_PER_RADIAN = 2;
/** More than this is a flip, which is all or nothing. */
const FLIP_RAD = Math.PI / 2;

/** The keyframes that follow, as they are then. */
export const followCorrection = (
  track: Track,
  frame: number,
  before: Pose,
  corrected: Pose,
  clock_ns: ArrayLike<number>,
): Keyframe[] => {
  const { keyframes } = track;
  const left = keyframes.filter((each) => each.frame < frame).reverse();
  const right = keyframes.filter((each) => each.frame > frame);
  const own = keyframes.find((each) => each.frame === frame);
  const isPersons = own !== undefined && !wantsLook(own); // it did not slip: it stood, and is moved
  if (!isPersons && isSlip(left[0], right[0], frame, before, corrected, clock_ns)) return [];
  const correction = compose(inverse(before), corrected);
  return [left, right].flatMap((side) => {
    const count = side.findIndex((each) => !wantsLook(each));
    const followers = count < 0 ? side : side.slice(0, count);
    const anchor = count < 0 ? null : side[count]!;
    return followers.map((each): Keyframe => {
      const share = anchor ? shareOf(each.frame, frame, anchor.frame, clock_ns) : 1;
      return { ...each, pose: compose(each.pose!, partOf(correction, share)) };
    });
  });
};

const shareOf = (at: number, full: number, none: number, clock_ns: ArrayLike<number>): number =>
  (clock_ns[at]! - clock_ns[none]!) / (clock_ns[full]! - clock_ns[none]!);

const partOf = (correction: Pose, share: number): Pose => {
  if (angleBetween(IDENTITY, correction) > FLIP_RAD) return correction;
  const [x, y, z] = correction.translation_m;
  return {
    rotation_wxyz: slerp(IDENTITY.rotation_wxyz, correction.rotation_wxyz, share),
    translation_m: [x * share, y * share, z * share],
  };
};

/** Whether the correction brings the frame nearer to the line between its neighbours. */
const isSlip = (
  left: Keyframe | undefined,
  right: Keyframe | undefined,
  frame: number,
  before: Pose,
  corrected: Pose,
  clock_ns: ArrayLike<number>,
): boolean => {
  if (!left?.pose || !right?.pose) return false;
  const share = shareOf(frame, right.frame, left.frame, clock_ns);
  const [a, b] = [left.pose, right.pose];
  const between: Pose = {
    rotation_wxyz: slerp(a.rotation_wxyz, b.rotation_wxyz, share),
    translation_m: [0, 1, 2].map(
      (axis) => a.translation_m[axis]! + (b.translation_m[axis]! - a.translation_m[axis]!) * share,
    ) as unknown as Pose["translation_m"],
  };
  return awayFrom(between, corrected) < awayFrom(between, before);
};

const awayFrom = (a: Pose, b: Pose): number =>
  Math.hypot(...([0, 1, 2] as const).map((axis) => a.translation_m[axis] - b.translation_m[axis])) +
  METERS_PER_RADIAN * angleBetween(a, b);
