/** Where views get sensor data from: points and images, loaded ahead of the cursor. */

import type { Client, DataPlace } from "../protocol/client";
import { sensorFrame } from "../space/clock";
import type { CameraSensor, Scene } from "../state/model";
import type { StateStore } from "../state/store";
import { createLoader } from "./loader";
import { blocksOf, byteLengthOf, decodePoints, type FramePoints } from "./points";
import { loadWhenReady } from "./ready";
import { createVideoReader, type VideoReader } from "./video";
import { webCodecs } from "./webcodecs";
import { framesAhead } from "./window";

export type { FramePoints } from "./points";

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
  /** Whether all points of a frame of the scene are at hand. */
  isReady(frame: number): boolean;
  /** Calls back whenever points or an image arrived; returns how to stop. */
  onArrival(listener: () => void): () => void;
  close(): void;
}

const POINT_BUDGET_BYTES = 512 * 2 ** 20;
const IMAGE_BUDGET_BYTES = 256 * 2 ** 20;
const CONCURRENCY = 4;
const CAMERA_MEMORY = 3; // cursor moves after which a camera nobody asked for is no longer prefetched

export const createStream = (store: StateStore, client: Client): Stream => {
  const listeners = new Set<() => void>();
  const readers = new Map<string, VideoReader>();
  const cameraUse = new Map<string, number>();
  const arrived = (): void => {
    for (const listener of listeners) listener();
  };
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
        const blocks = blocksOf(lidar, frame);
        const place = placeOf(scene, sensor);
        return decodePoints(
          blocks,
          await Promise.all(blocks.map((block) => client.points(place, block.number, signal))),
        );
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
        return createImageBitmap(await client.image(placeOf(scene, sensor), frame, signal));
      });
    },
  });

  const readerOf = async (scene: Scene, camera: CameraSensor): Promise<VideoReader | null> => {
    const stream = camera.stream;
    if (camera.media !== "video" || !stream || !(await webCodecs.supports(stream))) return null;
    const place = placeOf(scene, camera.name);
    const id = `${scene.generation}/${camera.name}`;
    let reader = readers.get(id);
    if (!reader) {
      reader = createVideoReader({
        stream,
        open: webCodecs.open,
        fetchPackets: (first, count, signal) => client.packets(place, first, count, signal),
        decoded: (frame, image) => images.put(keyOf(camera.name, frame), image),
      });
      readers.set(id, reader);
    }
    return reader;
  };

  const want = (): void => {
    const { scene, frame, playing, speed } = store.getState();
    if (!scene) return;
    const ahead = framesAhead({ frame, frame_count: scene.ready_frame_count, playing, speed, direction });
    const active = scene.cameras.filter(
      (each) => moves - (cameraUse.get(each.name) ?? -Infinity) <= CAMERA_MEMORY,
    );
    const keysAt = (sensors: readonly { name: string; clock: Scene["clock"] }[], at: number): string[] =>
      sensors.map((sensor) => keyOf(sensor.name, sensorFrame(sensor.clock, scene.clock, at)));
    points.want(
      keysAt(scene.lidars, frame),
      ahead.flatMap((at) => keysAt(scene.lidars, at)),
    );
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
    isReady(frame) {
      const scene = store.getState().scene;
      return (scene?.lidars ?? []).every(
        (lidar) => points.peek(keyOf(lidar.name, sensorFrame(lidar.clock, scene!.clock, frame))) !== null,
      );
    },
    onArrival(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    close() {
      unsubscribe();
      listeners.clear();
      points.close();
      images.close();
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

const placeOf = (scene: Scene, sensor: string): DataPlace => ({
  scene: scene.name,
  generation: scene.generation,
  sensor,
});
