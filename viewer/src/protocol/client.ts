/** The server's HTTP interface, typed: every call takes an AbortSignal and fails with an `ApiError`. */

import { ApiError, failureFromAnswer, isAbort } from "./errors";
import { followParts, PARTS } from "./parts";
import type {
  WireChangeAnswer,
  WireChangeRequest,
  WireChanges,
  WireFit,
  WireFitRequest,
  WireFormat,
  WireFrame,
  WireJob,
  WireLabels,
  WireMerged,
  WireMergeRequest,
  WirePropagateRequest,
  WirePropagation,
  WireScene,
  WireSceneRow,
  WireSession,
  WireSolution,
  WireSolveRequest,
  WireUndoRequest,
  WireUpload,
} from "./wire";

export interface Client {
  session(signal: AbortSignal): Promise<WireSession>;
  formats(signal: AbortSignal): Promise<readonly WireFormat[]>;
  scenes(signal: AbortSignal): Promise<readonly WireSceneRow[]>;
  scene(scene: string, signal: AbortSignal): Promise<WireScene>;
  removeScene(scene: string, signal: AbortSignal): Promise<void>;
  /** All labels, or a page of them. */
  labels(scene: string, signal: AbortSignal, page?: LabelsPage): Promise<WireLabels>;
  postChange(scene: string, change: WireChangeRequest, signal: AbortSignal): Promise<WireChangeAnswer>;
  /** Sends a change from a page that is being left; nobody waits for the answer, the next page asks again. */
  sendOff(scene: string, change: WireChangeRequest): void;
  /** A new change that undoes the change `target`. */
  undoChange(
    scene: string,
    target: string,
    request: WireUndoRequest,
    signal: AbortSignal,
  ): Promise<WireChangeAnswer>;
  changes(scene: string, since: number, signal: AbortSignal): Promise<WireChanges>;
  fit(scene: string, request: WireFitRequest, signal: AbortSignal): Promise<WireFit>;
  propagate(scene: string, request: WirePropagateRequest, signal: AbortSignal): Promise<WirePropagation>;
  solve(scene: string, request: WireSolveRequest, signal: AbortSignal): Promise<WireSolution>;
  points(place: DataPlace, block: number, signal: AbortSignal): Promise<ArrayBuffer>;
  /** A field of a block's points, little-endian values of the type that the scene document names. */
  field(place: DataPlace, field: string, block: number, signal: AbortSignal): Promise<ArrayBuffer>;
  /** A page of a sensor's frames, see `frames/page`. */
  frames(place: DataPlace, page: number, signal: AbortSignal): Promise<ArrayBuffer>;
  /** The octree of a frame, see `stream/octree`. */
  octree(place: DataPlace, frame: number, signal: AbortSignal): Promise<ArrayBuffer>;
  /** A merged cloud; asking again with the same tells how far it is. */
  merged(scene: string, request: WireMergeRequest, signal: AbortSignal): Promise<WireMerged>;
  /** All times of a sensor, nanoseconds from the scene's start, float64. */
  clock(place: DataPlace, signal: AbortSignal): Promise<ArrayBuffer>;
  /** The index of a video, see `frames/packets`. */
  packetIndex(place: DataPlace, signal: AbortSignal): Promise<ArrayBuffer>;
  /** The frame that the source calls so. */
  findFrame(scene: string, name: string, signal: AbortSignal): Promise<WireFrame>;
  image(place: DataPlace, frame: number, signal: AbortSignal): Promise<Blob>;
  /** A small picture of a frame, of images and of videos. */
  small(place: DataPlace, frame: number, width_px: SmallWidth, signal: AbortSignal): Promise<Blob>;
  packets(place: DataPlace, first: number, count: number, signal: AbortSignal): Promise<ArrayBuffer>;
  startExport(scene: string, format: string, signal: AbortSignal): Promise<WireJob>;
  job(id: string, signal: AbortSignal): Promise<WireJob>;
  cancelJob(id: string, signal: AbortSignal): Promise<void>;
  jobFileUrl(id: string): string;
  /** What the server has of a set of files, see `uploads/upload`. */
  uploads(set: string, signal: AbortSignal): Promise<readonly WireUpload[]>;
  importUploads(set: string, name: string, format: string | null, signal: AbortSignal): Promise<WireJob>;
  /** Imports of uploads that run, and those that failed. */
  imports(signal: AbortSignal): Promise<readonly WireJob[]>;
  /** Address of the live connection. */
  liveUrl(scene: string, client: string): string;
}

/** Widths in which the server makes small pictures, pixels. */
export type SmallWidth = 160 | 320 | 640;

/** At most `limit` entries after a path, at a revision or now. */
export interface LabelsPage {
  readonly limit?: number;
  readonly after?: string;
  readonly at?: number;
}

export interface DataPlace {
  readonly scene: string;
  readonly generation: string;
  readonly sensor: string;
}

export interface ClientOptions {
  /** Where the server is; the page's own origin by default. */
  readonly origin?: string;
  readonly fetch?: typeof globalThis.fetch;
}

export const createClient = (options: ClientOptions = {}): Client => {
  const origin = options.origin ?? "";
  const fetchNow = options.fetch ?? ((input, init) => globalThis.fetch(input, init));

  const send = async (path: string, init: RequestInit): Promise<Response> => {
    let answer: Response;
    try {
      answer = await fetchNow(`${origin}/api${path}`, init);
    } catch (error) {
      if (isAbort(error)) throw error;
      throw new ApiError({ code: "network", status: 0, message: "The server cannot be reached" });
    }
    if (!answer.ok) throw new ApiError(await failureFromAnswer(answer));
    return answer;
  };
  /** Stored bytes, from the server or from where it says they are. */
  const sendStored = async (path: string, signal: AbortSignal): Promise<Response> => {
    const answer = await send(path, { headers: { accept: `${PARTS}, */*` }, signal });
    return (await read(followParts(answer, fetchNow, signal))) ?? send(path, { signal });
  };
  /** The body of an answer; a connection that breaks while it is read is a network failure too. */
  const read = async <T>(body: Promise<T>): Promise<T> => {
    try {
      return await body;
    } catch (error) {
      if (isAbort(error)) throw error;
      throw new ApiError({ code: "network", status: 0, message: "The server's answer broke off" });
    }
  };
  const fetchJson = async <T>(path: string, signal: AbortSignal): Promise<T> =>
    read((await send(path, { signal })).json() as Promise<T>);
  const postJson = async <T>(path: string, body: unknown, signal: AbortSignal): Promise<T> => {
    const headers = { "content-type": "application/json" };
    const answer = await send(path, { method: "POST", headers, body: JSON.stringify(body), signal });
    return read(answer.json() as Promise<T>);
  };
  const remove = async (path: string, signal: AbortSignal): Promise<void> => {
    await send(path, { method: "DELETE", signal });
  };
  const sceneRoot = (scene: string): string => `/scenes/${encodeURIComponent(scene)}`;
  const dataRoot = (place: DataPlace, kind: string): string =>
    `${sceneRoot(place.scene)}/data/${place.generation}/${kind}/${encodeURIComponent(place.sensor)}`;

  return {
    session: (signal) => fetchJson("/session", signal),
    formats: (signal) => fetchJson("/formats", signal),
    scenes: (signal) => fetchJson("/scenes", signal),
    scene: (scene, signal) => fetchJson(sceneRoot(scene), signal),
    uploads: (set, signal) => fetchJson(`/uploads/${set}`, signal),
    importUploads: (set, name, format, signal) =>
      postJson(`/uploads/${set}/import`, { name, format }, signal),
    imports: (signal) => fetchJson("/imports", signal),
    removeScene: (scene, signal) => remove(sceneRoot(scene), signal),
    labels(scene, signal, page = {}) {
      const asked = Object.entries(page).map(([name, value]): [string, string] => [name, String(value)]);
      return fetchJson(`${sceneRoot(scene)}/labels?${new URLSearchParams(asked)}`, signal);
    },
    postChange: (scene, change, signal) => postJson(`${sceneRoot(scene)}/changes`, change, signal),
    sendOff(scene, change) {
      const headers = { "content-type": "application/json" };
      const init = { method: "POST", headers, body: JSON.stringify(change), keepalive: true };
      send(`${sceneRoot(scene)}/changes`, init).catch(() => undefined);
    },
    undoChange: (scene, target, request, signal) =>
      postJson(`${sceneRoot(scene)}/changes/${encodeURIComponent(target)}/undo`, request, signal),
    changes: (scene, since, signal) => fetchJson(`${sceneRoot(scene)}/changes?since=${since}`, signal),
    fit: (scene, request, signal) => postJson(`${sceneRoot(scene)}/assist/fit`, request, signal),
    propagate: (scene, request, signal) => postJson(`${sceneRoot(scene)}/assist/propagate`, request, signal),
    solve: (scene, request, signal) => postJson(`${sceneRoot(scene)}/assist/solve`, request, signal),
    points: async (place, block, signal) =>
      read((await sendStored(`${dataRoot(place, "points")}/${block}`, signal)).arrayBuffer()),
    field: async (place, field, block, signal) => {
      const path = `${dataRoot(place, "fields")}/${block}?name=${encodeURIComponent(field)}`;
      return read((await send(path, { signal })).arrayBuffer());
    },
    frames: async (place, page, signal) =>
      read((await send(`${dataRoot(place, "frames")}/${page}`, { signal })).arrayBuffer()),
    octree: async (place, frame, signal) =>
      read((await send(`${dataRoot(place, "octree")}/${frame}`, { signal })).arrayBuffer()),
    merged: (scene, request, signal) => postJson(`${sceneRoot(scene)}/merged`, request, signal),
    clock: async (place, signal) => read((await send(dataRoot(place, "clock"), { signal })).arrayBuffer()),
    packetIndex: async (place, signal) =>
      read((await send(dataRoot(place, "packets-index"), { signal })).arrayBuffer()),
    findFrame: (scene, name, signal) =>
      fetchJson(`${sceneRoot(scene)}/frames?name=${encodeURIComponent(name)}`, signal),
    image: async (place, frame, signal) =>
      read((await sendStored(`${dataRoot(place, "images")}/${frame}`, signal)).blob()),
    small: async (place, frame, width_px, signal) =>
      read((await send(`${dataRoot(place, "reduced")}/${width_px}/${frame}`, { signal })).blob()),
    packets: async (place, first, count, signal) =>
      read(
        (
          await sendStored(`${dataRoot(place, "packets")}?first=${first}&count=${count}`, signal)
        ).arrayBuffer(),
      ),
    startExport: (scene, format, signal) => postJson(`${sceneRoot(scene)}/exports`, { format }, signal),
    job: (id, signal) => fetchJson(`/jobs/${encodeURIComponent(id)}`, signal),
    cancelJob: (id, signal) => remove(`/jobs/${encodeURIComponent(id)}`, signal),
    jobFileUrl: (id) => `${origin}/api/jobs/${encodeURIComponent(id)}/file`,
    liveUrl: (scene, client) => {
      const url = new URL(
        `${origin}/api${sceneRoot(scene)}/live`,
        globalThis.location?.href ?? "http://localhost",
      );
      url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
      url.searchParams.set("client", client);
      return url.href;
    },
  };
};
