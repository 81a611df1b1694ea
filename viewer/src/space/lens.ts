/**
 * Lens distortion: where a ray falls on the plane at distance 1, and back.
 *
 * The models and the order of their coefficients are OpenCV's: plumb_bob k1 k2 p1 p2 k3, rational
 * k1 k2 p1 p2 k3 k4 k5 k6, fisheye k1 k2 k3 k4. Beyond the radius at which a polynomial turns back,
 * points would fold into the image: there the lens sees nothing.
 */

import type { CameraModel, Vec3 } from "../state/model";
import { derivative, evaluate, firstPositiveRoot, product, shifted, sum } from "./roots";

export type Flat = readonly [number, number];

const NEWTON_STEPS = 30;
const TABLE_SIZE = 256;
const WIDEST = 20;
const limits = new WeakMap<CameraModel, number>();

/** The largest r = hypot(x, y) / z, or for a fisheye the largest angle, at which the lens spreads outward. */
export const lensLimit = (camera: CameraModel): number => {
  const known = limits.get(camera);
  if (known !== undefined) return known;
  const limit = computeLimit(camera);
  limits.set(camera, limit);
  return limit;
};

/** Where a point in front of a lens falls, null for one the lens cannot see. */
export const distort = (camera: CameraModel, [x, y, z]: Vec3): Flat | null => {
  if (camera.model === "fisheye") {
    const across = Math.hypot(x, y);
    const angle = Math.atan2(across, z);
    if (!(angle <= lensLimit(camera)) || (across === 0 && z <= 0)) return null;
    const scale = fisheyeAngle(camera.distortion, angle) / (across > 0 ? across : 1);
    return [x * scale, y * scale];
  }
  if (!(z > 0)) return null;
  const flat: Flat = [x / z, y / z];
  if (camera.model === "pinhole") return flat;
  const { place, determinant } = spread(camera, flat);
  return Math.hypot(flat[0], flat[1]) > lensLimit(camera) || !(determinant > 0) ? null : place;
};

/** The ray (a unit vector) that falls on a place of the plane at distance 1, null where none does. */
export const undistort = (camera: CameraModel, image: Flat): Vec3 | null => {
  if (camera.model === "fisheye") return undistortFisheye(camera, image);
  const flat = camera.model === "pinhole" ? image : undistortFlat(camera, image);
  if (!flat) return null;
  const norm = Math.hypot(flat[0], flat[1], 1);
  return [flat[0] / norm, flat[1] / norm, 1 / norm];
};

const computeLimit = (camera: CameraModel): number => {
  if (camera.model === "pinhole") return Number.POSITIVE_INFINITY;
  if (camera.model === "fisheye") {
    const [k1 = 0, k2 = 0, k3 = 0, k4 = 0] = camera.distortion;
    return Math.min(Math.PI, Math.sqrt(firstPositiveRoot([1, 3 * k1, 5 * k2, 7 * k3, 9 * k4])));
  }
  const { above, below } = radial(camera);
  const slope = sum(
    product(sum(above, shifted(derivative(above)), 2), below),
    shifted(product(above, derivative(below))),
    -2,
  );
  return Math.sqrt(Math.min(firstPositiveRoot(slope), firstPositiveRoot(below)));
};

/** Numerator and denominator of the radial scale in s = r squared. */
const radial = ({ model, distortion }: CameraModel): { above: number[]; below: number[] } => {
  const [k1 = 0, k2 = 0, , , k3 = 0, k4 = 0, k5 = 0, k6 = 0] = distortion;
  return { above: [1, k1, k2, k3], below: model === "rational" ? [1, k4, k5, k6] : [1] };
};

interface Spread {
  readonly place: Flat;
  readonly jacobian: readonly [number, number, number];
  readonly determinant: number;
}

/** The distorted place, and its symmetric Jacobian as xx, xy, yy. */
const spread = (camera: CameraModel, [x, y]: Flat): Spread => {
  const { above, below } = radial(camera);
  const [, , p1 = 0, p2 = 0] = camera.distortion;
  const s = x * x + y * y;
  const bottom = evaluate(below, s);
  const scale = evaluate(above, s) / bottom;
  const slope = (evaluate(derivative(above), s) - scale * evaluate(derivative(below), s)) / bottom;
  const xx = scale + 2 * x * x * slope + 2 * p1 * y + 6 * p2 * x;
  const xy = 2 * x * y * slope + 2 * p1 * x + 2 * p2 * y;
  const yy = scale + 2 * y * y * slope + 6 * p1 * y + 2 * p2 * x;
  return {
    place: [
      x * scale + 2 * p1 * x * y + p2 * (s + 2 * x * x),
      y * scale + p1 * (s + 2 * y * y) + 2 * p2 * x * y,
    ],
    jacobian: [xx, xy, yy],
    determinant: xx * yy - xy * xy,
  };
};

const undistortFlat = (camera: CameraModel, image: Flat): Flat | null => {
  const limit = lensLimit(camera);
  const radius = Math.hypot(image[0], image[1]);
  const { above, below } = radial(camera);
  const reach = (r: number): number => (r * evaluate(above, r * r)) / evaluate(below, r * r);
  const start = startingPoint(radius, Math.min(limit, WIDEST), reach) / (radius > 0 ? radius : 1);
  let [x, y] = [image[0] * start, image[1] * start];
  for (let step = 0; step < NEWTON_STEPS; step++) {
    const { place, jacobian, determinant } = spread(camera, [x, y]);
    const miss: Flat = [place[0] - image[0], place[1] - image[1]];
    if (Math.abs(miss[0]) <= 1e-14 && Math.abs(miss[1]) <= 1e-14) break;
    if (!(Math.abs(determinant) > 1e-12)) return null;
    const [xx, xy, yy] = jacobian;
    x -= (yy * miss[0] - xy * miss[1]) / determinant;
    y -= (xx * miss[1] - xy * miss[0]) / determinant;
  }
  const { place, determinant } = spread(camera, [x, y]);
  const found = Math.hypot(place[0] - image[0], place[1] - image[1]) < 1e-9;
  return found && Math.hypot(x, y) <= limit * (1 + 1e-9) && determinant > 0 ? [x, y] : null;
};

const undistortFisheye = (camera: CameraModel, image: Flat): Vec3 | null => {
  const limit = lensLimit(camera);
  const radius = Math.hypot(image[0], image[1]);
  const [k1 = 0, k2 = 0, k3 = 0, k4 = 0] = camera.distortion;
  let angle = startingPoint(radius, limit, (at) => fisheyeAngle(camera.distortion, at));
  for (let step = 0; step < NEWTON_STEPS; step++) {
    const s = angle * angle;
    const slope = 1 + s * (3 * k1 + s * (5 * k2 + s * (7 * k3 + s * 9 * k4)));
    const miss = fisheyeAngle(camera.distortion, angle) - radius;
    if (Math.abs(miss) <= 1e-15) break;
    angle = Math.min(Math.max(angle - miss / Math.max(slope, 1e-12), 0), limit);
  }
  if (!(Math.abs(fisheyeAngle(camera.distortion, angle) - radius) < 1e-9)) return null;
  const across = Math.sin(angle) / (radius > 0 ? radius : 1);
  return [image[0] * across, image[1] * across, Math.cos(angle)];
};

/** Where a rising function reaches a value, read from a table: a start for Newton's method. */
const startingPoint = (value: number, last: number, reach: (at: number) => number): number => {
  let before = 0;
  for (let n = 1; n < TABLE_SIZE; n++) {
    const at = (last * n) / (TABLE_SIZE - 1);
    const [low, high] = [reach(before), reach(at)];
    if (high >= value) return before + (at - before) * (high > low ? (value - low) / (high - low) : 0);
    before = at;
  }
  return last;
};

const fisheyeAngle = ([k1 = 0, k2 = 0, k3 = 0, k4 = 0]: readonly number[], angle: number): number => {
  const s = angle * angle;
  return angle * (1 + s * (k1 + s * (k2 + s * (k3 + s * k4))));
};
