/** Waiting for the work on its way to the server. */

import type { StateStore } from "../../state/store";

/** Resolves once nothing is on its way: all is saved, or it waits for the server or for a decision. */
export const untilSaved = (store: StateStore): Promise<void> =>
  new Promise((resolve) => {
    const isAtRest = (): boolean => store.getState().save.kind !== "saving";
    if (isAtRest()) return resolve();
    const unsubscribe = store.subscribe(() => {
      if (!isAtRest()) return;
      unsubscribe();
      resolve();
    });
  });
