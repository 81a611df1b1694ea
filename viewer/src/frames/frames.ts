/**
 * Frames of the scene's sensors, page by page: the page of the frame shown first, then those ahead.
 *
 * A page that arrives is laid into the tables that the scene's sensors look at, and the scene in the store
 * is renewed, so that whoever waits for it looks again. Pages far away are forgotten.
 */

import type { Client } from "../protocol/client";
import { ApiError, failureOf, isAbort } from "../protocol/errors";
import { sceneFromDocument } from "../protocol/scene";
import type { WireScene } from "../protocol/wire";
import type { Block, Labels, Scene } from "../state/model";
import type { StateStore } from "../state/store";
import { type FramePage, readPage } from "./page";
import { pagesWanted } from "./plan";
import { FrameTable } from "./table";

export interface Frames {
  /** The scene that a document describes; its sensors look at the tables kept here. */
  scene(document: WireScene): Scene;
  /** Loads pages as the cursor moves, until `close`. */
  follow(store: StateStore): void;
  /** Loads all times of a sensor, once. */
  loadClock(sensor: string): Promise<void>;
  close(): void;
}

const RETRY_MS = 1000;
const MOST_PAGES = 24; // of each sensor
const CLOCK_TRIES = 5;

export const createFrames = (client: Client): Frames => {
  const tables = new Map<string, FrameTable>();
  const loading = new Map<string, Promise<FramePage>>();
  const clocks = new Map<string, Promise<void>>();
  const seen = new Map<string, string>(); // page to the state of the growing scene it is of
  const closing = new AbortController();
  let store: StateStore | null = null;
  let current: Scene | null = null;
  let unsubscribe = (): void => undefined;
  let retry: ReturnType<typeof setTimeout> | undefined;
  let renewal = false;
  let direction: 1 | -1 = 1;

  const tableOf = (sensor: string): FrameTable => {
    let table = tables.get(sensor);
    if (!table) {
      table = new FrameTable();
      tables.set(sensor, table);
    }
    return table;
  };

  const renew = (): void => {
    if (renewal) return;
    renewal = true;
    queueMicrotask(() => {
      renewal = false;
      const scene = store?.getState().scene;
      if (scene && !closing.signal.aborted) store?.setState({ scene: { ...scene } });
    });
  };

  const stateOf = (scene: Scene): string => `${scene.generation}/${scene.ready_frame_count}`;

  const load = (scene: Scene, sensor: string, page: number): Promise<FramePage> => {
    const key = `${stateOf(scene)}/${sensor}/${page}`;
    const known = loading.get(key);
    if (known) return known;
    const place = { scene: scene.name, generation: scene.generation, sensor };
    const fetchPage = async (): Promise<FramePage> => {
      try {
        const read = readPage(await client.frames(place, page, closing.signal));
        tableOf(sensor).put(read);
        seen.set(`${sensor}/${page}`, stateOf(scene));
        renew();
        return read;
      } finally {
        loading.delete(key);
      }
    };
    const found = fetchPage();
    loading.set(key, found);
    return found;
  };

  const isAtHand = (scene: Scene, sensor: string, page: number): boolean => {
    const held = tables.get(sensor)?.page(page);
    return held !== undefined && (held.is_whole || seen.get(`${sensor}/${page}`) === stateOf(scene));
  };

  /** The blocks of a lidar's frame; its page is looked for where it is not at hand. */
  const loadBlocks = async (sensor: string, frame: number): Promise<readonly Block[]> => {
    const scene = store?.getState().scene ?? current;
    if (!scene) throw new DOMException("the scene is closed", "AbortError");
    const lidar = scene.lidars.find((each) => each.name === sensor);
    if (!lidar || frame < 0 || frame >= lidar.frame_count) {
      throw new RangeError(`${sensor} has no frame ${frame}`);
    }
    const last = Math.ceil(scene.frame_count / scene.page_frames) - 1;
    let page = Math.floor((frame / lidar.frame_count) * (last + 1));
    for (let tries = 0; tries <= last + 1; tries++) {
      const held = tables.get(sensor)?.page(page);
      const read = held && isAtHand(scene, sensor, page) ? held : await load(scene, sensor, page);
      const at = frame - read.first;
      if (at < 0 && page > 0) page -= 1;
      else if (at >= read.poses.length && page < last) page += 1;
      else if (read.blocks[at]) return read.blocks[at];
      else throw pendingFrame(sensor, frame);
    }
    throw new RangeError(`${sensor}: no page has frame ${frame}`);
  };

  const forget = (page: number): void => {
    for (const [sensor, table] of tables) {
      const far = table.held().sort((a, b) => Math.abs(b - page) - Math.abs(a - page));
      for (const number of far.slice(0, Math.max(far.length - MOST_PAGES, 0))) {
        table.drop(number);
        seen.delete(`${sensor}/${number}`);
      }
    }
  };

  const want = async (): Promise<void> => {
    const state = store?.getState();
    const scene = state?.scene;
    if (!state || !scene || scene.frame_count === 0) return;
    const sensors = [...scene.lidars, ...scene.cameras].map((each) => each.name);
    sensors.sort((a, b) => Number(b === scene.reference) - Number(a === scene.reference));
    const wanted = pagesWanted({
      frame: state.frame,
      frame_count: scene.frame_count,
      page_frames: scene.page_frames,
      direction,
      speed: state.playing ? state.speed : 1,
    });
    for (const page of wanted) {
      const missing = sensors.filter((sensor) => !isAtHand(scene, sensor, page));
      await Promise.all(missing.map((sensor) => load(scene, sensor, page)));
      const now = store?.getState();
      if (now?.frame !== state.frame || stateOf(now.scene ?? scene) !== stateOf(scene)) return;
    }
    forget(wanted[0] ?? 0);
  };

  const run = (): void => {
    clearTimeout(retry);
    want().catch((error: unknown) => {
      if (closing.signal.aborted || isAbort(error)) return;
      if (!failureOf(error)) throw error;
      retry = setTimeout(run, RETRY_MS); // the server is away, or the scene has another generation by now
    });
  };

  const fetchClock = async (sensor: string): Promise<void> => {
    for (let tries = 1; ; tries++) {
      const scene = tries === 1 ? (store?.getState().scene ?? current) : current;
      if (!scene) throw new DOMException("the scene is closed", "AbortError");
      const place = { scene: scene.name, generation: scene.generation, sensor };
      try {
        tableOf(sensor).holdClock(new Float64Array(await client.clock(place, closing.signal)));
        renew();
        return;
      } catch (error) {
        if (failureOf(error)?.code !== "not_found" || tries === CLOCK_TRIES) throw error;
        // It was published meanwhile: the same times are under another generation.
        describe(await client.scene(place.scene, closing.signal));
      }
    }
  };

  /** What is between the keyframes of boxes takes the times of their camera. */
  const clockBoxes = (labels: Labels): void => {
    const cameras = new Set<string>();
    for (const track of labels.tracks.values()) if (track.kind === "box") cameras.add(track.space);
    for (const camera of cameras) {
      if (current?.cameras.some((each) => each.name === camera)) loadClock(camera).catch(ignoreFailure);
    }
  };

  const loadClock = (sensor: string): Promise<void> => {
    let found = clocks.get(sensor);
    if (!found) {
      found = fetchClock(sensor);
      found.catch(() => clocks.delete(sensor)); // the next one tries again
      clocks.set(sensor, found);
    }
    return found;
  };

  const describe = (document: WireScene): Scene => {
    current = sceneFromDocument(document, tableOf, loadBlocks);
    return current;
  };

  return {
    scene: describe,
    follow(followed) {
      store = followed;
      unsubscribe = followed.subscribe((state, before) => {
        if (state.frame !== before.frame) direction = state.frame > before.frame ? 1 : -1;
        const grown = state.scene && before.scene && stateOf(state.scene) !== stateOf(before.scene);
        if (state.frame !== before.frame || grown || !before.scene) run();
        if (state.labels.tracks !== before.labels.tracks) clockBoxes(state.labels);
      });
      run();
    },
    loadClock,
    close() {
      closing.abort();
      clearTimeout(retry);
      unsubscribe();
    },
  };
};

const pendingFrame = (sensor: string, frame: number): ApiError =>
  new ApiError({ code: "frame_pending", status: 425, message: `${sensor}: frame ${frame} is not there yet` });

/** A failure of the protocol comes to nothing here: it is tried again with the next change. */
const ignoreFailure = (error: unknown): void => {
  if (!isAbort(error) && !failureOf(error)) throw error;
};
