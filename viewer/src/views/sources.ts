/** Which clouds are octrees at a frame: maps, and the merged cloud where one is shown. */

import { sensorFrame, UNKNOWN_FRAME } from "../space/clock";
import { compose } from "../space/pose";
import type { Lidar, Pose, State } from "../state/model";
import type { TreeSource } from "../stream/octree";
import { selectedAt } from "./present";

export interface TreeCloud {
  readonly source: TreeSource;
  readonly world_from_cloud: Pose;
  readonly has_intensity: boolean;
  /** What its points can be coloured by beside, each with its type. */
  readonly fields: Lidar["fields"];
  stageFrom(stage_from_world: Pose): Pose;
}

/** What each point of a merged cloud has beside its intensity: which frame it is of. */
export const MERGED_FIELDS: Lidar["fields"] = [{ name: "frame", type: "int32" }];

/** Whether the points of the frame itself give way to a merged cloud. */
export const isMerged = ({ merged, view }: State): boolean =>
  view.cloud_source !== "frame" && merged?.cloud != null && merged.kind === view.cloud_source;

export function treeClouds(state: State, frame: number): readonly TreeCloud[] {
  const { scene, merged } = state;
  if (scene === null) return [];
  if (isMerged(state) && merged?.cloud) {
    const { cloud } = merged;
    const own = merged.kind === "object" ? selectedAt(state, frame)?.cuboid.pose : cloud.world_from_cloud;
    if (own === undefined) return [];
    const place = { scene: scene.name, generation: cloud.generation, sensor: cloud.sensor };
    return [cloudAt({ place, frame: 0, coding: cloud.coding }, own, cloud.has_intensity, MERGED_FIELDS)];
  }
  return scene.lidars.flatMap((lidar) => {
    const own = sensorFrame(lidar, frame);
    const pose = lidar.world_from_sensor[own];
    if (!lidar.has_octree || own === UNKNOWN_FRAME || pose === undefined) return [];
    const place = { scene: scene.name, generation: scene.generation, sensor: lidar.name };
    return [cloudAt({ place, frame: own, coding: lidar.coding }, pose, lidar.has_intensity, lidar.fields)];
  });
}

const cloudAt = (
  source: TreeSource,
  world_from_cloud: Pose,
  has_intensity: boolean,
  fields: Lidar["fields"],
): TreeCloud => ({
  source,
  world_from_cloud,
  has_intensity,
  fields,
  stageFrom: (stage_from_world) => compose(stage_from_world, world_from_cloud),
});
