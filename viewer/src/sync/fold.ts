/**
 * The fold of paths and values into objects and tracks.
 *
 * Values may come in any order: a keyframe may stand before its track. Only the objects and tracks
 * that were touched are made anew, so that whoever compares by identity sees what changed.
 */

import type { KeyframeValue, LabelValue, ObjectValue, SpanValue, TrackValue } from "../protocol/wire";
import { segment } from "../space/interpolate";
import { canonical } from "../space/pose";
import type { AttributeValue, Box, Keyframe, Labels, SceneObject, Span, Track } from "../state/model";
import { type KeyframeColumns, keyframeInRow } from "./columns";
import { parsePath } from "./paths";

const FEW = 100; // keyframes of a step: well below a millisecond

export interface Fold {
  /** Sets or clears (null) what a path holds. */
  set(path: string, value: LabelValue | null): void;
  /** Sets the keyframes of a run, a few at each step. */
  lay(columns: KeyframeColumns, run: number): Generator<void>;
  /** Makes what `labels` would make, a little at each step. */
  build(): Generator<void>;
  /** The labels now; the same value as before when nothing was set. */
  labels(): Labels;
}

interface ObjectParts {
  document: ObjectValue | null;
  readonly attributes: Map<string, AttributeValue>;
}

interface TrackParts {
  document: TrackValue | null;
  spans: readonly Span[];
  readonly keyframes: Keyframe[]; // by frame
  readonly attributes: Map<string, Map<number, AttributeValue>>;
}

export const createFold = (): Fold => {
  const objects = new Map<string, ObjectParts>();
  const tracks = new Map<string, TrackParts>();
  const touchedObjects = new Set<string>();
  const touchedTracks = new Set<string>();
  let regions = new Map<string, readonly Box[]>();
  let regionsTouched = false;
  let current: Labels = { objects: new Map(), tracks: new Map(), ignore_regions: new Map() };

  const objectParts = (id: string): ObjectParts => {
    touchedObjects.add(id);
    return reach(objects, id, () => ({ document: null, attributes: new Map() }));
  };
  const trackParts = (id: string): TrackParts => {
    touchedTracks.add(id);
    return reach(tracks, id, () => ({
      document: null,
      spans: [],
      keyframes: [],
      attributes: new Map(),
    }));
  };

  return {
    set(path, value) {
      const parsed = parsePath(path);
      switch (parsed?.of) {
        case "object":
          objectParts(parsed.object).document = value as ObjectValue | null;
          break;
        case "object_attribute":
          put(objectParts(parsed.object).attributes, parsed.name, value as AttributeValue | null);
          break;
        case "track":
          trackParts(parsed.track).document = value as TrackValue | null;
          break;
        case "keyframe":
          place(
            trackParts(parsed.track).keyframes,
            parsed.frame,
            value === null ? null : keyframeFromValue(parsed.frame, value as KeyframeValue),
          );
          break;
        case "spans":
          trackParts(parsed.track).spans = (value as readonly SpanValue[] | null) ?? [];
          break;
        case "track_attribute": {
          const { attributes } = trackParts(parsed.track);
          const steps = reach(attributes, parsed.name, () => new Map<number, AttributeValue>());
          put(steps, parsed.frame, value as AttributeValue | null);
          if (steps.size === 0) attributes.delete(parsed.name);
          break;
        }
        case "ignore_regions":
          if (!regionsTouched) regions = new Map(regions);
          regionsTouched = true;
          put(regions, parsed.place, value as readonly Box[] | null);
          break;
      }
    },
    *lay(columns, run) {
      const { keyframes } = trackParts(columns.tracks[run]!);
      for (let row = columns.starts[run]!; row < columns.starts[run + 1]!; row++) {
        const frame = columns.frames[row]!;
        place(keyframes, frame, keyframeFromValue(frame, keyframeInRow(columns, row)));
        if (row % FEW === 0) yield;
      }
      yield;
    },
    *build() {
      const built = { objects: new Map(current.objects), tracks: new Map(current.tracks) };
      for (const id of touchedObjects) {
        put(built.objects, id, buildObject(id, objects));
        yield;
      }
      for (const id of touchedTracks) {
        put(built.tracks, id, buildTrack(id, tracks));
        yield;
      }
      touchedObjects.clear();
      touchedTracks.clear();
      current = { ...built, ignore_regions: regions };
      regionsTouched = false;
    },
    labels() {
      if (touchedObjects.size === 0 && touchedTracks.size === 0 && !regionsTouched) return current;
      current = {
        objects: rebuilt(current.objects, touchedObjects, (id) => buildObject(id, objects)),
        tracks: rebuilt(current.tracks, touchedTracks, (id) => buildTrack(id, tracks)),
        ignore_regions: regions,
      };
      regionsTouched = false;
      return current;
    },
  };
};

/** The keyframe of a frame and its value on the wire. */
export const keyframeFromValue = (frame: number, value: KeyframeValue): Keyframe => {
  const { shape } = value;
  return {
    frame,
    pose:
      "center_m" in shape
        ? { rotation_wxyz: canonical(shape.rotation_wxyz), translation_m: shape.center_m }
        : null,
    box: "box_px" in shape ? shape.box_px : null,
    source: value.source,
    verified_by: value.verified_by ?? null,
    quality: value.quality ?? null,
  };
};

/** The value on the wire of a keyframe. */
export const keyframeToValue = (keyframe: Keyframe): KeyframeValue => ({
  shape: keyframe.pose
    ? { center_m: keyframe.pose.translation_m, rotation_wxyz: keyframe.pose.rotation_wxyz }
    : { box_px: keyframe.box ?? [0, 0, 0, 0] },
  source: keyframe.source,
  verified_by: keyframe.verified_by,
  quality: keyframe.quality,
});

const buildObject = (id: string, all: Map<string, ObjectParts>): SceneObject | null => {
  const parts = all.get(id);
  if (!parts?.document) {
    if (parts?.attributes.size === 0) all.delete(id);
    return null;
  }
  const { class_name, number } = parts.document;
  return { id, class_name, number, attributes: Object.fromEntries([...parts.attributes].sort(byKey)) };
};

const buildTrack = (id: string, all: Map<string, TrackParts>): Track | null => {
  const parts = all.get(id);
  if (!parts?.document) {
    const isBare = parts?.keyframes.length === 0 && parts.attributes.size === 0 && parts.spans.length === 0;
    if (isBare) all.delete(id);
    return null;
  }
  const { object, kind, space, size_m } = parts.document;
  return {
    id,
    object_id: object,
    kind,
    space,
    size_m,
    keyframes: parts.keyframes.slice(),
    spans: parts.spans,
    attributes: Object.fromEntries(
      [...parts.attributes]
        .sort(byKey)
        .map(([name, steps]) => [
          name,
          [...steps].map(([frame, value]) => ({ frame, value })).sort((a, b) => a.frame - b.frame),
        ]),
    ),
  };
};

const rebuilt = <T>(
  before: ReadonlyMap<string, T>,
  touched: Set<string>,
  build: (id: string) => T | null,
) => {
  if (touched.size === 0) return before;
  const after = new Map(before);
  for (const id of touched) put(after, id, build(id));
  touched.clear();
  return after;
};

const reach = <K, V>(map: Map<K, V>, key: K, make: () => V): V => {
  let value = map.get(key);
  if (value === undefined) {
    value = make();
    map.set(key, value);
  }
  return value;
};

const put = <K, V>(map: Map<K, V>, key: K, value: V | null): void => {
  if (value === null) map.delete(key);
  else map.set(key, value);
};

/** Puts a keyframe in its place by frame, in that of the one that was there; null takes that away. */
const place = (keyframes: Keyframe[], frame: number, keyframe: Keyframe | null): void => {
  const last = keyframes.at(-1);
  if (!last || last.frame < frame) {
    if (keyframe) keyframes.push(keyframe);
    return;
  }
  const at = segment(keyframes, frame);
  const isThere = keyframes[at]?.frame === frame;
  if (keyframe) keyframes.splice(isThere ? at : at + 1, isThere ? 1 : 0, keyframe);
  else if (isThere) keyframes.splice(at, 1);
};

const byKey = ([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number =>
  a < b ? -1 : a > b ? 1 : 0;
