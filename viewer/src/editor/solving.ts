/** One key carries an object through all frames it is seen in, all frames taken together. */

import { failureOf } from "../protocol/errors";
import type { WireSolution } from "../protocol/wire";
import type { Keyframe, Track } from "../state/model";
import type { Op } from "../sync/change";
import { keyframePath, trackPath } from "../sync/paths";
import type { Editor } from "./contract";
import { spansOp } from "./edits";
import { cuboidTrackOf, LOW_QUALITY, nameOf } from "./find";
import { type EditorParts, sceneOf, selectionOf } from "./parts";

/** A person put it there or accepted it; a fit to one click, which has a quality, is only a beginning. */
export const isDrawn = (keyframe: Keyframe): boolean =>
  keyframe.verified_by !== null || (keyframe.source === "human" && keyframe.quality === null);

/** What a solution changes: the machine's keyframes are all made anew, those that people drew stay. */
export const placeSolution = (track: Track, solution: WireSolution): Op[] => {
  const drawn = new Set(track.keyframes.filter(isDrawn).map((keyframe) => keyframe.frame));
  const placed = solution.keyframes.filter((keyframe) => !drawn.has(keyframe.frame));
  const frames = new Set([...drawn, ...placed.map((keyframe) => keyframe.frame)]);
  const gone = track.keyframes.filter((keyframe) => !frames.has(keyframe.frame));
  const { size_m } = solution;
  const isSame = track.size_m?.every((side, axis) => side === size_m[axis]);
  return [
    ...(isSame
      ? []
      : [
          {
            path: trackPath(track.id),
            value: { object: track.object_id, kind: track.kind, space: track.space, size_m },
          },
        ]),
    ...gone.map(({ frame }): Op => ({ path: keyframePath(track.id, frame), value: null })),
    ...placed.map(
      ({ frame, shape, quality }): Op => ({
        path: keyframePath(track.id, frame),
        value: { shape, source: "propagated", verified_by: null, quality },
      }),
    ),
    spansOp(track.id, solution.spans.length > 0 ? solution.spans : track.spans),
  ];
};

export const createSolving = (parts: EditorParts): Pick<Editor, "solve"> => {
  const { store, sync, client, notices } = parts;
  let solving: AbortController | null = null;

  const carry = async (is_still: boolean | null, signal: AbortSignal): Promise<void> => {
    const selection = selectionOf(parts);
    if (!selection) return;
    await sync.settled(); // the server solves what it knows
    const name = nameOf(selection.object);
    if (store.getState().conflict) {
      notices.info(`Decide first which values hold, then carry ${name} along`);
      return;
    }
    const answer = await client.solve(sceneOf(parts).name, { track: selection.track.id, is_still }, signal);
    const track = cuboidTrackOf(store.getState().labels, selection.object.id);
    if (!track || signal.aborted) return;
    const ops = placeSolution(track, answer);
    const replaces = track.keyframes.some((keyframe) => keyframe.source === "human" && !isDrawn(keyframe));
    const frames = answer.spans.reduce((sum, span) => sum + span.end - span.start, 0);
    const label = `Carry ${name} through ${frames} frame${frames === 1 ? "" : "s"}`;
    // The click's own fit is put right too, which only a person may do: it is the person who asked.
    sync.edit({ label, cause: replaces ? "manual" : "propagated", ops });
    const doubtful = answer.keyframes.filter((keyframe) => keyframe.quality < LOW_QUALITY).length;
    const look = doubtful > 0 ? `${doubtful} worth a look: N goes there` : null;
    notices.info(`${name} ${answer.is_still ? "stands still" : "moves"}: ${frames} frames`, look);
  };

  return {
    async solve(is_still) {
      const selection = selectionOf(parts);
      if (!selection) return;
      solving?.abort();
      const controller = new AbortController();
      solving = controller;
      const name = nameOf(selection.object);
      const cancel = (): void => controller.abort();
      const text = `Carrying ${name} through all frames`;
      const notice = notices.add({ kind: "progress", text, detail: null, cancel, retry: null });
      try {
        await carry(is_still ?? null, controller.signal);
      } catch (error) {
        if (controller.signal.aborted) return;
        const failure = failureOf(error);
        if (!failure) throw error;
        notices.error(`${name} could not be carried along; nothing was changed`, failure.message);
      } finally {
        notices.dismiss(notice);
        if (solving === controller) solving = null;
      }
    },
  };
};
