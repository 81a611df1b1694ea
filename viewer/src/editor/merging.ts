/** Merged clouds: asked for when they are to be shown, and again when what they depend on was changed. */

import { failureOf } from "../protocol/errors";
import type { WireMergeRequest } from "../protocol/wire";
import { fromNumbers } from "../space/pose";
import type { MergedCloud, State } from "../state/model";
import { cuboidTrackOf } from "./find";
import type { EditorParts } from "./parts";

const ASK_AGAIN_MS = 400;
const REST_MS = 1500; // after the last change of a label
const VOXEL_M = 0.05;

/** Follows the state for as long as it is not closed. */
export const createMerging = ({ store, client, sync, notices }: EditorParts): { close(): void } => {
  let running: AbortController | null = null;
  let resting: ReturnType<typeof setTimeout> | undefined;

  const wantedBy = (state: State): WireMergeRequest | null => {
    const { view, selected, labels } = state;
    if (state.scene === null || view.cloud_source === "frame") return null;
    if (view.cloud_source === "world") return { kind: "world", voxel_m: VOXEL_M };
    const track = selected === null ? null : cuboidTrackOf(labels, selected);
    return track === null ? null : { kind: "object", track: track.id };
  };

  const wait = (ms: number, signal: AbortSignal): Promise<void> =>
    new Promise((done) => {
      const timer = setTimeout(done, ms);
      signal.addEventListener("abort", () => {
        clearTimeout(timer);
        done();
      });
    });

  const follow = async (scene: string, request: WireMergeRequest, signal: AbortSignal): Promise<void> => {
    const what =
      request.kind === "world" ? "Merging all frames" : "Gathering the object's points of all frames";
    let notice: string | null = null;
    const tell = (detail: string | null): void => {
      if (notice !== null) notices.dismiss(notice);
      const cancel = (): void => running?.abort();
      notice = notices.add({ kind: "progress", text: what, detail, cancel, retry: null });
    };
    try {
      await sync.settled(); // the server merges by the labels that it knows
      for (;;) {
        const answer = await client.merged(scene, request, signal);
        if (signal.aborted) return;
        if (answer.state === "failed") throw new Error(answer.message ?? "it failed");
        const { cloud } = answer;
        if (answer.state === "ready" && cloud) {
          const merged: MergedCloud = {
            kind: request.kind,
            track: request.track ?? null,
            cloud: {
              generation: cloud.generation,
              sensor: cloud.sensor,
              world_from_cloud: fromNumbers(cloud.world_from_cloud),
              point_count: cloud.point_count,
              has_intensity: cloud.has_intensity,
              coding: cloud.coding === "planes" ? "planes" : "meshopt",
            },
          };
          store.setState({ merged });
          return;
        }
        tell(answer.total > 0 ? `frame ${answer.done} of ${answer.total}` : null);
        await wait(ASK_AGAIN_MS, signal);
      }
    } catch (error) {
      if (signal.aborted) return;
      notices.error("The frames could not be merged", failureOf(error)?.message ?? String(error));
      store.setState({ view: { ...store.getState().view, cloud_source: "frame" } });
    } finally {
      if (notice !== null) notices.dismiss(notice);
    }
  };

  const ask = (state: State): void => {
    running?.abort();
    clearTimeout(resting);
    const request = wantedBy(state);
    if (request === null || state.scene === null) return;
    running = new AbortController();
    void follow(state.scene.name, request, running.signal);
  };

  const unsubscribe = store.subscribe((state, before) => {
    const changed =
      state.view.cloud_source !== before.view.cloud_source ||
      state.scene?.name !== before.scene?.name ||
      (state.view.cloud_source === "object" && state.selected !== before.selected);
    if (changed) {
      if (state.merged !== null) store.setState({ merged: null });
      ask(store.getState());
    } else if (state.labels !== before.labels && state.view.cloud_source !== "frame") {
      clearTimeout(resting);
      resting = setTimeout(() => ask(store.getState()), REST_MS); // the old cloud stays until the new one is there
    }
  });

  return {
    close() {
      unsubscribe();
      running?.abort();
      clearTimeout(resting);
    },
  };
};
