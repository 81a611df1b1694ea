/** Being told when anything that the timeline draws has changed. */

import { useCallback } from "react";

interface Watched {
  subscribe(changed: () => void): () => void;
}

export const useWatch = (store: Watched, timeline: Watched): ((changed: () => void) => () => void) =>
  useCallback(
    (changed) => {
      const stops = [store.subscribe(changed), timeline.subscribe(changed)];
      return () => {
        for (const stop of stops) stop();
      };
    },
    [store, timeline],
  );
