/** What the parts of the editor work with. */

import type { Client } from "../protocol/client";
import type { Scene, SceneObject, Track } from "../state/model";
import type { StateStore } from "../state/store";
import type { Stream } from "../stream/stream";
import type { Sync } from "../sync/contract";
import type { Presence } from "../sync/live";
import { cuboidTrackOf } from "./find";
import type { Notices } from "./notices";

export interface EditorParts {
  readonly store: StateStore;
  readonly sync: Sync;
  readonly client: Client;
  readonly stream: Pick<Stream, "isReady">;
  readonly notices: Notices;
  /** Tells the others where this person is. */
  readonly announce: (presence: Presence) => void;
}

/** The open scene; operations make no sense without one. */
export const sceneOf = ({ store }: EditorParts): Scene => {
  const { scene } = store.getState();
  if (!scene) throw new Error("no scene is open");
  return scene;
};

/** The selected object with its cuboid track, null where nothing of the kind is selected. */
export const selectionOf = ({ store }: EditorParts): { object: SceneObject; track: Track } | null => {
  const { labels, selected } = store.getState();
  const object = selected === null ? undefined : labels.objects.get(selected);
  const track = object ? cuboidTrackOf(labels, object.id) : null;
  return object && track ? { object, track } : null;
};
