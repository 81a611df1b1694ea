/**
 * Frames between keyframes: the twin of the server's kernel, so that both show the same shapes.
 *
 * A shape exists in the frames of the track's spans. On a keyframe it is the keyframe's own; before
 * the first and after the last the nearest one holds. Between two, the centre runs on a cubic Hermite
 * curve over time, the rotation turns by the shorter arc, box sides run on straight lines. Over a gap
 * in the presence the path is straight. `docs/interpolation.md` has the formulae, the shared cases are
 * in `tests/cases/interpolation.json`.
 */

import type { Box, Cuboid, Keyframe, Pose, Quat, Span, Track, Vec3 } from "../state/model";

const SECOND_PER_NS = 1e-9;
const HALF_TURN_TIE = 1e-9;
const SMALL_SINE = 1e-12;
const NOWHERE: Vec3 = [0, 0, 0];

const unbroken_spans = new WeakMap<Track, readonly Span[]>();

/** The cuboid of a track in a frame, null where it has none. */
export const cuboidAt = (track: Track, frame: number, time_ns: ArrayLike<number>): Cuboid | null => {
  const pose = poseAt(track, frame, time_ns);
  return pose && track.size_m ? { pose, size_m: track.size_m } : null;
};

/** The pose of a cuboid track in a frame, null where it has none. */
export const poseAt = (track: Track, frame: number, time_ns: ArrayLike<number>): Pose | null => {
  if (track.keyframes.length === 0 || !isPresent(track, frame)) return null;
  const k = segment(track.keyframes, frame);
  const start = track.keyframes[Math.max(k, 0)]!;
  const end = track.keyframes[k + 1];
  if (k < 0 || !end || start.frame === frame || !start.pose || !end.pose) return start.pose;
  const joins = isJoined(track, k);
  const leaves = joins ? velocityAt(track, k, time_ns) : null;
  const arrives = joins ? velocityAt(track, k + 1, time_ns) : null;
  const step_ns = time_ns[end.frame]! - time_ns[start.frame]!;
  const u = (time_ns[frame]! - time_ns[start.frame]!) / step_ns;
  const step_s = step_ns * SECOND_PER_NS;
  const along = (axis: 0 | 1 | 2): number => {
    const from = start.pose!.translation_m[axis];
    const way = end.pose!.translation_m[axis] - from;
    if (!leaves || !arrives) return from + way * u;
    const bend = (1 - u) * leaves[axis] - u * arrives[axis];
    return from + way * (u * u * (3 - 2 * u)) + step_s * (u * (1 - u)) * bend;
  };
  return {
    rotation_wxyz: turnBetween(start.pose.rotation_wxyz, end.pose.rotation_wxyz, u),
    translation_m: [along(0), along(1), along(2)],
  };
};

/** The box of a box track in a frame of its camera's clock, null where it has none. */
export const boxAt = (track: Track, frame: number, time_ns: ArrayLike<number>): Box | null => {
  if (track.keyframes.length === 0 || !isPresent(track, frame)) return null;
  const k = segment(track.keyframes, frame);
  const start = track.keyframes[Math.max(k, 0)]!;
  const end = track.keyframes[k + 1];
  if (k < 0 || !end || start.frame === frame || !start.box || !end.box) return start.box;
  const u = (time_ns[frame]! - time_ns[start.frame]!) / (time_ns[end.frame]! - time_ns[start.frame]!);
  const [a, b] = [start.box, end.box];
  const side = (n: 0 | 1 | 2 | 3): number => a[n] + (b[n] - a[n]) * u;
  return [side(0), side(1), side(2), side(3)];
};

/** Whether a span holds the frame. */
export const isPresent = (track: Track, frame: number): boolean =>
  track.spans.some((span) => span.start <= frame && frame < span.end);

/** The keyframe of exactly this frame. */
export const keyframeAt = (track: Track, frame: number): Keyframe | null => {
  const found = track.keyframes[segment(track.keyframes, frame)];
  return found?.frame === frame ? found : null;
};

/** Number of the last keyframe not after a frame, -1 before the first. */
export const segment = (keyframes: readonly Keyframe[], frame: number): number => {
  let low = 0;
  let high = keyframes.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (keyframes[middle]!.frame <= frame) low = middle + 1;
    else high = middle;
  }
  return low - 1;
};

/** Spans of a track, those that touch as one. */
const unbrokenSpans = (track: Track): readonly Span[] => {
  const known = unbroken_spans.get(track);
  if (known) return known;
  const unbroken: Span[] = [];
  for (const span of track.spans) {
    const last = unbroken.at(-1);
    if (last && last.end === span.start) unbroken[unbroken.length - 1] = { ...last, end: span.end };
    else unbroken.push(span);
  }
  unbroken_spans.set(track, unbroken);
  return unbroken;
};

/** Whether the track is present in every frame from a keyframe to the next; there has to be a next. */
const isJoined = (track: Track, k: number): boolean => {
  const [a, b] = [track.keyframes[k], track.keyframes[k + 1]];
  if (!a || !b) return false;
  return unbrokenSpans(track).some((span) => span.start <= a.frame && b.frame < span.end);
};

/** Mean velocity from a keyframe to the next, m/s, and how long that takes. */
const meanAfter = (track: Track, k: number, time_ns: ArrayLike<number>): readonly [Vec3, number] => {
  const [start, end] = [track.keyframes[k]!, track.keyframes[k + 1]!];
  const step_s = (time_ns[end.frame]! - time_ns[start.frame]!) * SECOND_PER_NS;
  const a = start.pose?.translation_m ?? NOWHERE;
  const b = end.pose?.translation_m ?? NOWHERE;
  return [[(b[0] - a[0]) / step_s, (b[1] - a[1]) / step_s, (b[2] - a[2]) / step_s], step_s];
};

/** Velocity at a keyframe, m/s: it depends on its neighbours only, so that a frame costs the same in any track. */
const velocityAt = (track: Track, k: number, time_ns: ArrayLike<number>): Vec3 => {
  const [opens, closes] = [isJoined(track, k), isJoined(track, k - 1)];
  if (opens && closes) return innerVelocity(track, k, time_ns);
  if (!opens && !closes) return NOWHERE;
  const other = opens ? k + 1 : k - 1;
  const isInner = isJoined(track, other) && isJoined(track, other - 1);
  const [mean] = meanAfter(track, opens ? k : k - 1, time_ns);
  return endVelocity(mean, isInner ? innerVelocity(track, other, time_ns) : null);
};

/** Between two stretches (Fritsch and Butland 1984, in the form for vectors). */
const innerVelocity = (track: Track, k: number, time_ns: ArrayLike<number>): Vec3 => {
  const [before, before_s] = meanAfter(track, k - 1, time_ns);
  const [after, after_s] = meanAfter(track, k, time_ns);
  const [before_mps, after_mps] = [norm(before), norm(after)];
  if (before_mps === 0 || after_mps === 0) return NOWHERE;
  const before_weight = 2 * after_s + before_s;
  const after_weight = after_s + 2 * before_s;
  const speed = (before_weight + after_weight) / (before_weight / before_mps + after_weight / after_mps);
  const blend = (axis: 0 | 1 | 2) => (speed * (before[axis] / before_mps + after[axis] / after_mps)) / 2;
  return [blend(0), blend(1), blend(2)];
};

/** At the end of a presence: what makes the last stretch a parabola, never against the way. */
const endVelocity = (mean: Vec3, other: Vec3 | null): Vec3 => {
  const mean_mps = norm(mean);
  if (mean_mps === 0) return [0, 0, 0];
  const wanted: Vec3 = other
    ? [2 * mean[0] - other[0], 2 * mean[1] - other[1], 2 * mean[2] - other[2]]
    : mean;
  const along = (wanted[0] * mean[0] + wanted[1] * mean[1] + wanted[2] * mean[2]) / mean_mps;
  if (along >= 0) return wanted;
  const back = (axis: 0 | 1 | 2): number => wanted[axis] - (along * mean[axis]) / mean_mps;
  return [back(0), back(1), back(2)];
};

const norm = ([x, y, z]: Vec3): number => Math.sqrt(x * x + y * y + z * z);

/** The shorter arc at an even rate; a tie of half a turn goes counter-clockwise about a's own +z. */
const turnBetween = (a: Quat, b: Quat, u: number): Quat => {
  let w = a[0] * b[0] + a[1] * b[1] + a[2] * b[2] + a[3] * b[3];
  let x = a[0] * b[1] - a[1] * b[0] - a[2] * b[3] + a[3] * b[2];
  let y = a[0] * b[2] + a[1] * b[3] - a[2] * b[0] - a[3] * b[1];
  let z = a[0] * b[3] - a[1] * b[2] + a[2] * b[1] - a[3] * b[0];
  let turnsBack = w < 0;
  if (Math.abs(w) < HALF_TURN_TIE) {
    if (Math.abs(z) > HALF_TURN_TIE) turnsBack = z < 0;
    else if (Math.abs(y) > HALF_TURN_TIE) turnsBack = y < 0;
    else turnsBack = x < 0;
  }
  if (turnsBack) [w, x, y, z] = [-w, -x, -y, -z];
  const sine = Math.sqrt(x * x + y * y + z * z);
  const half = Math.atan2(sine, w) * u;
  const scale = sine > SMALL_SINE ? Math.sin(half) / sine : u;
  [w, x, y, z] = [Math.cos(half), x * scale, y * scale, z * scale];
  const out: Quat = [
    a[0] * w - a[1] * x - a[2] * y - a[3] * z,
    a[0] * x + a[1] * w + a[2] * z - a[3] * y,
    a[0] * y - a[1] * z + a[2] * w + a[3] * x,
    a[0] * z + a[1] * y - a[2] * x + a[3] * w,
  ];
  const first = out.find((value) => value !== 0) ?? 1;
  return first < 0 ? [-out[0], -out[1], -out[2], -out[3]] : out;
};
