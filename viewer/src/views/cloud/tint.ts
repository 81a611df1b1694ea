/** The colour each point has in the cameras' images; what stands between is not looked for. */

import { isInImage, projectPoint } from "../../space/camera";
import { sensorFrame } from "../../space/clock";
import { compose, inverse, rotationMatrix } from "../../space/pose";
import type { CameraModel, Lidar, Pose, Scene, Vec3 } from "../../state/model";
import type { DataStream, Sweep } from "../context";

/** An image as numbers, smaller than it was: `scale` is its pixels for each of the camera's. */
export interface Picture {
  readonly camera: CameraModel;
  readonly world_from_camera: Pose;
  readonly pixels: Uint8ClampedArray;
  readonly width: number;
  readonly height: number;
  readonly scale: number;
}

const WIDEST_PX = 1024;

/** The images of a frame, from every calibrated camera. */
export async function picturesAt(scene: Scene, frame: number, stream: DataStream): Promise<Picture[]> {
  const loaded = scene.cameras.map(async (sensor): Promise<Picture | null> => {
    const own = sensorFrame(sensor, frame);
    const world_from_camera = sensor.world_from_sensor[own];
    if (sensor.camera === null || world_from_camera === undefined) return null;
    const image = await stream.image(sensor.name, own);
    const scale = Math.min(1, WIDEST_PX / image.width);
    const [width, height] = [Math.round(image.width * scale), Math.round(image.height * scale)];
    const context = new OffscreenCanvas(width, height).getContext("2d", { willReadFrequently: true });
    if (context === null) return null;
    context.drawImage(image, 0, 0, width, height);
    const { data } = context.getImageData(0, 0, width, height);
    return { camera: sensor.camera, world_from_camera, pixels: data, width, height, scale };
  });
  const found = await Promise.allSettled(loaded);
  return found.flatMap((one) => (one.status === "fulfilled" && one.value !== null ? [one.value] : []));
}

/** Fills `out`, (count, 4) bytes: the colour of the first image that holds the point, 255; else zeros. */
export function tint(
  pictures: readonly Picture[],
  sweep: Sweep,
  lidar: Lidar,
  frame: number,
  out: Uint8Array,
): void {
  out.fill(0, 0, sweep.count * 4);
  const world_from_lidar = lidar.world_from_sensor[frame];
  if (world_from_lidar === undefined) return;
  for (const picture of pictures) paint(picture, sweep, world_from_lidar, out);
}

function paint(picture: Picture, sweep: Sweep, world_from_lidar: Pose, out: Uint8Array): void {
  const { camera, pixels, width, height, scale } = picture;
  const { rotation_wxyz, translation_m } = compose(inverse(picture.world_from_camera), world_from_lidar);
  const r = rotationMatrix(rotation_wxyz);
  const straight = camera.model === "pinhole";
  for (let n = 0; n < sweep.count; n++) {
    if (out[n * 4 + 3] !== 0) continue;
    const [sx, sy, sz] = [sweep.xyz[n * 3]!, sweep.xyz[n * 3 + 1]!, sweep.xyz[n * 3 + 2]!];
    const x = r[0]! * sx + r[1]! * sy + r[2]! * sz + translation_m[0];
    const y = r[3]! * sx + r[4]! * sy + r[5]! * sz + translation_m[1];
    const z = r[6]! * sx + r[7]! * sy + r[8]! * sz + translation_m[2];
    let [u, v] = [0, 0];
    if (straight) {
      if (z < 0.05) continue;
      u = (x / z) * camera.fx_px + camera.cx_px;
      v = (y / z) * camera.fy_px + camera.cy_px;
      if (u < 0 || v < 0 || u > camera.width_px - 1 || v > camera.height_px - 1) continue;
    } else {
      const pixel = projectPoint(camera, [x, y, z] satisfies Vec3);
      if (pixel === null || !isInImage(camera, pixel)) continue;
      [u, v] = pixel;
    }
    const [column, row] = [Math.floor((u + 0.5) * scale), Math.floor((v + 0.5) * scale)];
    const from = (Math.min(row, height - 1) * width + Math.min(column, width - 1)) * 4;
    out[n * 4] = pixels[from]!;
    out[n * 4 + 1] = pixels[from + 1]!;
    out[n * 4 + 2] = pixels[from + 2]!;
    out[n * 4 + 3] = 255;
  }
}
