/**
 * From points in front of a lens to pixels, and back to rays.
 *
 * The camera frame is OpenCV's: x right, y down, z forward. Pixel coordinates are 0-based and (0, 0)
 * is the centre of the top left pixel, so the image is [0, width - 1] x [0, height - 1].
 */

import type { CameraModel, Vec3 } from "../state/model";
import { distort, undistort } from "./lens";

export type Pixel = readonly [number, number];

/** The pixel of a point of the camera frame, in the image or not; null for one the lens cannot see. */
export const projectPoint = (camera: CameraModel, point_camera: Vec3): Pixel | null => {
  const flat = distort(camera, point_camera);
  if (!flat) return null;
  const [x, y] = [flat[0] * camera.fx_px + camera.cx_px, flat[1] * camera.fy_px + camera.cy_px];
  return Number.isFinite(x) && Number.isFinite(y) ? [x, y] : null;
};

export const projectPoints = (camera: CameraModel, points_camera: readonly Vec3[]): (Pixel | null)[] =>
  points_camera.map((point) => projectPoint(camera, point));

/** The ray through a pixel as a unit vector of the camera frame; null where no ray of the lens falls. */
export const rayThrough = (camera: CameraModel, [x, y]: Pixel): Vec3 | null =>
  undistort(camera, [(x - camera.cx_px) / camera.fx_px, (y - camera.cy_px) / camera.fy_px]);

/** Whether a pixel lies in the image, its outermost pixel centres included. */
export const isInImage = (camera: CameraModel, [x, y]: Pixel): boolean =>
  x >= 0 && x <= camera.width_px - 1 && y >= 0 && y <= camera.height_px - 1;
