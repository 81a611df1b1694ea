/**
 * Rigid poses: where one frame of reference stands in another.
 *
 * A pose called `a_from_b` maps coordinates in b to coordinates in a. Rotations are unit
 * quaternions, scalar first; of q and -q the one whose first number that is not 0 is above 0 is kept.
 * Yaw is about +z, counter-clockwise from +x, in (-pi, pi].
 */

import type { Pose, Quat, Vec3 } from "../state/model";

const SMALL_SINE = 1e-12;

export const IDENTITY: Pose = { rotation_wxyz: [1, 0, 0, 0], translation_m: [0, 0, 0] };

/** A pose with its one canonical quaternion, brought to norm 1. */
export const makePose = (rotation_wxyz: Quat, translation_m: Vec3): Pose => ({
  rotation_wxyz: canonical(rotation_wxyz),
  translation_m,
});

/** A pose that only turns about +z. */
export const fromYaw = (yaw_rad: number, translation_m: Vec3 = [0, 0, 0]): Pose =>
  makePose([Math.cos(yaw_rad / 2), 0, 0, Math.sin(yaw_rad / 2)], translation_m);

/** The wire's seven numbers: w, x, y, z, then the translation. */
export const fromNumbers = (numbers: readonly number[]): Pose => {
  const [w = 1, x = 0, y = 0, z = 0, tx = 0, ty = 0, tz = 0] = numbers;
  return makePose([w, x, y, z], [tx, ty, tz]);
};

/** `a_from_c` of `a_from_b` and `b_from_c`. */
export const compose = (a_from_b: Pose, b_from_c: Pose): Pose =>
  makePose(multiply(a_from_b.rotation_wxyz, b_from_c.rotation_wxyz), apply(a_from_b, b_from_c.translation_m));

/** `b_from_a` of `a_from_b`. */
export const inverse = (a_from_b: Pose): Pose => {
  const back = conjugate(a_from_b.rotation_wxyz);
  const [x, y, z] = rotate(back, a_from_b.translation_m);
  return makePose(back, [-x, -y, -z]);
};

/** A point of b as a point of a. */
export const apply = (a_from_b: Pose, point: Vec3): Vec3 => {
  const [x, y, z] = rotate(a_from_b.rotation_wxyz, point);
  const [tx, ty, tz] = a_from_b.translation_m;
  return [x + tx, y + ty, z + tz];
};

/** Heading of b's +x seen from a. */
export const yawOf = (pose: Pose): number => {
  const [w, x, y, z] = pose.rotation_wxyz;
  return wrapAngle(Math.atan2(2 * (x * y + w * z), 1 - 2 * (y * y + z * z)));
};

/** The pose turned about its own +z. */
export const turned = (pose: Pose, angle_rad: number): Pose => compose(pose, fromYaw(angle_rad));

/** The pose moved along its own axes. */
export const moved = (pose: Pose, step_m: Vec3): Pose => ({ ...pose, translation_m: apply(pose, step_m) });

/** The angle of the rotation between two poses, in [0, pi]. */
export const angleBetween = (a: Pose, b: Pose): number => {
  const [w, x, y, z] = multiply(conjugate(a.rotation_wxyz), b.rotation_wxyz);
  return 2 * Math.atan2(Math.sqrt(x * x + y * y + z * z), Math.abs(w));
};

/** The same angle in (-pi, pi]. */
export const wrapAngle = (angle_rad: number): number => {
  const turn = 2 * Math.PI;
  const wrapped = angle_rad - turn * Math.round(angle_rad / turn);
  return wrapped <= -Math.PI ? Math.PI : wrapped;
};

/** The rotation a share of the way from a to b by the shorter arc (K. Shoemake, SIGGRAPH 1985). */
export const slerp = (a: Quat, b: Quat, share: number): Quat => {
  let [w, x, y, z] = multiply(conjugate(a), b);
  if (w < 0) [w, x, y, z] = [-w, -x, -y, -z];
  const sine = Math.sqrt(x * x + y * y + z * z);
  const half = Math.atan2(sine, w) * share;
  const scale = sine > SMALL_SINE ? Math.sin(half) / sine : share;
  return canonical(multiply(a, [Math.cos(half), x * scale, y * scale, z * scale]));
};

/** The Hamilton product: first b's rotation, then a's. */
export const multiply = (a: Quat, b: Quat): Quat => {
  const [aw, ax, ay, az] = a;
  const [bw, bx, by, bz] = b;
  return [
    aw * bw - ax * bx - ay * by - az * bz,
    aw * bx + ax * bw + ay * bz - az * by,
    aw * by - ax * bz + ay * bw + az * bx,
    aw * bz + ax * by - ay * bx + az * bw,
  ];
};

export const conjugate = ([w, x, y, z]: Quat): Quat => [w, -x, -y, -z];

/** A vector turned by a unit quaternion. */
export const rotate = (q: Quat, v: Vec3): Vec3 => {
  const [w, x, y, z] = q;
  const [vx, vy, vz] = v;
  const cx = 2 * (y * vz - z * vy);
  const cy = 2 * (z * vx - x * vz);
  const cz = 2 * (x * vy - y * vx);
  return [vx + w * cx + y * cz - z * cy, vy + w * cy + z * cx - x * cz, vz + w * cz + x * cy - y * cx];
};

/** The rotation as a matrix, row by row. */
export const rotationMatrix = ([w, x, y, z]: Quat): readonly number[] => [
  1 - 2 * (y * y + z * z),
  2 * (x * y - w * z),
  2 * (x * z + w * y),
  2 * (x * y + w * z),
  1 - 2 * (x * x + z * z),
  2 * (y * z - w * x),
  2 * (x * z - w * y),
  2 * (y * z + w * x),
  1 - 2 * (x * x + y * y),
];

/** Norm 1, and the sign that makes the first number that is not 0 positive. */
export const canonical = (q: Quat): Quat => {
  let [w, x, y, z] = q;
  const norm = Math.sqrt(w * w + x * x + y * y + z * z);
  if (Math.abs(norm - 1) > 1e-12 && norm > 0) [w, x, y, z] = [w / norm, x / norm, y / norm, z / norm];
  const first = w || x || y || z;
  if (first < 0) [w, x, y, z] = [-w, -x, -y, -z];
  return [w + 0, x + 0, y + 0, z + 0]; // + 0 turns -0 into 0: one text per value
};
