/** Time: keyframes, carrying along, and where a track is present. */

import { failureOf } from "../protocol/errors";
import { keyframeAt } from "../space/interpolate";
import type { Span } from "../state/model";
import type { Op } from "../sync/change";
import { keyframePath } from "../sync/paths";
import type { Editor } from "./contract";
import { acceptKeyframe, machineFramesAround, placeCuboid, placePropagated, spansOp } from "./edits";
import { cuboidTrackOf, isProtected, nameOf } from "./find";
import { type EditorParts, sceneOf, selectionOf } from "./parts";
import { selectedCuboid } from "./shapes";
import { endAt, joinSpans, occludeFrom, startAt } from "./spans";

type Time = Pick<
  Editor,
  | "addKeyframe"
  | "removeKeyframe"
  | "propagate"
  | "interpolate"
  | "accept"
  | "startHere"
  | "endHere"
  | "setSpans"
  | "setOcclusion"
>;

const DEFAULT_FRAMES = 20;

export const createTime = (parts: EditorParts): Time => {
  const { store, sync, client, notices } = parts;
  let carrying: AbortController | null = null;

  const setSpans = (
    verb: string,
    change: (spans: readonly Span[], frame: number) => readonly Span[],
  ): void => {
    const selection = selectionOf(parts);
    if (!selection) return;
    const spans = change(selection.track.spans, store.getState().frame);
    const label = `${verb} ${nameOf(selection.object)}`;
    sync.edit({ label, cause: "manual", ops: [spansOp(selection.track.id, spans)] });
  };

  const addKeyframe = (): void => {
    const at = selectedCuboid(parts);
    if (!at) return;
    const ops = placeCuboid(at.track, at.frame, at.cuboid);
    sync.edit({ label: `Keep ${nameOf(at.object)} at frame ${at.frame}`, cause: "manual", ops });
  };

  const carry = async (
    direction: "forward" | "backward",
    frame_count: number,
    signal: AbortSignal,
  ): Promise<void> => {
    const at = selectedCuboid(parts);
    if (!at) return;
    if (!keyframeAt(at.track, at.frame)) addKeyframe(); // what is carried has to stand somewhere
    await raceAbort(sync.settled(), signal); // the server carries what it knows
    if (store.getState().conflict) {
      notices.info(`Decide first which values hold, then carry ${nameOf(at.object)} along`);
      return;
    }
    const scene = sceneOf(parts);
    const request = { track: at.track.id, frame: at.frame, direction, frame_count };
    const answer = await client.propagate(scene.name, request, signal);
    const track = cuboidTrackOf(store.getState().labels, at.object.id);
    if (!track) return;
    const ops = placePropagated(track, at.frame, answer.keyframes);
    const name = nameOf(at.object);
    const count = answer.keyframes.length;
    const label = `Propagate ${name} ${direction} ${count} frame${count === 1 ? "" : "s"}`;
    if (ops.length > 0) sync.edit({ label, cause: "propagated", ops });
    if (answer.reason || count < frame_count) {
      const where = answer.stopped_at === null ? `after ${count} frames` : `at frame ${answer.stopped_at}`;
      notices.info(`${name}: stopped ${where}`, answer.reason);
    }
  };

  return {
    addKeyframe,
    removeKeyframe(frame) {
      const selection = selectionOf(parts);
      const at = frame ?? store.getState().frame;
      if (!selection || !keyframeAt(selection.track, at)) return;
      const name = nameOf(selection.object);
      if (selection.track.keyframes.length === 1) {
        notices.info(`This is the only keyframe of ${name}: delete the object instead`);
        return;
      }
      const ops = [{ path: keyframePath(selection.track.id, at), value: null }];
      sync.edit({ label: `Remove the keyframe of ${name} at frame ${at}`, cause: "manual", ops });
    },
    async propagate(direction, frame_count) {
      const at = selectedCuboid(parts);
      if (!at) return;
      const scene = sceneOf(parts);
      const left = direction === "forward" ? scene.ready_frame_count - 1 - at.frame : at.frame;
      const count = Math.min(frame_count ?? DEFAULT_FRAMES, left);
      if (count < 1) return;
      carrying?.abort();
      const controller = new AbortController();
      carrying = controller;
      const text = `Carrying ${nameOf(at.object)} ${direction} over ${count} frame${count === 1 ? "" : "s"}`;
      const cancel = (): void => controller.abort();
      const notice = notices.add({ kind: "progress", text, detail: null, cancel, retry: null });
      try {
        await carry(direction, count, controller.signal);
      } catch (error) {
        if (controller.signal.aborted) return;
        const failure = failureOf(error);
        if (!failure) throw error;
        notices.error(
          `${nameOf(at.object)} could not be carried along; nothing was changed`,
          failure.message,
        );
      } finally {
        notices.dismiss(notice);
        if (carrying === controller) carrying = null;
      }
    },
    interpolate() {
      const selection = selectionOf(parts);
      if (!selection) return;
      const { track, object } = selection;
      const frames = machineFramesAround(track, store.getState().frame);
      if (!frames) {
        notices.info("To interpolate, make or accept a keyframe before and one after this frame");
        return;
      }
      if (frames.length === 0) {
        notices.info(`${nameOf(object)} is interpolated here already: no machine keyframe stands between`);
        return;
      }
      const ops: Op[] = frames.map((frame) => ({ path: keyframePath(track.id, frame), value: null }));
      sync.edit({
        label: `Interpolate ${nameOf(object)} over ${frames.length} keyframe${frames.length === 1 ? "" : "s"}`,
        cause: "interpolated",
        ops,
      });
    },
    accept() {
      const selection = selectionOf(parts);
      const { frame, session } = store.getState();
      const keyframe = selection && keyframeAt(selection.track, frame);
      if (!selection || !keyframe || isProtected(keyframe)) return;
      const ops = [acceptKeyframe(selection.track, keyframe, session.name)];
      sync.edit({ label: `Accept ${nameOf(selection.object)} at frame ${frame}`, cause: "manual", ops });
    },
    startHere: () => setSpans("Start", startAt),
    endHere: () => setSpans("End", endAt),
    setSpans: (spans) => setSpans("Change the presence of", () => joinSpans(spans)),
    setOcclusion: (level) =>
      setSpans("Change the occlusion of", (spans, frame) => occludeFrom(spans, frame, level)),
  };
};

/** The promise, unless the signal aborts first. */
const raceAbort = <T>(promise: Promise<T>, signal: AbortSignal): Promise<T> =>
  new Promise((resolve, reject) => {
    if (signal.aborted) reject(signal.reason);
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
    promise.then(resolve, reject);
  });
