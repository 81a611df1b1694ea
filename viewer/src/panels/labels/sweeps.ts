/** The points of a frame, of every lidar, each with its sensor's place in the world. */

import { useEffect, useMemo, useState } from "react";
import { sensorFrame, UNKNOWN_FRAME } from "../../space/clock";
import { cuboidAt } from "../../space/interpolate";
import type { Cuboid, Pose, Scene, Track } from "../../state/model";
import type { DataStream, Sweep } from "../../views/context";
import { useApp, useSession } from "../session/context";
import { type Gaps, type Inside, pointsInside } from "./inside";
import { useTreeSweeps } from "./treeSweeps";

export interface PlacedSweep {
  readonly sweep: Sweep;
  readonly world_from_sensor: Pose;
}

export interface Sweeps {
  readonly frame: number;
  readonly all: readonly PlacedSweep[];
}

/** Every lidar's sweep of the frame if all are at hand. */
function peekSweeps(scene: Scene, stream: DataStream, frame: number): Sweeps | null {
  const all: PlacedSweep[] = [];
  for (const lidar of scene.lidars) {
    const at = sensorFrame(lidar, frame);
    const sweep = stream.peek(lidar.name, at);
    const world_from_sensor = lidar.world_from_sensor[at];
    if (!sweep || !world_from_sensor) return null;
    if (lidar.has_octree) continue; // this is its root, all of it near the cuboids comes from its nodes
    all.push({ sweep, world_from_sensor });
  }
  return { frame, all };
}

/** The sweeps of the frame shown once they are there; nothing is asked for while the scene plays. */
export function useSweeps(): Sweeps | null {
  const { stream } = useSession();
  const scene = useApp((state) => state.scene);
  const frame = useApp((state) => state.frame);
  const playing = useApp((state) => state.playing);
  const [sweeps, setSweeps] = useState<Sweeps | null>(null);
  useEffect(() => {
    if (!scene || scene.lidars.some((lidar) => sensorFrame(lidar, frame) === UNKNOWN_FRAME)) return;
    const known = peekSweeps(scene, stream, frame);
    if (known) setSweeps(known);
    if (known || playing) return;
    let left = false;
    const wanted = scene.lidars.map((lidar) => stream.points(lidar.name, sensorFrame(lidar, frame)));
    Promise.all(wanted).then(
      () => {
        if (!left) setSweeps(peekSweeps(scene, stream, frame));
      },
      () => {}, // the view of the cloud says what is wrong with a sweep
    );
    return () => {
      left = true;
    };
  }, [scene, stream, frame, playing]);
  const ofTrees = useTreeSweeps();
  return useMemo(
    () => (sweeps?.frame === frame ? { frame, all: [...sweeps.all, ...ofTrees] } : null),
    [sweeps, frame, ofTrees],
  );
}

/** Over all lidars: counts add up, and a gap is the smallest. */
export function insideOf(sweeps: Sweeps, cuboid: Cuboid): Inside {
  const parts = sweeps.all.map(({ sweep, world_from_sensor }) =>
    pointsInside(sweep.xyz, sweep.count, cuboid, world_from_sensor),
  );
  const gaps = parts.flatMap((part) => (part.gaps_m ? [part.gaps_m] : []));
  const smallest = (face: keyof Gaps): number => Math.min(...gaps.map((gap) => gap[face]));
  return {
    count: parts.reduce((sum, part) => sum + part.count, 0),
    near_count: parts.reduce((sum, part) => sum + part.near_count, 0),
    gaps_m:
      gaps.length === 0
        ? null
        : {
            front: smallest("front"),
            rear: smallest("rear"),
            left: smallest("left"),
            right: smallest("right"),
            top: smallest("top"),
          },
  };
}

/** Points in each track's cuboid in the frame shown; tracks without a cuboid there are left out. */
export function usePointCounts(tracks: readonly Track[]): ReadonlyMap<string, number> {
  const time_ns = useApp((state) => state.scene?.clock.time_ns);
  const playing = useApp((state) => state.playing);
  const sweeps = useSweeps();
  const [counts, setCounts] = useState<ReadonlyMap<string, number>>(new Map());
  useEffect(() => {
    if (!sweeps || !time_ns || playing || sweeps.all.length === 0) {
      setCounts((before) => (before.size === 0 ? before : new Map()));
      return;
    }
    const timer = setTimeout(() => {
      const next = new Map<string, number>();
      for (const track of tracks) {
        const cuboid = track.kind === "cuboid" ? cuboidAt(track, sweeps.frame, time_ns) : null;
        if (cuboid) next.set(track.id, insideOf(sweeps, cuboid).count);
      }
      setCounts(next);
    }, 30);
    return () => clearTimeout(timer);
  }, [tracks, sweeps, time_ns, playing]);
  return counts;
}
