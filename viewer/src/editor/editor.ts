/** The editor: everything a person can do, put together from its parts. */

import type { StateStore } from "../state/store";
import type { Editor } from "./contract";
import { createMerging } from "./merging";
import { createMoving } from "./moving";
import { createObjects } from "./objects";
import type { EditorParts } from "./parts";
import { createPlayer } from "./play";
import { createShapes } from "./shapes";
import { createSolving } from "./solving";
import { createTime } from "./time";

export interface ClosableEditor extends Editor {
  close(): void;
}

export const createEditor = (store: StateStore, others: Omit<EditorParts, "store">): ClosableEditor => {
  const parts: EditorParts = { store, ...others };
  const player = createPlayer({
    store,
    isReady: parts.stream.isReady,
    showFrame: (frame) => moving.showFrame(frame),
  });
  const moving = createMoving(parts, player);

  const merging = createMerging(parts);

  // What is gone can neither be selected nor hovered.
  const unsubscribe = store.subscribe((state, before) => {
    if (state.labels === before.labels) return;
    const { objects } = state.labels;
    if (state.selected !== null && !objects.has(state.selected)) moving.select(null);
    if (state.hovered !== null && !objects.has(state.hovered)) moving.hover(null);
  });

  return {
    ...moving,
    ...createShapes(parts),
    ...createTime(parts),
    ...createSolving(parts),
    ...createObjects(parts),
    undo: parts.sync.undo,
    redo: parts.sync.redo,
    keepMine: parts.sync.keepMine,
    takeTheirs: parts.sync.takeTheirs,
    close() {
      unsubscribe();
      merging.close();
      player.close();
    },
  };
};
