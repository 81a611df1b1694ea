/** The one typed store. The editor core writes it; views and panels read it. */

import { subscribeWithSelector } from "zustand/middleware";
import { createStore } from "zustand/vanilla";
import type { State } from "./model";

export const initialState: State = {
  scene: null,
  labels: { objects: new Map(), tracks: new Map(), ignore_regions: new Map() },
  revision: 0,
  frame: 0,
  playing: false,
  speed: 1,
  selected: null,
  hovered: null,
  tool: "select",
  active_class: "car",
  draft: null,
  save: { kind: "saved", pending: 0, saved_at: null, message: null },
  conflict: null,
  merged: null,
  people: [],
  notices: [],
  view: {
    cloud_source: "frame",
    point_budget: 3_000_000,
    color_mode: "height_intensity",
    cloud_view: "perspective",
    point_size: 1,
    clip_low_m: null,
    clip_high_m: null,
    eye_dome: true,
    show_labels: true,
    camera: null,
  },
  can_undo: null,
  can_redo: null,
  session: { id: "local", name: "You" },
};

export const createStateStore = () => createStore<State>()(subscribeWithSelector(() => initialState));
export type StateStore = ReturnType<typeof createStateStore>;
