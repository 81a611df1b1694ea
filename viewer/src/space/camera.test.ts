/** The twin agrees with the server's kernel on the shared table of cuboids on images. */

import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { Box, CameraModel, Quat, Vec3 } from "../state/model";
import {
  cuboidBox,
  isInImage,
  type Pixel,
  projectCuboid,
  projectPoint,
  projectPolygon,
  rayThrough,
} from "./camera";
import { lensLimit } from "./lens";
import { IDENTITY, makePose } from "./pose";
import { evaluate, positiveRoots } from "./roots";

interface Case {
  readonly name: string;
  readonly camera: CameraModel;
  readonly cuboid: { readonly center_m: Vec3; readonly rotation_wxyz: Quat; readonly size_m: Vec3 };
  readonly lines: readonly (readonly Pixel[])[];
  readonly visible: Box | null;
  readonly whole: Box | null;
  readonly truncation: number;
}

const table = new URL("../../../tests/cases/projection.json", import.meta.url);
const { cases } = JSON.parse(readFileSync(table, "utf8")) as { cases: readonly Case[] };
const TOLERANCE_PX = 1e-4; // the rim of a lens is found by bisection, where a pixel is steep in the share

const expectNear = (seen: readonly number[] | null | undefined, expected: readonly number[] | null) => {
  expect(seen === null || seen === undefined).toBe(expected === null);
  expected?.forEach((value, n) => {
    expect(Math.abs(seen![n]! - value)).toBeLessThanOrEqual(
      TOLERANCE_PX * Math.max(1, Math.abs(value) / 1000),
    );
  });
};

describe("the same lines and boxes as the server's", () => {
  test.each(cases.map((each) => [each.name, each] as const))("%s", (_, { camera, cuboid, ...expected }) => {
    const shape = { pose: makePose(cuboid.rotation_wxyz, cuboid.center_m), size_m: cuboid.size_m };
    const seen = cuboidBox(camera, IDENTITY, shape);
    expectNear(seen.visible, expected.visible);
    expectNear(seen.whole, expected.whole);
    expect(seen.truncation).toBeCloseTo(expected.truncation, 6);
    const lines = projectCuboid(camera, IDENTITY, shape);
    expect(lines.map((line) => line.length)).toEqual(expected.lines.map((line) => line.length));
    lines.forEach((line, n) => {
      line.forEach((pixel, k) => {
        expectNear(pixel, expected.lines[n]![k]!);
      });
    });
  });
});

describe("a ray through a pixel meets that pixel again", () => {
  const cameras = new Map(cases.map(({ camera }) => [camera.model, camera]));
  test.each([...cameras.values()].map((camera) => [camera.model, camera] as const))("%s", (_, camera) => {
    let count = 0;
    for (let x = 0; x < camera.width_px; x += camera.width_px / 9) {
      for (let y = 0; y < camera.height_px; y += camera.height_px / 9) {
        const ray = rayThrough(camera, [x, y]);
        if (!ray) continue;
        count += 1;
        expect(Math.hypot(...ray)).toBeCloseTo(1, 9);
        expectNear(projectPoint(camera, [ray[0] * 7, ray[1] * 7, ray[2] * 7]), [x, y]);
      }
    }
    expect(count).toBeGreaterThan(40);
  });
});

test("what lies behind is not seen", () => {
  const pinhole = cases[0]!.camera;
  expect(projectPoint(pinhole, [0, 0, -1])).toBeNull();
  expect(
    projectPolygon(pinhole, [
      [0, 0, -1],
      [1, 0, -1],
      [1, 1, -2],
    ]),
  ).toEqual([]);
  expect(
    projectPolygon(pinhole, [
      [0, 0, 4],
      [1, 0, 4],
      [1, 1, -2],
    ]),
  ).toHaveLength(4);
});

test("the outermost pixel centres are in the image", () => {
  const camera = cases[0]!.camera;
  expect(isInImage(camera, [0, 0])).toBe(true);
  expect(isInImage(camera, [camera.width_px - 1, camera.height_px - 1])).toBe(true);
  expect(isInImage(camera, [camera.width_px - 0.9, 3])).toBe(false);
});

test("a lens that never turns back has no limit", () => {
  expect(lensLimit(cases[0]!.camera)).toBe(Number.POSITIVE_INFINITY);
});

test("roots are roots, and all of them", () => {
  expect(positiveRoots([6, -5, 1])).toHaveLength(2); // (x - 2)(x - 3)
  expect(positiveRoots([1, 0, 1])).toEqual([]);
  expect(positiveRoots([1, -2, 1])).toHaveLength(1); // touches at 1
  const series = [-24, 50, -35, 10, -1]; // -(x - 1)(x - 2)(x - 3)(x - 4)
  const roots = positiveRoots(series);
  expect(roots).toHaveLength(4);
  for (const root of roots) expect(evaluate(series, root)).toBeCloseTo(0, 9);
});
