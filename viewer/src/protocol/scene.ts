/** The scene document of the server as the viewer's `Scene`. */

import { fromNumbers } from "../space/pose";
import type { CameraSensor, Clock, Lidar, Scene, Vec3, VideoStream } from "../state/model";
import type { WireCamera, WireLidar, WireScene } from "./wire";

/** The scene that a document describes. */
export const sceneFromDocument = (document: WireScene): Scene => {
  const lidars = document.lidars.map(lidarFromDocument);
  const cameras = document.cameras.map(cameraFromDocument);
  const reference = [...lidars, ...cameras].find((sensor) => sensor.name === document.reference);
  return {
    name: document.name,
    generation: document.generation,
    state: document.state,
    frame_count: document.frame_count,
    ready_frame_count: document.ready_frame_count,
    reference: document.reference,
    clock: reference?.clock ?? EMPTY_CLOCK,
    start_ns: document.start_ns,
    lidars,
    cameras,
    classes: document.schema.classes.map((each) => ({
      name: each.name,
      title: each.title,
      color: each.color,
      size_m: vector(each.size_m),
      spread_m: vector(each.spread_m),
    })),
  };
};

const EMPTY_CLOCK: Clock = { time_ns: [], names: [] };

const lidarFromDocument = (document: WireLidar): Lidar => ({
  name: document.name,
  clock: document.clock,
  ego_from_sensor: fromNumbers(document.ego_from_sensor),
  world_from_sensor: document.world_from_sensor.map(fromNumbers),
  fields: document.fields,
  has_intensity: document.has_intensity,
  points_per_block: document.points_per_block,
  blocks: document.blocks.frame.map((frame, n) => ({
    frame,
    count: document.blocks.count[n] ?? 0,
    origin_m: vector(document.blocks.origin_m[n] ?? []),
    scale_m: document.blocks.scale_m[n] ?? 1,
  })),
});

const cameraFromDocument = (document: WireCamera): CameraSensor => ({
  name: document.name,
  clock: document.clock,
  ego_from_sensor: fromNumbers(document.ego_from_sensor),
  world_from_sensor: document.world_from_sensor.map(fromNumbers),
  width_px: document.width_px,
  height_px: document.height_px,
  media: document.media,
  camera: document.camera,
  stream: streamFromDocument(document),
});

const streamFromDocument = ({ stream, index }: WireCamera): VideoStream | null =>
  stream && index
    ? { ...stream, time_base: [stream.time_base[0] ?? 1, stream.time_base[1] ?? 1], index }
    : null;

const vector = ([x = 0, y = 0, z = 0]: readonly number[]): Vec3 => [x, y, z];
