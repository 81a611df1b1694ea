/**
 * World axes become three.js axes here, and nowhere else.
 *
 * What three.js draws is the *stage*: the ego's place at a frame, turned by its heading but kept level,
 * x ahead, y to the left, z up (three.js is told that up is +z, nothing is swapped). The stage moves with
 * the ego, so coordinates stay small enough for float32 and a resting camera rides along.
 */

import type { Matrix4 } from "three";
import type { Pose, Scene, Vec3 } from "../state/model";
import { compose, fromYaw, IDENTITY, inverse, rotationMatrix, yawOf } from "./pose";

/** Which way is up on the stage, for every three.js camera. */
export const UP: Vec3 = [0, 0, 1];

/** `world_from_stage` at a frame: where the ego is, level. */
export function stageAt(scene: Scene, frame: number): Pose {
  const sensor =
    scene.lidars.find((lidar) => lidar.name === scene.reference) ??
    scene.cameras.find((camera) => camera.name === scene.reference);
  const world_from_sensor = sensor?.world_from_sensor[frame];
  if (sensor === undefined || world_from_sensor === undefined) return IDENTITY;
  const world_from_ego = compose(world_from_sensor, inverse(sensor.ego_from_sensor));
  return fromYaw(yawOf(world_from_ego), world_from_ego.translation_m);
}

/** A pose on the stage as a three.js matrix. */
export function writeMatrix(pose: Pose, out: Matrix4): Matrix4 {
  const r = rotationMatrix(pose.rotation_wxyz);
  const [x, y, z] = pose.translation_m;
  return out.set(r[0]!, r[1]!, r[2]!, x, r[3]!, r[4]!, r[5]!, y, r[6]!, r[7]!, r[8]!, z, 0, 0, 0, 1);
}
