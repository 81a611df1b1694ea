/** What each of a person's doings sets in the label document; pure, from the labels as they are. */

import type { KeyframeValue } from "../protocol/wire";
import type { Cuboid, Keyframe, Labels, SceneObject, Span, Track, Vec3 } from "../state/model";
import type { Edit, Op } from "../sync/change";
import { keyframeToValue } from "../sync/fold";
import { keyframePath, objectPath, spansPath, trackPath } from "../sync/paths";
import { isProtected, nameOf } from "./find";
import { coverFrame, coverRange } from "./spans";

const SAME_SIZE_M = 1e-6;

export interface NewObject {
  readonly id: string;
  readonly class_name: string;
  readonly cuboid: Cuboid;
  readonly frame: number;
  readonly quality?: number | null;
}

/** An object with one cuboid in one frame. */
export const createObject = (labels: Labels, made: NewObject): Edit => {
  const number = nextNumber(labels);
  const track = `${made.id}.cuboid`;
  const keyframe = humanKeyframe(made.frame, made.cuboid, made.quality ?? null);
  return {
    label: `Create ${nameOf({ id: made.id, class_name: made.class_name, number, attributes: {} })}`,
    cause: "manual",
    ops: [
      { path: objectPath(made.id), value: { class_name: made.class_name, number } },
      {
        path: trackPath(track),
        value: { object: made.id, kind: "cuboid", space: "world", size_m: made.cuboid.size_m },
      },
      { path: keyframePath(track, made.frame), value: keyframe },
      spansOp(track, [{ start: made.frame, end: made.frame + 1, occlusion: 0 }]),
    ],
  };
};

/** The smallest number above all that are taken. */
export const nextNumber = (labels: Labels): number =>
  Math.max(0, ...[...labels.objects.values()].map((object) => object.number)) + 1;

/** A cuboid at a frame as a human keyframe; another size becomes the track's. */
export const placeCuboid = (
  track: Track,
  frame: number,
  cuboid: Cuboid,
  quality: number | null = null,
): Op[] => {
  const ops: Op[] = [{ path: keyframePath(track.id, frame), value: humanKeyframe(frame, cuboid, quality) }];
  const spans = coverFrame(track.spans, frame);
  if (spans !== track.spans) ops.push(spansOp(track.id, spans));
  if (!isSameSize(track.size_m, cuboid.size_m)) ops.push(sizeOp(track, cuboid.size_m));
  return ops;
};

/** Keyframes that a machine carried along; those of people stay. */
export const placePropagated = (
  track: Track,
  from: number,
  keyframes: readonly {
    readonly frame: number;
    readonly shape: KeyframeValue["shape"];
    readonly quality: number;
  }[],
): Op[] => {
  const kept = new Set(track.keyframes.filter(isProtected).map((keyframe) => keyframe.frame));
  const placed = keyframes.filter((keyframe) => !kept.has(keyframe.frame));
  if (placed.length === 0) return [];
  const frames = [from, ...keyframes.map((keyframe) => keyframe.frame)];
  const ops: Op[] = placed.map(({ frame, shape, quality }) => ({
    path: keyframePath(track.id, frame),
    value: { shape, source: "propagated", verified_by: null, quality },
  }));
  return [...ops, spansOp(track.id, coverRange(track.spans, Math.min(...frames), Math.max(...frames) + 1))];
};

/** Frames of the machine keyframes between the people's ones around a frame; null when there are none around. */
export const machineFramesAround = (track: Track, frame: number): number[] | null => {
  const people = track.keyframes.filter(isProtected).map((keyframe) => keyframe.frame);
  const isThere = people.includes(frame);
  const left = people.findLast((each) => each < frame) ?? (isThere ? frame : undefined);
  const right = people.find((each) => each > frame) ?? (isThere ? frame : undefined);
  if (left === undefined || right === undefined || left === right) return null;
  return track.keyframes
    .filter((keyframe) => left < keyframe.frame && keyframe.frame < right && !isProtected(keyframe))
    .map((keyframe) => keyframe.frame);
};

/** A keyframe that a person has looked at and found good. */
export const acceptKeyframe = (track: Track, keyframe: Keyframe, person: string): Op => ({
  path: keyframePath(track.id, keyframe.frame),
  value: { ...keyframeToValue(keyframe), verified_by: person },
});

/** Other spans; none at all clears the path. */
export const spansOp = (track: string, spans: readonly Span[]): Op => ({
  path: spansPath(track),
  value: spans.length > 0 ? spans : null,
});

/** All that an object is, cleared; `pathsUnder` lists what the document holds. */
export const deleteObject = (
  object: SceneObject,
  tracks: readonly Track[],
  pathsUnder: (prefix: string) => string[],
): Edit => {
  const paths = [
    ...tracks.flatMap((track) => [...pathsUnder(`${trackPath(track.id)}/`), trackPath(track.id)]),
    ...pathsUnder(`${objectPath(object.id)}/`),
    objectPath(object.id),
  ];
  return {
    label: `Delete ${nameOf(object)}`,
    cause: "manual",
    ops: paths.map((path) => ({ path, value: null })),
  };
};

/** What deleting an object takes with it, in words. */
export const describeDelete = (object: SceneObject, tracks: readonly Track[]): string => {
  const parts = tracks.map((track) => {
    const count = track.keyframes.length;
    const people = track.keyframes.filter(isProtected).length;
    const where = track.kind === "cuboid" ? "in 3D" : `in ${track.space}`;
    const made = people > 0 ? `, ${people} made or accepted by people` : "";
    return `${count} keyframe${count === 1 ? "" : "s"} ${where}${made}`;
  });
  const what = parts.length > 0 ? ` with ${parts.join(" and ")}` : "";
  return `Deletes ${nameOf(object)}${what}. It can be undone.`;
};

const humanKeyframe = (frame: number, cuboid: Cuboid, quality: number | null): KeyframeValue =>
  keyframeToValue({ frame, pose: cuboid.pose, box: null, source: "human", verified_by: null, quality });

const sizeOp = (track: Track, size_m: Vec3): Op => ({
  path: trackPath(track.id),
  value: { object: track.object_id, kind: track.kind, space: track.space, size_m },
});

const isSameSize = (a: Vec3 | null, b: Vec3): boolean =>
  a?.every((side, axis) => Math.abs(side - b[axis]!) < SAME_SIZE_M) ?? false;
