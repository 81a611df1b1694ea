/** A sync that is there before the labels are: until they are read nothing is edited, and who tries is told. */

import type { Sync } from "./contract";

export interface LateSync extends Sync {
  /** From now on all goes to the sync of the labels that were read. */
  become(sync: Sync): void;
}

/** `tooEarly` tells the user that there is nothing to edit yet. */
export const createLateSync = (tooEarly: () => void): LateSync => {
  let sync: Sync | null = null;
  const isOpen = (): boolean => {
    if (!sync) tooEarly();
    return sync !== null;
  };
  return {
    become(opened) {
      sync = opened;
    },
    edit: (edit) => (isOpen() ? (sync?.edit(edit) ?? null) : null),
    undo: async () => (isOpen() ? sync?.undo() : undefined),
    redo: async () => (isOpen() ? sync?.redo() : undefined),
    keepMine: () => sync?.keepMine(),
    takeTheirs: () => sync?.takeTheirs(),
    value: (path) => sync?.value(path) ?? null,
    seen: (paths) => sync?.seen(paths) ?? new Map(),
    pathsUnder: (prefix) => sync?.pathsUnder(prefix) ?? [],
    receive: (change) => sync?.receive(change),
    catchUp: async () => sync?.catchUp(),
    retry: () => sync?.retry(),
    settled: async () => sync?.settled(),
    flush: () => sync?.flush(),
    rescue: () => sync?.rescue(),
    close: async () => sync?.close(),
  };
};
