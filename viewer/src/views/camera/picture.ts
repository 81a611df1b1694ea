/**
 * What is drawn over an image: the objects as strokes in its pixels, and how pixels fall on a pane.
 *
 * Image pixels are those of space/camera: (0, 0) is the middle of the top left one.
 */

import { cuboidBox, projectCuboid, projectPoint, projectPolygon } from "../../space/camera";
import { corners, FRONT } from "../../space/cuboid";
import { boxAt } from "../../space/interpolate";
import { apply, compose, inverse, rotationMatrix } from "../../space/pose";
import type { Box, CameraModel, CameraSensor, Cuboid, Pose, State } from "../../state/model";
import type { Sweep } from "../context";
import type { Present } from "../present";

export type Pixel = readonly [number, number];

export interface Drawn {
  readonly present: Present;
  readonly strokes: readonly (readonly Pixel[])[];
  readonly front: readonly Pixel[];
  readonly box: Box;
  readonly away_m: number;
}

/** The objects that a camera sees, farthest first. */
export function drawnIn(camera: CameraModel, world_from_camera: Pose, present: readonly Present[]): Drawn[] {
  const camera_from_world = inverse(world_from_camera);
  const found: Drawn[] = [];
  for (const one of present) {
    const { visible } = cuboidBox(camera, camera_from_world, one.cuboid);
    if (visible === null || visible[2] - visible[0] < 1 || visible[3] - visible[1] < 1) continue;
    const at = corners(one.cuboid);
    found.push({
      present: one,
      strokes: projectCuboid(camera, camera_from_world, one.cuboid),
      front: projectPolygon(
        camera,
        FRONT.map((n) => apply(camera_from_world, at[n]!)),
      ),
      box: visible,
      away_m: Math.hypot(...apply(camera_from_world, one.cuboid.pose.translation_m)),
    });
  }
  return found.sort((a, b) => b.away_m - a.away_m);
}

/** The labelled boxes of a camera's image by object. */
export function labelledBoxes(
  state: State,
  sensor: CameraSensor,
  own_frame: number,
  frame: number,
): Map<string, Box> {
  const found = new Map<string, Box>();
  if (!sensor.clock.is_whole) return found; // between keyframes the times of others count
  for (const track of state.labels.tracks.values()) {
    if (track.kind !== "box" || track.space !== sensor.name) continue;
    const same = sensor.frame_count === state.scene?.frame_count;
    const box = boxAt(track, same ? frame : own_frame, sensor.clock.time_ns);
    if (box !== null) found.set(track.object_id, box);
  }
  return found;
}

/** How much two boxes are one: the area they share over the area they cover. */
export function overlapOf(a: Box, b: Box): number {
  const wide = Math.min(a[2], b[2]) - Math.max(a[0], b[0]);
  const tall = Math.min(a[3], b[3]) - Math.max(a[1], b[1]);
  const shared = Math.max(0, wide) * Math.max(0, tall);
  const area = (box: Box) => (box[2] - box[0]) * (box[3] - box[1]);
  const covered = area(a) + area(b) - shared;
  return covered > 0 ? shared / covered : 0;
}

/** More dots than this would hide what they lie on. */
const MOST_DOTS = 2500;

/** The pixels of the points in a cuboid, x and y in turn; of very many an even choice. */
export function pointsOn(
  camera: CameraModel,
  world_from_camera: Pose,
  cuboid: Cuboid,
  sweep: Sweep,
  world_from_lidar: Pose,
): number[] {
  const { rotation_wxyz, translation_m } = compose(inverse(cuboid.pose), world_from_lidar);
  const camera_from_lidar = compose(inverse(world_from_camera), world_from_lidar);
  const r = rotationMatrix(rotation_wxyz);
  const [l, w, h] = cuboid.size_m.map((side) => side / 2 + 0.05) as [number, number, number];
  const pixels: number[] = [];
  for (let n = 0; n < sweep.count * 3; n += 3) {
    const [x, y, z] = [sweep.xyz[n]!, sweep.xyz[n + 1]!, sweep.xyz[n + 2]!];
    if (Math.abs(r[0]! * x + r[1]! * y + r[2]! * z + translation_m[0]) > l) continue;
    if (Math.abs(r[3]! * x + r[4]! * y + r[5]! * z + translation_m[1]) > w) continue;
    if (Math.abs(r[6]! * x + r[7]! * y + r[8]! * z + translation_m[2]) > h) continue;
    const pixel = projectPoint(camera, apply(camera_from_lidar, [x, y, z]));
    if (pixel !== null) pixels.push(pixel[0], pixel[1]);
  }
  const every = Math.ceil(pixels.length / 2 / MOST_DOTS);
  return every <= 1 ? pixels : pixels.filter((_, n) => (n >> 1) % every === 0);
}

/** An area of the canvas and how the image lies in it: CSS px = offset + (pixel + 0.5) * scale. */
export interface Pane {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
  readonly x: number;
  readonly y: number;
  readonly scale: number;
}

export type Area = Pick<Pane, "left" | "top" | "width" | "height">;

/** The whole image in an area, at its true aspect. */
export function wholeImage(area: Area, width_px: number, height_px: number): Pane {
  const scale = Math.min(area.width / width_px, area.height / height_px);
  const x = area.left + (area.width - width_px * scale) / 2;
  return { ...area, x, y: area.top + (area.height - height_px * scale) / 2, scale };
}

const ROOM = 1.32;
const MOST_ZOOM = 10;

/** The part of the image around a box, large; no more beside the image than its shape needs. */
export function closeUp(area: Area, box: Box, width_px: number, height_px: number): Pane {
  const [wide, tall] = [Math.max(4, box[2] - box[0]), Math.max(4, box[3] - box[1])];
  const near = Math.min(area.width / (wide * ROOM), area.height / (tall * ROOM), MOST_ZOOM);
  const scale = Math.max(near, wholeImage(area, width_px, height_px).scale);
  const start = (from: number, room: number, middle_px: number, whole_px: number) => {
    const offset = room / 2 - (middle_px + 0.5) * scale;
    const spare = room - whole_px * scale;
    return from + (spare >= 0 ? spare / 2 : Math.min(0, Math.max(spare, offset)));
  };
  const x = start(area.left, area.width, (box[0] + box[2]) / 2, width_px);
  const y = start(area.top, area.height, (box[1] + box[3]) / 2, height_px);
  return { ...area, x, y, scale };
}

/** Larger or smaller with a place of the pane held; never smaller than `least`, never out of sight. */
export function zoomPane(pane: Pane, factor: number, x: number, y: number, least: Pane): Pane {
  const scale = Math.min(least.scale * 40, Math.max(least.scale, pane.scale * factor));
  if (scale === least.scale) return least;
  const share = scale / pane.scale;
  return { ...pane, x: x + (pane.x - x) * share, y: y + (pane.y - y) * share, scale };
}

/** The object whose box holds a pixel of the image; the smallest of several. */
export function objectAt(drawn: readonly Drawn[], x: number, y: number, reach: number): string | null {
  let best: string | null = null;
  let least = Number.POSITIVE_INFINITY;
  for (const { box, present } of drawn) {
    if (x < box[0] - reach || x > box[2] + reach || y < box[1] - reach || y > box[3] + reach) continue;
    const area = (box[2] - box[0]) * (box[3] - box[1]);
    if (area >= least) continue;
    least = area;
    best = present.id;
  }
  return best;
}
