/** Clipping to the image: segments and convex polygons. */

import type { Box, CameraModel } from "../state/model";
import type { Pixel } from "./pixels";

/** The part of a segment in the image (Liang and Barsky 1984), null when there is none. */
export const clipSegment = (start: Pixel, end: Pixel, camera: CameraModel): [Pixel, Pixel] | null => {
  let enter = 0;
  let leave = 1;
  const step: Pixel = [end[0] - start[0], end[1] - start[1]];
  const rim: Pixel = [camera.width_px - 1, camera.height_px - 1];
  for (const axis of [0, 1] as const) {
    if (step[axis] === 0) {
      if (start[axis] < 0 || start[axis] > rim[axis]) return null;
      continue;
    }
    const near = -start[axis] / step[axis];
    const far = (rim[axis] - start[axis]) / step[axis];
    enter = Math.max(enter, Math.min(near, far));
    leave = Math.min(leave, Math.max(near, far));
  }
  if (enter >= leave) return null;
  const at = (share: number): Pixel => [
    Math.min(Math.max(start[0] + share * step[0], 0), rim[0]),
    Math.min(Math.max(start[1] + share * step[1], 0), rim[1]),
  ];
  return [enter === 0 ? start : at(enter), leave === 1 ? end : at(leave)];
};

/** The convex hull, counter-clockwise (A. M. Andrew's monotone chain, 1979). */
export const convexHull = (places: readonly Pixel[]): Pixel[] => {
  const ordered = [...places]
    .sort((a, b) => a[0] - b[0] || a[1] - b[1])
    .filter((place, n, all) => n === 0 || place[0] !== all[n - 1]![0] || place[1] !== all[n - 1]![1]);
  const chain = (ordering: readonly Pixel[]): Pixel[] => {
    const out: Pixel[] = [];
    for (const place of ordering) {
      while (out.length > 1 && turn(out.at(-2)!, out.at(-1)!, place) <= 0) out.pop();
      out.push(place);
    }
    return out.slice(0, -1);
  };
  const hull = [...chain(ordered), ...chain([...ordered].reverse())];
  return hull.length > 0 ? hull : ordered;
};

/** The part of a convex polygon in the image (I. Sutherland and G. Hodgman 1974). */
export const clipPolygon = (polygon: readonly Pixel[], camera: CameraModel): Pixel[] => {
  const sides = [
    [0, 0, 1],
    [0, camera.width_px - 1, -1],
    [1, 0, 1],
    [1, camera.height_px - 1, -1],
  ] as const;
  let left = [...polygon];
  for (const [axis, bound, sign] of sides) {
    const depth = left.map((place) => sign * (place[axis] - bound));
    const kept: Pixel[] = [];
    left.forEach((place, n) => {
      const before = (n + left.length - 1) % left.length;
      if (depth[n]! >= 0 !== depth[before]! >= 0) {
        const share = depth[before]! / (depth[before]! - depth[n]!);
        const from = left[before]!;
        const crossing: [number, number] = [
          from[0] + share * (place[0] - from[0]),
          from[1] + share * (place[1] - from[1]),
        ];
        crossing[axis] = bound;
        kept.push(crossing);
      }
      if (depth[n]! >= 0) kept.push(place);
    });
    left = kept;
    if (left.length === 0) break;
  }
  return left;
};

/** The box around places, null around none. */
export const boundsOf = (places: readonly Pixel[]): Box | null => {
  if (places.length === 0) return null;
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const [x, y] of places) {
    left = Math.min(left, x);
    top = Math.min(top, y);
    right = Math.max(right, x);
    bottom = Math.max(bottom, y);
  }
  return [left, top, right, bottom];
};

export const areaOf = ([left, top, right, bottom]: Box): number => (right - left) * (bottom - top);

const turn = (a: Pixel, b: Pixel, c: Pixel): number =>
  (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]);
