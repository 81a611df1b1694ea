/** The points of maps around the cuboids of the frame shown, node by node. */

import { useEffect, useState } from "react";
import { cuboidAt } from "../../space/interpolate";
import { apply, inverse } from "../../space/pose";
import type { Cuboid, State } from "../../state/model";
import type { StateStore } from "../../state/store";
import { nodesNear, type Trees, type Wanted } from "../../stream/octree";
import { type TreeCloud, treeClouds } from "../../views/sources";
import { useApp, useSession } from "../session/context";
import type { PlacedSweep } from "./sweeps";

const MOST_CUBOIDS = 200;
const BEYOND_M = 1; // what lies near a cuboid counts for its gaps
const GATHER_MS = 150;
const NONE: readonly PlacedSweep[] = [];

/** Those at hand; more follow. Of a scene without maps there are none. */
export function useTreeSweeps(): readonly PlacedSweep[] {
  const { store, stream } = useSession();
  const labels = useApp((state) => state.labels);
  const frame = useApp((state) => state.frame);
  const scene = useApp((state) => state.scene);
  const playing = useApp((state) => state.playing);
  const [sweeps, setSweeps] = useState(NONE);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the state is read when these of its parts change
  useEffect(() => {
    if (playing || !scene?.lidars.some((lidar) => lidar.has_octree)) {
      setSweeps(NONE);
      return;
    }
    const leaving = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const gather = (): void => {
      timer = undefined;
      if (leaving.signal.aborted) return;
      const found = aroundCuboids(store, stream.trees);
      setSweeps(found.at_hand);
      for (const wanted of found.missing)
        stream.trees.request(wanted, leaving.signal).then(later, () => undefined);
    };
    const later = (): void => {
      timer ??= setTimeout(gather, GATHER_MS);
    };
    const clouds = ownClouds(store.getState());
    Promise.all(clouds.map(({ source }) => stream.trees.open(source))).then(gather, () => undefined);
    return () => {
      leaving.abort();
      clearTimeout(timer);
    };
  }, [store, stream, labels, frame, scene, playing]);
  return sweeps;
}

const ownClouds = (state: State): readonly TreeCloud[] =>
  treeClouds({ ...state, view: { ...state.view, cloud_source: "frame" } }, state.frame);

function aroundCuboids(
  store: StateStore,
  trees: Trees,
): { at_hand: readonly PlacedSweep[]; missing: readonly Wanted[] } {
  const state = store.getState();
  const time_ns = state.scene?.clock.time_ns ?? [];
  const cuboids = [...state.labels.tracks.values()]
    .map((track): Cuboid | null => (track.kind === "cuboid" ? cuboidAt(track, state.frame, time_ns) : null))
    .filter((cuboid) => cuboid !== null)
    .slice(0, MOST_CUBOIDS);
  const at_hand: PlacedSweep[] = [];
  const missing: Wanted[] = [];
  for (const { source, world_from_cloud } of ownClouds(state)) {
    const tree = trees.find(source);
    if (tree === null) continue;
    const cloud_from_world = inverse(world_from_cloud);
    const nodes = new Set(
      cuboids.flatMap(({ pose, size_m }) =>
        nodesNear(tree, apply(cloud_from_world, pose.translation_m), Math.hypot(...size_m) / 2 + BEYOND_M),
      ),
    );
    for (const node of nodes) {
      const sweep = trees.peek({ tree, node });
      if (sweep === null) missing.push({ tree, node });
      else at_hand.push({ sweep, world_from_sensor: world_from_cloud });
    }
  }
  return { at_hand, missing };
}
