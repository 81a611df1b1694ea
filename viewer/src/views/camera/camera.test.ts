import { expect, test } from "vitest";
import { compose, fromYaw, IDENTITY, inverse, makePose } from "../../space/pose";
import type { CameraModel, CameraSensor, Cuboid, Pose, Scene } from "../../state/model";
import type { Present } from "../present";
import { chooseCamera } from "./choose";
import { closeUp, drawnIn, objectAt, overlapOf, pointsOn, wholeImage, zoomPane } from "./picture";

const model: CameraModel = {
  model: "pinhole",
  width_px: 1200,
  height_px: 400,
  fx_px: 700,
  fy_px: 700,
  cx_px: 600,
  cy_px: 190,
  distortion: [],
};
/** An optical frame that looks along a yaw of the world. */
const looking = (yaw: number): Pose =>
  compose(fromYaw(yaw, [0, 0, 1.6]), makePose([0.5, -0.5, 0.5, -0.5], [0, 0, 0]));
const sensor = (name: string, yaw: number): CameraSensor => ({
  name,
  frame_count: 1,
  clock: { time_ns: [0], is_whole: true, names: ["0"] },
  match: [0],
  ego_from_sensor: IDENTITY,
  world_from_sensor: [looking(yaw)],
  width_px: 1200,
  height_px: 400,
  media: "images",
  camera: model,
  stream: null,
});
const scene = {
  reference: "front",
  frame_count: 1,
  clock: { time_ns: [0], is_whole: true, names: ["0"] },
  match: [0],
  cameras: [sensor("front", 0), sensor("left", Math.PI / 2)],
  lidars: [],
} as unknown as Scene;
const cuboid = (x: number, y: number): Cuboid => ({
  pose: fromYaw(0.3, [x, y, 0.8]),
  size_m: [4.2, 1.8, 1.5],
});
const present = (id: string, at: Cuboid): Present => ({
  id,
  class_name: "car",
  chip: `car ${id}`,
  number: 1,
  color: "#ffffff",
  rgb: [1, 1, 1],
  cuboid: at,
  machine: false,
  need: false,
  stroke: "#ffffff",
  stroke_rgb: [1, 1, 1],
});

test("the best camera is the one that sees the object", () => {
  expect(chooseCamera(scene, 0, cuboid(20, 1), null, null)?.name).toBe("front");
  expect(chooseCamera(scene, 0, cuboid(1, 20), null, "front")?.name).toBe("left");
});

test("a camera that was chosen stays, and so does one that is about as good", () => {
  expect(chooseCamera(scene, 0, cuboid(20, 1), "left", "front")?.name).toBe("left");
  expect(chooseCamera(scene, 0, cuboid(-20, -1), null, "left")?.name).toBe("left");
  expect(chooseCamera(scene, 0, null, null, "left")?.name).toBe("left");
});

test("objects are drawn farthest first, and the smallest under the pixel is found", () => {
  const drawn = drawnIn(model, looking(0), [present("near", cuboid(10, 0)), present("far", cuboid(40, 0))]);
  expect(drawn.map((one) => one.present.id)).toEqual(["far", "near"]);
  const [left, top, right, bottom] = drawn[0]!.box;
  expect(objectAt(drawn, (left + right) / 2, (top + bottom) / 2, 0)).toBe("far");
  expect(objectAt(drawn, 2, 2, 0)).toBeNull();
});

test("an object behind the camera is not drawn", () => {
  expect(drawnIn(model, looking(0), [present("behind", cuboid(-15, 0))])).toEqual([]);
});

test("the points of an object lie in its box", () => {
  const car = cuboid(15, 2);
  const sweep = {
    count: 2,
    xyz: Float32Array.of(15, 2, 0.8, 30, 2, 0.8),
    intensity: new Int16Array(2),
    common: [0, 1] as const,
  };
  const pixels = pointsOn(model, looking(0), car, sweep, IDENTITY);
  const [left, top, right, bottom] = drawnIn(model, looking(0), [present("car", car)])[0]!.box;
  expect(pixels).toHaveLength(2);
  expect(pixels[0]).toBeGreaterThan(left);
  expect(pixels[0]).toBeLessThan(right);
  expect(pixels[1]).toBeGreaterThan(top);
  expect(pixels[1]).toBeLessThan(bottom);
  expect(inverse(inverse(car.pose)).translation_m[0]).toBeCloseTo(15, 9);
});

test("overlap is 1 for one box, 0 for two apart", () => {
  expect(overlapOf([0, 0, 4, 2], [0, 0, 4, 2])).toBe(1);
  expect(overlapOf([0, 0, 4, 2], [2, 0, 6, 2])).toBeCloseTo(1 / 3, 9);
  expect(overlapOf([0, 0, 1, 1], [2, 2, 3, 3])).toBe(0);
});

test("zooming holds the pixel under the cursor and never shrinks below the whole image", () => {
  const whole = wholeImage({ left: 0, top: 0, width: 660, height: 200 }, 1200, 400);
  const nearer = zoomPane(whole, 3, 200, 120, whole);
  expect((200 - nearer.x) / nearer.scale).toBeCloseTo((200 - whole.x) / whole.scale, 9);
  expect(zoomPane(nearer, 0.01, 30, 30, whole)).toBe(whole);
});

test("a close-up holds the whole box in its middle", () => {
  const pane = closeUp({ left: 660, top: 0, width: 300, height: 200 }, [400, 100, 500, 160], 1200, 400);
  expect(pane.x + 450.5 * pane.scale).toBeCloseTo(810, 9);
  expect(60 * pane.scale).toBeLessThan(200);
});

test("a close-up near the border shows image, not emptiness", () => {
  const area = { left: 660, top: 0, width: 300, height: 200 };
  const pane = closeUp(area, [1100, 300, 1199, 399], 1200, 400);
  expect(pane.x + 1200 * pane.scale).toBeGreaterThanOrEqual(960 - 1e-9);
  expect(pane.y + 400 * pane.scale).toBeGreaterThanOrEqual(200 - 1e-9);
  expect(closeUp(area, [0, 0, 1199, 399], 1200, 400).scale).toBeCloseTo(0.25, 9);
});
