/** Facts about tracks that several panels tell. */

import type { Keyframe, Labels, SceneObject, State, Track } from "../../state/model";
import { needFrames } from "../../views/needs";

export const isMachine = (keyframe: Keyframe): boolean =>
  keyframe.source === "propagated" || keyframe.source === "model";

export const isAccepted = (keyframe: Keyframe): boolean => keyframe.verified_by !== null;

/** The track a row stands for: the object's cuboid, else its first box track. */
export const mainTrack = (labels: Labels, object_id: string): Track | null =>
  mainTracks(labels).get(object_id) ?? null;

const main_tracks = new WeakMap<Labels, ReadonlyMap<string, Track>>();

/** Main tracks of all objects; one pass for each state of the labels, however many panels ask. */
export function mainTracks(labels: Labels): ReadonlyMap<string, Track> {
  const known = main_tracks.get(labels);
  if (known) return known;
  const found = new Map<string, Track>();
  for (const track of labels.tracks.values()) {
    const rival = found.get(track.object_id);
    if (!rival || (track.kind === "cuboid" && rival.kind !== "cuboid")) found.set(track.object_id, track);
  }
  main_tracks.set(labels, found);
  return found;
}

export const firstFrame = (track: Track): number => track.spans[0]?.start ?? track.keyframes[0]?.frame ?? 0;

export const lastFrame = (track: Track): number => {
  const end = track.spans.at(-1)?.end;
  return end === undefined ? (track.keyframes.at(-1)?.frame ?? 0) : end - 1;
};

export const occlusionAt = (track: Track, frame: number): number | null =>
  track.spans.find((span) => span.start <= frame && frame < span.end)?.occlusion ?? null;

const needs = new WeakMap<Labels, number>();

/** How many keyframes of all tracks ask for a look. */
export function countNeeds(labels: Labels): number {
  let count = needs.get(labels);
  if (count !== undefined) return count;
  count = 0;
  for (const track of labels.tracks.values()) count += needFrames(track).length;
  needs.set(labels, count);
  return count;
}

/** "car 84". */
export const objectName = (object: SceneObject): string =>
  `${object.class_name.replaceAll("_", " ")} ${object.number}`;

export const classColor = (state: Pick<State, "scene">, class_name: string): string =>
  state.scene?.classes.find((each) => each.name === class_name)?.color ?? "#a0968a";

/** The source's own name of a frame, "000354", or the number. */
export const frameName = (state: Pick<State, "scene">, frame: number): string =>
  state.scene?.clock.names[frame] ?? String(frame);
