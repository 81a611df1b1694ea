/** Which camera shows an object best: large, whole, and near the middle of its image. */

import { cuboidBox } from "../../space/camera";
import { sensorFrame } from "../../space/clock";
import { inverse } from "../../space/pose";
import type { CameraSensor, Cuboid, Scene, State } from "../../state/model";
import { selectedAt } from "../present";

/** How much better another camera must be before the picture changes. */
const WORTH_A_CHANGE = 1.25;

/** How well a camera shows a cuboid in a frame of the scene; 0 is not at all. */
export function visibility(sensor: CameraSensor, frame: number, cuboid: Cuboid): number {
  const world_from_camera = sensor.world_from_sensor[sensorFrame(sensor, frame)];
  if (sensor.camera === null || world_from_camera === undefined) return 0;
  const { visible, truncation } = cuboidBox(sensor.camera, inverse(world_from_camera), cuboid);
  if (visible === null) return 0;
  const [left, top, right, bottom] = visible;
  const area = ((right - left) * (bottom - top)) / (sensor.width_px * sensor.height_px);
  const aside = Math.abs((left + right) / 2 / sensor.width_px - 0.5) * 2;
  return area * (1 - truncation) ** 2 * (1 - 0.35 * aside);
}

/** The camera to show; the one shown now stays unless another is clearly better. */
export function chooseCamera(
  scene: Scene,
  frame: number,
  cuboid: Cuboid | null,
  wanted: string | null,
  current: string | null,
): CameraSensor | null {
  const named = (name: string | null) => scene.cameras.find((camera) => camera.name === name);
  const fixed = named(wanted);
  if (fixed !== undefined) return fixed;
  const now =
    named(current) ?? scene.cameras.find((camera) => camera.camera !== null) ?? scene.cameras[0] ?? null;
  if (cuboid === null || now === null) return now;
  let best = now;
  let most = visibility(now, frame, cuboid) * WORTH_A_CHANGE;
  for (const camera of scene.cameras) {
    const score = visibility(camera, frame, cuboid);
    if (camera === now || score <= most) continue;
    best = camera;
    most = score;
  }
  return best;
}

/** Why the selected object is not on the image. */
export function unseen(state: State): string {
  const { scene, frame } = state;
  if (scene === null || state.selected === null) return "";
  const present = selectedAt(state, frame);
  if (present === null) return "";
  const seen = scene.cameras.filter((camera) => visibility(camera, frame, present.cuboid) > 0);
  if (seen.length > 0) return `${present.chip} is seen by ${seen.map((camera) => camera.name).join(", ")}`;
  return scene.cameras.length > 1
    ? `${present.chip} is outside the view of every camera`
    : `${present.chip} is outside this camera's view`;
}
