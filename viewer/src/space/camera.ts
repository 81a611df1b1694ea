/**
 * Cuboids on images: the edges to draw, and the box around what is seen; as the server computes them.
 *
 * Without distortion a straight edge stays straight, so clipping its ends is exact. Behind a
 * distorting lens an edge is drawn as a chain of short pieces.
 */

import type { Box, CameraModel, Cuboid, Pose, Vec3 } from "../state/model";
import { areaOf, boundsOf, clipPolygon, clipSegment, convexHull } from "./clip";
import { corners, EDGES } from "./cuboid";
import { type Pixel, projectPoint, rayThrough } from "./pixels";
import { apply, compose, conjugate, inverse, rotate } from "./pose";

export { isInImage, type Pixel, projectPoint, projectPoints, rayThrough } from "./pixels";

/** What is nearer to the plane of the lens than this is cut off. */
export const NEAR_M = 0.05;

const PIECES = 32;
const BISECTIONS = 40;
const RIM_STEPS = 24;
const FACE_EPSILON = 1e-12;

/** The visible parts of a cuboid's 12 edges within the image, hidden lines included. */
export const projectCuboid = (camera: CameraModel, camera_from_frame: Pose, cuboid: Cuboid): Pixel[][] => {
  const lines: Pixel[][] = [];
  for (const chain of edgeChains(camera, camera_from_frame, cuboid)) lines.push(...clipChain(chain, camera));
  return lines;
};

export interface SeenBox {
  /** Around what lies in the image. */
  readonly visible: Box | null;
  /** Around all in front of the camera, as if the image had no border. */
  readonly whole: Box | null;
  /** The share of the whole that is not visible. */
  readonly truncation: number;
}

/** The box around the part of a cuboid that a camera sees. */
export const cuboidBox = (camera: CameraModel, camera_from_frame: Pose, cuboid: Cuboid): SeenBox => {
  const places = edgeChains(camera, camera_from_frame, cuboid).flat();
  if (camera.model !== "pinhole") places.push(...rimHits(camera, camera_from_frame, cuboid));
  const whole = boundsOf(places);
  if (!whole) return { visible: null, whole: null, truncation: 1 };
  const visible = boundsOf(clipPolygon(convexHull(places), camera));
  if (!visible) return { visible: null, whole, truncation: 1 };
  const area = areaOf(whole);
  const truncation = area > 0 ? Math.min(Math.max(1 - areaOf(visible) / area, 0), 1) : 0;
  return { visible, whole, truncation };
};

/** A closed polygon of camera-frame points as pixels, cut at the near plane (for filled faces); [] when behind. */
export const projectPolygon = (camera: CameraModel, polygon_camera: readonly Vec3[]): Pixel[] => {
  const kept: Vec3[] = [];
  polygon_camera.forEach((point, n) => {
    const before = polygon_camera[(n + polygon_camera.length - 1) % polygon_camera.length]!;
    if (point[2] >= NEAR_M !== before[2] >= NEAR_M) {
      kept.push(between(before, point, (NEAR_M - before[2]) / (point[2] - before[2])));
    }
    if (point[2] >= NEAR_M) kept.push(point);
  });
  const pixels = kept.map((point) => projectPoint(camera, point));
  return pixels.every((pixel) => pixel !== null) ? pixels : [];
};

/** Chains of pixels of the parts of the edges that the lens can see. */
const edgeChains = (camera: CameraModel, camera_from_frame: Pose, cuboid: Cuboid): Pixel[][] => {
  const places = corners(cuboid).map((corner) => apply(camera_from_frame, corner));
  const chains: Pixel[][] = [];
  for (const [first, second] of EDGES) {
    const [a, b] = [places[first]!, places[second]!];
    const runs = camera.model === "pinhole" ? nearRun(a[2], b[2]) : lensRuns(camera, a, b);
    for (const shares of runs) {
      const chain = shares.map((share) => projectPoint(camera, between(a, b, share)));
      const seen = chain.filter((pixel) => pixel !== null);
      if (seen.length > 0) chains.push(seen);
    }
  }
  return chains;
};

/** Shares of an edge between which it is in front of the near plane. */
const nearRun = (start_z: number, end_z: number): number[][] => {
  if (start_z < NEAR_M && end_z < NEAR_M) return [];
  if (start_z >= NEAR_M && end_z >= NEAR_M) return [[0, 1]];
  const cut = (NEAR_M - start_z) / (end_z - start_z);
  return start_z < NEAR_M ? [[cut + 1e-12, 1]] : [[0, cut - 1e-12]];
};

/** Shares of the pieces of an edge, a run for each part in the lens. */
const lensRuns = (camera: CameraModel, a: Vec3, b: Vec3): number[][] => {
  const shares = Array.from({ length: PIECES + 1 }, (_, n) => n / PIECES);
  const inLens = shares.map((share) => isInLens(camera, between(a, b, share)));
  const runs: number[][] = [];
  for (let start = 0; start <= PIECES; start++) {
    if (!inLens[start] || inLens[start - 1]) continue;
    let end = start;
    while (end <= PIECES && inLens[end]) end += 1;
    const run = shares.slice(start, end);
    if (start > 0) run.unshift(lastSeen(camera, a, b, shares[start]!, shares[start - 1]!));
    if (end <= PIECES) run.push(lastSeen(camera, a, b, shares[end - 1]!, shares[end]!));
    runs.push(run);
  }
  return runs;
};

const isInLens = (camera: CameraModel, point: Vec3): boolean => {
  const distance = camera.model === "fisheye" ? Math.hypot(...point) : point[2];
  return distance >= NEAR_M && projectPoint(camera, point) !== null;
};

const lastSeen = (camera: CameraModel, a: Vec3, b: Vec3, inside: number, outside: number): number => {
  let [seen, unseen] = [inside, outside];
  for (let step = 0; step < BISECTIONS; step++) {
    const middle = (seen + unseen) / 2;
    if (isInLens(camera, between(a, b, middle))) seen = middle;
    else unseen = middle;
  }
  return seen;
};

/** Pixels of the image's border behind which the cuboid lies: a face may fill the view without an edge in it. */
const rimHits = (camera: CameraModel, camera_from_frame: Pose, cuboid: Cuboid): Pixel[] => {
  const [right, bottom] = [camera.width_px - 1, camera.height_px - 1];
  const rim: Pixel[] = [];
  for (let n = 0; n < RIM_STEPS; n++) {
    const [x, y] = [(right * n) / (RIM_STEPS - 1), (bottom * n) / (RIM_STEPS - 1)];
    rim.push([x, 0], [x, bottom], [0, y], [right, y]);
  }
  const camera_from_cuboid = compose(camera_from_frame, cuboid.pose);
  const back = conjugate(camera_from_cuboid.rotation_wxyz);
  const origin = inverse(camera_from_cuboid).translation_m;
  return rim.filter((pixel) => {
    const ray = rayThrough(camera, pixel);
    if (!ray) return false;
    const way = rotate(back, ray);
    let enter = -Infinity;
    let leave = Infinity;
    for (const axis of [0, 1, 2] as const) {
      const step = Math.abs(way[axis]) < FACE_EPSILON ? FACE_EPSILON : way[axis];
      const half = cuboid.size_m[axis] / 2;
      const [one, two] = [(-half - origin[axis]) / step, (half - origin[axis]) / step];
      enter = Math.max(enter, Math.min(one, two));
      leave = Math.min(leave, Math.max(one, two));
    }
    return enter <= leave && leave > NEAR_M;
  });
};

/** The parts of a chain within the image. */
const clipChain = (chain: readonly Pixel[], camera: CameraModel): Pixel[][] => {
  const lines: Pixel[][] = [];
  let line: Pixel[] = [];
  for (let n = 0; n + 1 < chain.length; n++) {
    const kept = clipSegment(chain[n]!, chain[n + 1]!, camera);
    const last = line.at(-1);
    if (!kept || (last && (last[0] !== kept[0][0] || last[1] !== kept[0][1]))) {
      if (line.length > 0) lines.push(line);
      line = [];
    }
    if (kept) line = line.length > 0 ? [...line, kept[1]] : [kept[0], kept[1]];
  }
  if (line.length > 0) lines.push(line);
  return lines;
};

const between = (a: Vec3, b: Vec3, share: number): Vec3 => [
  a[0] + share * (b[0] - a[0]),
  a[1] + share * (b[1] - a[1]),
  a[2] + share * (b[2] - a[2]),
];
