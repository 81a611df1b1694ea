/** The objects a view draws in a frame, with the draft of a drag in place of what is saved. */

import { cuboidAt, keyframeAt, segment } from "../space/interpolate";
import type { Cuboid, Quat, State, Track, Vec3 } from "../state/model";
import { NEED, rgb } from "./element";
import { chipText } from "./format";
import { needsYou } from "./needs";

export interface Present {
  readonly id: string;
  readonly class_name: string;
  readonly chip: string;
  readonly number: number;
  readonly color: string;
  readonly rgb: readonly [number, number, number];
  readonly cuboid: Cuboid;
  /** Placed by the machine here: drawn thin. */
  readonly machine: boolean;
  /** The machine doubts what it did here: outlined in amber. */
  readonly need: boolean;
  /** Of its outline and its name. */
  readonly stroke: string;
  readonly stroke_rgb: readonly [number, number, number];
}

const FALLBACK_COLOR = "#a0968a";

/** The cuboids of the world in a frame; `time_ns` is the clock of the scene's frames. */
export function presentAt(state: State, frame: number): Present[] {
  const { scene, labels } = state;
  if (scene === null) return [];
  const found: Present[] = [];
  let draft = frame === state.frame ? state.draft : null;
  for (const track of labels.tracks.values()) {
    if (track.kind !== "cuboid") continue;
    const drafted = draft !== null && track.object_id === state.selected;
    const cuboid = drafted ? draft : cuboidAt(track, frame, scene.clock.time_ns);
    if (cuboid === null) continue;
    if (drafted) draft = null;
    const present = describe(state, track, cuboid, frame);
    if (present !== null) found.push(present);
  }
  return found;
}

const KEYFRAME_PATH = /^tracks\/([^/]+)\/keyframes\/(\d+)$/;

/** In a conflict, where the others have an object in a frame. */
export function theirsAt({ conflict, labels }: State, frame: number): Cuboid[] {
  const found: Cuboid[] = [];
  for (const { path, theirs } of conflict?.items ?? []) {
    const [, id = "", at = ""] = KEYFRAME_PATH.exec(path) ?? [];
    const size_m = labels.tracks.get(id)?.size_m;
    const shape = (theirs as { shape?: { center_m?: Vec3; rotation_wxyz?: Quat } } | null)?.shape;
    if (Number(at) !== frame || at === "" || !size_m || !shape?.center_m || !shape.rotation_wxyz) continue;
    found.push({ pose: { rotation_wxyz: shape.rotation_wxyz, translation_m: shape.center_m }, size_m });
  }
  return found;
}

/** The selected object's cuboid in a frame, as drawn. */
export function selectedAt(state: State, frame: number): Present | null {
  if (state.selected === null || state.scene === null) return null;
  for (const track of state.labels.tracks.values()) {
    if (track.kind !== "cuboid" || track.object_id !== state.selected) continue;
    const drafted = frame === state.frame ? state.draft : null;
    const cuboid = drafted ?? cuboidAt(track, frame, state.scene.clock.time_ns);
    return cuboid === null ? null : describe(state, track, cuboid, frame);
  }
  return null;
}

function describe(state: State, track: Track, cuboid: Cuboid, frame: number): Present | null {
  const object = state.labels.objects.get(track.object_id);
  if (object === undefined) return null;
  const kind = state.scene?.classes.find((known) => known.name === object.class_name);
  const color = kind?.color ?? FALLBACK_COLOR;
  const keyframe = keyframeAt(track, frame);
  const need = keyframe !== null && keyframe !== undefined && needsYou(keyframe);
  const stroke = need ? NEED : color;
  return {
    id: object.id,
    class_name: object.class_name,
    chip: chipText(object.class_name, object.number),
    number: object.number,
    color,
    rgb: rgb(color),
    cuboid,
    machine: isMachine(track, frame),
    need,
    stroke,
    stroke_rgb: rgb(stroke),
  };
}

/** Whether the keyframe here, or the one before, was made by the machine. */
function isMachine(track: Track, frame: number): boolean {
  const keyframe = keyframeAt(track, frame) ?? track.keyframes[Math.max(segment(track.keyframes, frame), 0)];
  return keyframe?.source === "propagated" || keyframe?.source === "model";
}
