/** Finding one's way in the labels. */

import { cuboidAt, isPresent } from "../space/interpolate";
import type { Cuboid, Keyframe, Labels, Scene, SceneObject, Track } from "../state/model";

const trackTables = new WeakMap<Labels["tracks"], ReadonlyMap<string, readonly Track[]>>();

/** All tracks of an object, cuboids first. */
export const tracksOf = (labels: Labels, object: string): readonly Track[] => {
  let table = trackTables.get(labels.tracks);
  if (!table) {
    const built = new Map<string, Track[]>();
    for (const track of labels.tracks.values()) {
      const tracks = built.get(track.object_id) ?? [];
      if (track.kind === "cuboid") tracks.unshift(track);
      else tracks.push(track);
      built.set(track.object_id, tracks);
    }
    table = built;
    trackTables.set(labels.tracks, table);
  }
  return table.get(object) ?? [];
};

/** The object's path as a cuboid of the world, null when it has none. */
export const cuboidTrackOf = (labels: Labels, object: string): Track | null =>
  tracksOf(labels, object).find((track) => track.kind === "cuboid" && track.space === "world") ?? null;

/** The object's cuboid in a frame, null where it has none. */
export const cuboidOf = (labels: Labels, scene: Scene, object: string, frame: number): Cuboid | null => {
  const track = cuboidTrackOf(labels, object);
  return track ? cuboidAt(track, frame, scene.clock.time_ns) : null;
};

/** A person made or accepted it, so no machine may change it. */
export const isProtected = (keyframe: Keyframe): boolean =>
  keyframe.source === "human" || keyframe.verified_by !== null;

/** A machine guessed it and nobody has accepted it. */
export const wantsLook = (keyframe: Keyframe): boolean =>
  !isProtected(keyframe) && (keyframe.source === "propagated" || keyframe.source === "model");

/** What people call an object: "car 12". */
export const nameOf = (object: SceneObject): string =>
  `${object.class_name.replaceAll("_", " ")} ${object.number}`;

/** Objects seen in a frame, by number; all of them where none is. */
export const objectsAround = (labels: Labels, frame: number): readonly SceneObject[] => {
  const all = [...labels.objects.values()].sort((a, b) => a.number - b.number);
  const present = all.filter((object) => {
    const track = cuboidTrackOf(labels, object.id);
    return track !== null && track.keyframes.length > 0 && isPresent(track, frame);
  });
  return present.length > 0 ? present : all;
};

/** Below this the machine itself doubts what it guessed. */
export const LOW_QUALITY = 0.5;
