/** What the inspector is about: the selected object at the frame shown. */

import { useMemo } from "react";
import { sensorFrame } from "../../space/clock";
import { cuboidAt, keyframeAt } from "../../space/interpolate";
import { compose, IDENTITY, inverse } from "../../space/pose";
import type { Cuboid, Keyframe, Pose, SceneObject, State, Track } from "../../state/model";
import { mainTrack } from "../labels/tracks";
import { useApp } from "../session/context";

export interface Subject {
  readonly object: SceneObject;
  readonly track: Track | null;
  readonly frame: number;
  readonly cuboid: Cuboid | null; // as drawn: the draft while dragging
  readonly keyframe: Keyframe | null;
}

export function useSubject(): Subject | null {
  const object = useApp((state) =>
    state.selected ? (state.labels.objects.get(state.selected) ?? null) : null,
  );
  const track = useApp((state) => (state.selected ? mainTrack(state.labels, state.selected) : null));
  const frame = useApp((state) => state.frame);
  const draft = useApp((state) => state.draft);
  const time_ns = useApp((state) => state.scene?.clock.time_ns);
  return useMemo(() => {
    if (!object) return null;
    const shown = track && track.kind === "cuboid" && time_ns ? cuboidAt(track, frame, time_ns) : null;
    const keyframe = track ? keyframeAt(track, frame) : null;
    return { object, track, frame, cuboid: draft ?? shown, keyframe };
  }, [object, track, frame, draft, time_ns]);
}

/** Where the numbers of a place are counted from: the sensor at this frame, or the world. */
export function originAt(state: Pick<State, "scene" | "frame">, from: "sensor" | "world"): Pose {
  const lidar =
    state.scene?.lidars.find((each) => each.name === state.scene?.reference) ?? state.scene?.lidars[0];
  if (from === "world" || !state.scene || !lidar) return IDENTITY;
  return lidar.world_from_sensor[sensorFrame(lidar, state.frame)] ?? IDENTITY;
}

export const seenFrom = (origin: Pose, pose: Pose): Pose => compose(inverse(origin), pose);
