/** Where views get sensor data from: points and images, loaded ahead of the cursor. */

import { readPackets } from "../frames/packets";
import type { Client, DataPlace } from "../protocol/client";
import { sensorFrame, UNKNOWN_FRAME } from "../space/clock";
import type { CameraSensor, PacketIndex, Scene, SensorFrames } from "../state/model";
import type { StateStore } from "../state/store";
import { createCrew } from "./crew";
import { byteLengthOf, type FramePoints } from "./decode";
import type { FieldValues } from "./fields";
import { fieldOf } from "./fields";
import { createLoader } from "./loader";
import { createTrees, type Trees } from "./octree";
import { blocksOf } from "./points";
import { loadWhenReady } from "./ready";
import { createLedger, type StreamStatus } from "./status";
import { createVideoReader, type VideoReader } from "./video";
import { webCodecs } from "./webcodecs";
import { framesAhead } from "./window";

export type { FramePoints } from "./decode";
export type { FieldValues } from "./fields";

export interface Stream {
  /**
   * A sweep, `frame` on the lidar's own clock. Without a signal the request fails with an AbortError
   * (`isAbort`) when the cursor has left it behind.
   */
  points(lidar: string, frame: number, signal?: AbortSignal): Promise<FramePoints>;
  /** The sweep if it is at hand. */
  peek(lidar: string, frame: number): FramePoints | null;
  /** An image, `frame` on the camera's own clock; as `points`. */
  image(camera: string, frame: number, signal?: AbortSignal): Promise<ImageBitmap>;
  peekImage(camera: string, frame: number): ImageBitmap | null;
  /** A small picture of it, for a strip; nothing is loaded ahead of it. */
  small(camera: string, frame: number, signal?: AbortSignal): Promise<ImageBitmap>;
  peekSmall(camera: string, frame: number): ImageBitmap | null;
  /** A field of a sweep's points; as `points`. Fails with a RangeError where the lidar has none of that name. */
  field(lidar: string, frame: number, field: string, signal?: AbortSignal): Promise<FieldValues>;
  peekField(lidar: string, frame: number, field: string): FieldValues | null;
  /** Whether all points of a frame of the scene are at hand, and the images of the cameras looked at lately. */
  isReady(frame: number): boolean;
  /** Calls back whenever points or an image arrived; returns how to stop. */
  onArrival(listener: () => void): () => void;
  status(): StreamStatus;
  /** Maps and merged clouds. */
  readonly trees: Trees;
  close(): void;
}

const POINT_BUDGET_BYTES = 512 * 2 ** 20;
const IMAGE_BUDGET_BYTES = 256 * 2 ** 20;
const SMALL_BUDGET_BYTES = 64 * 2 ** 20;
const SMALL_PX = 320;
const FIELD_BUDGET_BYTES = 128 * 2 ** 20;
const CONCURRENCY = 4;
const CAMERA_MEMORY = 3; // cursor moves after which a camera nobody asked for is no longer prefetched

export const createStream = (store: StateStore, client: Client): Stream => {
  const listeners = new Set<() => void>();
  const readers = new Map<string, VideoReader>();
  const indexes = new Map<string, Promise<PacketIndex>>();
  const closing = new AbortController();
  const cameraUse = new Map<string, number>();
  const arrived = (): void => {
    for (const listener of listeners) listener();
  };
  const ledger = createLedger();
  const crew = createCrew({ paid: ledger.paid });
  const trees = createTrees(client, crew);
  let moves = 0;
  let direction: 1 | -1 = 1;

  const points = createLoader<FramePoints>({
    concurrency: CONCURRENCY,
    budget_bytes: POINT_BUDGET_BYTES,
    sizeOf: byteLengthOf,
    arrived,
    load: (key, signal) => {
      const { sensor, frame } = parseKey(key);
      return loadWhenReady(store, frame, signal, async (scene) => {
        const lidar = scene.lidars.find((each) => each.name === sensor);
        if (!lidar) throw new RangeError(`the scene has no lidar ${sensor}`);
        const blocks = await blocksOf(lidar, frame);
        const place = placeOf(scene, sensor);
        return crew.perform({ kind: "points", place, coding: lidar.coding, blocks }, signal);
      });
    },
  });

  const fields = createLoader<FieldValues>({
    concurrency: CONCURRENCY,
    budget_bytes: FIELD_BUDGET_BYTES,
    sizeOf: ({ values }) => values.byteLength,
    arrived,
    load: (key, signal) => {
      const { field, sensor, frame } = parseFieldKey(key);
      return loadWhenReady(store, frame, signal, async (scene) => {
        const lidar = scene.lidars.find((each) => each.name === sensor);
        const type = lidar?.fields.find((each) => each.name === field)?.type;
        if (!lidar || !type) throw new RangeError(`the scene has no lidar ${sensor} with ${field}`);
        const blocks = await blocksOf(lidar, frame);
        return crew.perform({ kind: "field", place: placeOf(scene, sensor), field, type, blocks }, signal);
      });
    },
  });

  const images = createLoader<ImageBitmap>({
    concurrency: CONCURRENCY,
    budget_bytes: IMAGE_BUDGET_BYTES,
    sizeOf: (image) => image.width * image.height * 4,
    arrived,
    load: (key, signal) => {
      const { sensor, frame } = parseKey(key);
      return loadWhenReady(store, frame, signal, async (scene) => {
        const camera = scene.cameras.find((each) => each.name === sensor);
        if (!camera) throw new RangeError(`the scene has no camera ${sensor}`);
        const reader = await readerOf(scene, camera);
        if (reader) return reader.frame(frame, signal);
        return crew.perform({ kind: "image", place: placeOf(scene, sensor), frame }, signal);
      });
    },
  });

  const smalls = createLoader<ImageBitmap>({
    concurrency: CONCURRENCY,
    budget_bytes: SMALL_BUDGET_BYTES,
    sizeOf: (image) => image.width * image.height * 4,
    arrived,
    load: (key, signal) => {
      const { sensor, frame } = parseKey(key);
      return loadWhenReady(store, frame, signal, (scene) =>
        crew.perform({ kind: "small", place: placeOf(scene, sensor), frame, width_px: SMALL_PX }, signal),
      );
    },
  });

  /** A video's packets, asked for once. */
  const indexOf = (id: string, place: DataPlace): Promise<PacketIndex> => {
    const asked = client.packetIndex(place, closing.signal).then(readPackets);
    asked.catch(() => indexes.delete(id));
    indexes.set(id, asked);
    return asked;
  };

  const readerOf = async (scene: Scene, camera: CameraSensor): Promise<VideoReader | null> => {
    const stream = camera.stream;
    if (camera.media !== "video" || !stream || !(await webCodecs.supports(stream))) return null;
    const place = placeOf(scene, camera.name);
    const id = `${scene.generation}/${camera.name}`;
    let reader = readers.get(id);
    if (reader) return reader;
    const index = await (indexes.get(id) ?? indexOf(id, place));
    reader = readers.get(id); // another request may have been quicker
    if (!reader) {
      reader = createVideoReader({
        stream: { ...stream, index },
        open: webCodecs.open,
        fetchPackets: (first, count, signal) =>
          crew.perform({ kind: "packets", place, first, count }, signal),
        decoded: (frame, image) => images.put(keyOf(camera.name, frame), image),
      });
      readers.set(id, reader);
    }
    return reader;
  };

  const activeCameras = (scene: Scene): readonly CameraSensor[] =>
    scene.cameras.filter((each) => moves - (cameraUse.get(each.name) ?? -Infinity) <= CAMERA_MEMORY);

  const want = (): void => {
    const { scene, frame, playing, speed, view } = store.getState();
    if (!scene) return;
    const ahead = framesAhead({ frame, frame_count: scene.ready_frame_count, playing, speed, direction });
    const active = activeCameras(scene);
    smalls.want([], []); // whoever shows a strip asks for the frame it shows
    const keysAt = (sensors: readonly SensorFrames[], at: number): string[] =>
      sensors
        .map((sensor) => ({ name: sensor.name, own: sensorFrame(sensor, at) }))
        .filter(({ own }) => own !== UNKNOWN_FRAME) // its page comes first
        .map(({ name, own }) => keyOf(name, own));
    points.want(
      keysAt(scene.lidars, frame),
      ahead.flatMap((at) => keysAt(scene.lidars, at)),
    );
    const field = fieldOf(view.color_mode);
    const having = scene.lidars.filter((lidar) => lidar.fields.some((each) => each.name === field));
    const fieldKeys = (at: number): string[] => keysAt(having, at).map((key) => fieldKeyOf(field ?? "", key));
    fields.want(fieldKeys(frame), ahead.flatMap(fieldKeys));
    images.want(
      keysAt(active, frame),
      ahead.flatMap((at) => keysAt(active, at)),
    );
  };

  const unsubscribe = store.subscribe((state, before) => {
    if (state.frame !== before.frame) {
      moves += 1;
      direction = state.frame > before.frame ? 1 : -1;
    }
    const { scene, frame, playing, speed } = state;
    if (
      frame !== before.frame ||
      playing !== before.playing ||
      speed !== before.speed ||
      state.view.color_mode !== before.view.color_mode ||
      scene !== before.scene
    ) {
      want();
    }
  });
  want();

  return {
    points: (lidar, frame, signal) => points.request(keyOf(lidar, frame), signal),
    peek: (lidar, frame) => points.peek(keyOf(lidar, frame)),
    image(camera, frame, signal) {
      cameraUse.set(camera, moves);
      return images.request(keyOf(camera, frame), signal);
    },
    peekImage(camera, frame) {
      cameraUse.set(camera, moves);
      return images.peek(keyOf(camera, frame));
    },
    small: (camera, frame, signal) => smalls.request(keyOf(camera, frame), signal),
    peekSmall: (camera, frame) => smalls.peek(keyOf(camera, frame)),
    field: (lidar, frame, field, signal) => fields.request(fieldKeyOf(field, keyOf(lidar, frame)), signal),
    peekField: (lidar, frame, field) => fields.peek(fieldKeyOf(field, keyOf(lidar, frame))),
    status: () => ({
      points: points.status(),
      images: images.status(),
      fields: fields.status(),
      work: ledger.status(),
    }),
    trees,
    isReady(frame) {
      const scene = store.getState().scene;
      if (!scene) return true;
      const keyAt = (sensor: SensorFrames): string => keyOf(sensor.name, sensorFrame(sensor, frame));
      return (
        scene.lidars.every((lidar) => points.peek(keyAt(lidar)) !== null) &&
        activeCameras(scene).every((camera) => images.isSettled(keyAt(camera)))
      );
    },
    onArrival(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    close() {
      closing.abort();
      unsubscribe();
      listeners.clear();
      points.close();
      images.close();
      smalls.close();
      fields.close();
      trees.close();
      crew.close();
      for (const reader of readers.values()) reader.close();
      readers.clear();
    },
  };
};

const keyOf = (sensor: string, frame: number): string => `${sensor}/${frame}`;

const parseKey = (key: string): { sensor: string; frame: number } => {
  const cut = key.lastIndexOf("/");
  return { sensor: key.slice(0, cut), frame: Number(key.slice(cut + 1)) };
};

const fieldKeyOf = (field: string, key: string): string => `${encodeURIComponent(field)}:${key}`;

const parseFieldKey = (key: string): { field: string; sensor: string; frame: number } => {
  const cut = key.indexOf(":");
  return { field: decodeURIComponent(key.slice(0, cut)), ...parseKey(key.slice(cut + 1)) };
};

const placeOf = (scene: Scene, sensor: string): DataPlace => ({
  scene: scene.name,
  generation: scene.generation,
  sensor,
});
