/** The objects a view draws in a frame, with the draft of a drag in place of what is saved. */

import { cuboidAt, keyframeAt, segment } from "../space/interpolate";
import type { Cuboid, State, Track } from "../state/model";
import { rgb } from "./element";
import { chipText } from "./format";

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
  const color = state.scene?.classes.find((known) => known.name === object.class_name)?.color;
  return {
    id: object.id,
    class_name: object.class_name,
    chip: chipText(object.class_name, object.number),
    number: object.number,
    color: color ?? FALLBACK_COLOR,
    rgb: rgb(color ?? FALLBACK_COLOR),
    cuboid,
    machine: isMachine(track, frame),
  };
}

/** Whether the keyframe here, or the one before, was made by the machine. */
function isMachine(track: Track, frame: number): boolean {
  const keyframe = keyframeAt(track, frame) ?? track.keyframes[Math.max(segment(track.keyframes, frame), 0)];
  return keyframe?.source === "propagated" || keyframe?.source === "model";
}
