/** The scene document of the server as the viewer's `Scene`. */

import { fromNumbers } from "../space/pose";
import type { Block, CameraSensor, Lidar, Scene, SensorFrames, Vec3 } from "../state/model";
import type { WireCamera, WireLidar, WireScene } from "./wire";

/** Where what belongs to a sensor's frames is kept. */
export type TableOf = (sensor: string) => Omit<SensorFrames, "name" | "frame_count"> & Pick<Lidar, "blocks">;
export type LoadBlocks = (sensor: string, frame: number) => Promise<readonly Block[]>;

/** The scene that a document describes; what belongs to its frames is in the tables. */
export const sceneFromDocument = (document: WireScene, tableOf: TableOf, loadBlocks: LoadBlocks): Scene => {
  const lidars = document.lidars.map((each) => lidarFromDocument(each, tableOf(each.name), loadBlocks));
  const cameras = document.cameras.map((each) => cameraFromDocument(each, tableOf(each.name)));
  return {
    name: document.name,
    generation: document.generation,
    state: document.state,
    frame_count: document.frame_count,
    ready_frame_count: document.ready_frame_count,
    page_frames: document.page_frames,
    reference: document.reference,
    clock: tableOf(document.reference).clock,
    start_ns: document.start_ns,
    ego_poses: typeof document.meta.ego_poses === "string" ? document.meta.ego_poses : undefined,
    lidars,
    cameras,
    classes: document.schema.classes.map((each) => ({
      name: each.name,
      title: each.title,
      color: each.color,
      size_m: vector(each.size_m),
      spread_m: vector(each.spread_m),
    })),
    schema_version: document.schema.version,
  };
};

const lidarFromDocument = (
  document: WireLidar,
  table: ReturnType<TableOf>,
  loadBlocks: LoadBlocks,
): Lidar => ({
  name: document.name,
  frame_count: document.frame_count,
  clock: table.clock,
  match: table.match,
  world_from_sensor: table.world_from_sensor,
  ego_from_sensor: fromNumbers(document.ego_from_sensor),
  fields: document.fields,
  has_intensity: document.has_intensity,
  points_per_block: document.points_per_block,
  coding: document.coding,
  has_octree: document.has_octree,
  blocks: table.blocks,
  loadBlocks: (frame) => loadBlocks(document.name, frame),
});

const cameraFromDocument = (document: WireCamera, table: ReturnType<TableOf>): CameraSensor => ({
  name: document.name,
  frame_count: document.frame_count,
  clock: table.clock,
  match: table.match,
  world_from_sensor: table.world_from_sensor,
  ego_from_sensor: fromNumbers(document.ego_from_sensor),
  width_px: document.width_px,
  height_px: document.height_px,
  media: document.media,
  camera: document.camera,
  stream: document.stream && {
    ...document.stream,
    time_base: [document.stream.time_base[0] ?? 1, document.stream.time_base[1] ?? 1],
  },
});

const vector = ([x = 0, y = 0, z = 0]: readonly number[]): Vec3 => [x, y, z];
