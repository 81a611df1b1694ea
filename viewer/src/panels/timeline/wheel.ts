/** The wheel zooms to the pointer; with Shift, or sideways, it pans. */

import { type RefObject, useEffect } from "react";
import type { Timeline } from "./state";
import { panned, zoomed } from "./window";

export function useWheel(box: RefObject<HTMLElement | null>, timeline: Timeline, frame_count: number): void {
  useEffect(() => {
    const element = box.current;
    if (!element) return;
    const turn = (event: WheelEvent) => {
      event.preventDefault(); // needs a listener that is not passive: React's is
      event.stopPropagation();
      const bounds = element.getBoundingClientRect();
      const share = Math.min(Math.max((event.clientX - bounds.left) / bounds.width, 0), 1);
      const sideways = event.shiftKey ? event.deltaX + event.deltaY : event.deltaX;
      timeline.setState(({ window }) => ({
        window:
          event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY)
            ? panned(window, (sideways / bounds.width) * window.count, frame_count)
            : zoomed(window, 1.0015 ** event.deltaY, share, frame_count),
      }));
    };
    element.addEventListener("wheel", turn, { passive: false });
    return () => element.removeEventListener("wheel", turn);
  }, [box, timeline, frame_count]);
}
