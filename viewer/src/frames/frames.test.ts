import { expect, test, vi } from "vitest";
import type { Client, DataPlace } from "../protocol/client";
import { ApiError } from "../protocol/errors";
import type { WireScene } from "../protocol/wire";
import { sensorFrame, UNKNOWN_FRAME } from "../space/clock";
import { createStateStore } from "../state/store";
import { createFrames } from "./frames";
import { nearest, packPage, type Sensor } from "./frames.fixture";
import { readPage } from "./page";
import { pagesWanted } from "./plan";
import { FrameTable } from "./table";

const PAGE = 8;

/** A lidar at 10 Hz with one or two blocks a frame, and a camera of three times the rate. */
const recording = (frames: number): { top: Sensor; front: Sensor } => {
  const reference_ns = Array.from({ length: frames }, (_, n) => n * 100);
  const time_ns = Array.from({ length: frames * 3 }, (_, n) => n * 33 + 5);
  const blocks = reference_ns.map((_, n) => 1 + (n % 2));
  return { top: { time_ns: reference_ns, reference_ns, blocks }, front: { time_ns, reference_ns } };
};

const documentOf = (frames: number, change: Partial<WireScene> = {}): WireScene => {
  const sensor = { ego_from_sensor: [1, 0, 0, 0, 0, 0, 0], frame_count: frames };
  return {
    name: "s",
    generation: "g",
    state: "ready",
    frame_count: frames,
    ready_frame_count: frames,
    page_frames: PAGE,
    reference: "top",
    start_ns: "0",
    meta: {},
    lidars: [
      { ...sensor, name: "top", fields: [], has_intensity: true, points_per_block: 64, coding: "planes" },
    ],
    cameras: [
      { ...sensor, frame_count: frames * 3, name: "front", stream: null, camera: null, media: "images" },
    ],
    schema: { classes: [] },
    ...change,
  } as unknown as WireScene;
};

const setup = (frames: number, sensors: Record<string, Sensor> = recording(frames)) => {
  const asked: string[] = [];
  const client = {
    frames: async (place: DataPlace, page: number) => {
      asked.push(`${place.sensor}/${page}`);
      return packPage(sensors[place.sensor]!, page, PAGE);
    },
    clock: async (place: DataPlace) => new Float64Array(sensors[place.sensor]!.time_ns).buffer,
  } as unknown as Client;
  const store = createStateStore();
  const paged = createFrames(client);
  store.setState({ scene: paged.scene(documentOf(frames)) });
  paged.follow(store);
  const scene = () => store.getState().scene!;
  return { asked, client, store, frames: paged, scene, sensors };
};

const settle = () => vi.waitFor(() => new Promise((resolve) => setTimeout(resolve, 2)));

test("every look-up in pages is the one in the whole, wherever the pages are cut", () => {
  for (const frames of [1, PAGE - 1, PAGE, PAGE + 1, 3 * PAGE + 5]) {
    for (const sensor of Object.values(recording(frames))) {
      const table = new FrameTable();
      for (let page = 0; page * PAGE < frames; page++) table.put(readPage(packPage(sensor, page, PAGE)));
      const match = sensor.reference_ns.map((time) => nearest(sensor.time_ns, time));
      expect(table.match).toEqual(match);
      expect(Array.from(table.clock.time_ns)).toEqual(sensor.time_ns);
      expect(table.clock.names).toEqual(sensor.time_ns.map((_, n) => `name ${n}`));
      expect(table.world_from_sensor.map((pose) => pose?.translation_m[0])).toEqual(
        sensor.time_ns.map((_, n) => n),
      );
      const blocks = (sensor.blocks ?? []).flatMap((_, n) => table.blocks.get(n) ?? []);
      expect(blocks.map((block) => block.number)).toEqual(blocks.map((_, n) => n));
      expect(blocks.map((block) => block.count)).toEqual(blocks.map((_, n) => n + 1));
    }
  }
});

test("a page that is dropped leaves what its neighbours have too", () => {
  const { front } = recording(3 * PAGE);
  const table = new FrameTable();
  for (const page of [0, 1, 2]) table.put(readPage(packPage(front, page, PAGE)));
  table.drop(1);
  for (const page of [0, 2]) {
    const kept = readPage(packPage(front, page, PAGE));
    for (let n = 0; n < kept.poses.length; n++) expect(table.world_from_sensor[kept.first + n]).toBeDefined();
    for (let n = 0; n < kept.match.length; n++)
      expect(table.match[kept.reference_first + n]).toBe(kept.match[n]);
  }
  expect(sensorFrame(table, PAGE + 1)).toBe(UNKNOWN_FRAME);
});

test("only the page of the frame shown is loaded first, then what is ahead", async () => {
  const { asked, store, scene } = setup(1000);
  await vi.waitFor(() => expect(sensorFrame(scene().cameras[0]!, 0)).toBe(0));
  expect(asked.slice(0, 2)).toEqual(["top/0", "front/0"]);
  await settle();
  const before = asked.length;
  expect(before).toBeLessThanOrEqual(6);
  store.setState({ frame: 808 });
  expect(sensorFrame(scene().lidars[0]!, 808)).toBe(UNKNOWN_FRAME);
  await vi.waitFor(() => expect(sensorFrame(scene().lidars[0]!, 808)).toBe(808));
  expect(asked[before]).toBe("top/101");
});

test("the scene is renewed when a page arrives, so that who waits looks again", async () => {
  const { store, scene } = setup(100);
  const before = scene();
  await vi.waitFor(() => expect(scene()).not.toBe(before));
  expect(scene().lidars[0]).toBe(before.lidars[0]);
  expect(store.getState().scene?.lidars[0]?.world_from_sensor[3]?.translation_m[0]).toBe(3);
});

test("far pages are forgotten, near ones stay", async () => {
  const { store, scene } = setup(PAGE * 100);
  for (let page = 0; page < 60; page++) {
    store.setState({ frame: page * PAGE });
    await vi.waitFor(() => expect(sensorFrame(scene().lidars[0]!, page * PAGE)).toBe(page * PAGE), {
      interval: 1,
    });
    await settle();
  }
  expect(sensorFrame(scene().lidars[0]!, 0)).toBe(UNKNOWN_FRAME);
  expect(sensorFrame(scene().lidars[0]!, 58 * PAGE)).toBe(58 * PAGE);
  expect(Object.keys(scene().lidars[0]!.world_from_sensor).length).toBeLessThanOrEqual(24 * PAGE);
});

test("blocks of any frame are found, of the reference and of others", async () => {
  const { scene } = setup(500);
  const blocks = await scene().lidars[0]!.loadBlocks(401);
  expect(blocks.map((each) => each.number)).toEqual([601, 602]);
  await expect(scene().lidars[0]!.loadBlocks(500)).rejects.toThrow("no frame 500");
});

test("a growing scene's last page is asked for again when it has grown", async () => {
  const sensors = recording(PAGE);
  const growing = { ...sensors, top: { ...sensors.top, written: 3 } };
  const { asked, store, frames, scene } = setup(PAGE, growing);
  await vi.waitFor(() => expect(sensorFrame(scene().lidars[0]!, 7)).toBe(7)); // its clock is known
  expect(await scene().lidars[0]!.loadBlocks(2)).toHaveLength(1);
  await expect(scene().lidars[0]!.loadBlocks(5)).rejects.toSatisfy(
    (error) => error instanceof ApiError && error.failure.code === "frame_pending",
  );
  await settle();
  const before = asked.length;
  growing.top.written = 6;
  store.setState({ scene: frames.scene(documentOf(PAGE, { ready_frame_count: 6, generation: "h" })) });
  await vi.waitFor(() => expect(scene().lidars[0]!.blocks.get(5)).toHaveLength(2));
  expect(asked.slice(before)).toEqual(["top/0"]);
});

test("the whole clock comes once, and box tracks bring their camera's", async () => {
  const { frames, scene, store } = setup(100);
  await Promise.all([frames.loadClock("top"), frames.loadClock("top")]);
  expect(scene().clock.is_whole).toBe(true);
  expect(scene().clock.time_ns[99]).toBe(9900);
  expect(scene().cameras[0]!.clock.is_whole).toBe(false);
  const box = { id: "1.front", object_id: "1", kind: "box", space: "front" };
  const labels = { ...store.getState().labels, tracks: new Map([["1.front", box]]) };
  store.setState({ labels: labels as never });
  await vi.waitFor(() => expect(scene().cameras[0]!.clock.is_whole).toBe(true));
});

test("pages ahead are wanted in the way of play, and few of them", () => {
  const at = { frame: 500, frame_count: 100_000, page_frames: 512, direction: 1, speed: 1 } as const;
  expect(pagesWanted(at)).toEqual([0, 1]);
  expect(pagesWanted({ ...at, direction: -1 })).toEqual([0, 1]);
  expect(pagesWanted({ ...at, frame: 700, direction: -1 })).toEqual([1]);
  expect(pagesWanted({ ...at, frame: 99_999 })).toEqual([195]);
  expect(pagesWanted({ ...at, frame: 0 })).toEqual([0]);
  expect(pagesWanted({ ...at, frame: 100, speed: 8 })).toEqual([0, 2]);
});
