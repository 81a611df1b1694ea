/** Transport, the whole scene in a strip, a ruler, and a row for each object. */

import "./timeline.css";
import { type CSSProperties, createContext, useContext, useEffect, useMemo, useState } from "react";
import { useStore } from "zustand";
import type { Scene } from "../../state/model";
import { writeCount } from "../controls/number";
import { useApp, useSession } from "../session/context";
import { densityOf } from "./density";
import { Lanes } from "./Lanes";
import { Ruler } from "./Ruler";
import { allRows, chooseRows, type Row } from "./rows";
import { Scrubber } from "./Scrubber";
import { createTimeline, type TimelineState, type Timeline as TimelineStore } from "./state";
import { Transport } from "./Transport";
import { openingWindow, revealing } from "./window";

const TimelineContext = createContext<TimelineStore | null>(null);

export function useTimeline(): TimelineStore {
  const timeline = useContext(TimelineContext);
  if (!timeline) throw new Error("this part needs the timeline around it");
  return timeline;
}

export const useTimelineState = <T,>(select: (state: TimelineState) => T): T =>
  useStore(useTimeline(), select);

export function Timeline() {
  const { store } = useSession();
  const [timeline] = useState(() => {
    const { frame, scene } = store.getState();
    return createTimeline(openingWindow(frame, scene?.frame_count ?? 1, window.innerWidth - 240));
  });
  useEffect(
    () =>
      store.subscribe(
        (state) => state.frame,
        (frame) => {
          const whole = store.getState().scene?.frame_count ?? 1;
          timeline.setState(({ window }) => ({ window: revealing(window, frame, whole) }));
        },
      ),
    [store, timeline],
  );
  // "335–364" and "12 345" in tabular figures of 12 px.
  const range_px = useApp((state) => 15 * String(state.scene?.frame_count ?? 1).length + 8);
  const count_px = useApp((state) => 7.6 * writeCount(mostPoints(state.scene)).length);
  return (
    <TimelineContext value={timeline}>
      <section
        className="timeline"
        aria-label="Timeline"
        style={{ "--range": `${range_px}px`, "--count": `${count_px}px` } as CSSProperties}
      >
        <Body />
      </section>
    </TimelineContext>
  );
}

/** About the most points that an object may hold: a quarter of a sweep. */
const mostPoints = (scene: Scene | null): number =>
  Math.max(0, ...(scene?.lidars ?? []).map((lidar) => lidar.points_per_block / 4));

function Body() {
  const labels = useApp((state) => state.labels);
  const selected = useApp((state) => state.selected);
  const frame_count = useApp((state) => state.scene?.frame_count ?? 1);
  const filter = useTimelineState((state) => state.filter);
  const sort = useTimelineState((state) => state.sort);
  const frame = useApp((state) => (filter.in_frame ? state.frame : 0));
  const everything = useMemo(() => allRows(labels), [labels]);
  const density = useMemo(() => densityOf(labels, frame_count), [labels, frame_count]);
  const rows = useSame(
    useMemo(
      () => chooseRows(everything, filter, sort, frame, selected),
      [everything, filter, sort, frame, selected],
    ),
  );
  return (
    <>
      <Transport shown={rows.length} all={everything.length} />
      <Scrubber density={density} track_count={everything.length} />
      <Ruler />
      <Lanes rows={rows} />
    </>
  );
}

/** The former list while it holds the same rows: nothing is drawn again for a list that reads the same. */
function useSame(rows: readonly Row[]): readonly Row[] {
  const [kept, setKept] = useState(rows);
  const same = kept.length === rows.length && kept.every((row, at) => row === rows[at]);
  if (!same) setKept(rows);
  return same ? kept : rows;
}
