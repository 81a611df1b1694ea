/** What only the timeline knows: the part in sight, filter and order. Kept while the scene is open. */

import { createStore } from "zustand/vanilla";
import type { Filter, Sort } from "./rows";
import type { Window } from "./window";

export interface TimelineState {
  readonly window: Window;
  readonly filter: Filter;
  readonly sort: Sort;
  readonly scroll_px: number;
  readonly pointer_frame: number | null; // under the pointer on ruler or scrubber
}

export const createTimeline = (window: Window) =>
  createStore<TimelineState>()(() => ({
    window,
    filter: { in_frame: false, class_name: null, needs: false },
    sort: "number",
    scroll_px: 0,
    pointer_frame: null,
  }));

export type Timeline = ReturnType<typeof createTimeline>;
