/** One row an object: its name on the left, its time on the right. Only rows in sight exist. */

import { type PointerEvent, useEffect, useMemo, useRef, useState } from "react";
import { isPresent } from "../../space/interpolate";
import { usePointCounts } from "../labels/sweeps";
import { classColor } from "../labels/tracks";
import { useApp, useSession } from "../session/context";
import { Head } from "./Head";
import { paintLanes, ROW_PX } from "./paintLanes";
import type { Row } from "./rows";
import { type Paint, Sheet } from "./Sheet";
import { useTimeline, useTimelineState } from "./Timeline";
import { ticks } from "./ticks";
import { tokens } from "./tokens";
import { useWatch } from "./useWatch";
import { useWheel } from "./wheel";
import { frameAt, panned, xOf } from "./window";

const SNAP_PX = 7;

export function Lanes({ rows }: { rows: readonly Row[] }) {
  const { store, editor } = useSession();
  const timeline = useTimeline();
  const frame_count = useApp((state) => state.scene?.frame_count ?? 1);
  const selected = useApp((state) => state.selected);
  const hovered = useApp((state) => state.hovered);
  const filter = useTimelineState((state) => state.filter);
  const present_frame = useApp((state) => state.frame);
  const [height, setHeight] = useState(0);
  const [scroll_px, setScroll] = useState(0);
  const box = useRef<HTMLDivElement>(null);
  const lane = useRef<HTMLDivElement>(null);
  const held = useRef<{ x: number; first: number; moved: boolean } | null>(null);
  useWheel(lane, timeline, frame_count);

  const from = Math.max(0, Math.floor(scroll_px / ROW_PX) - 2);
  const to = Math.min(rows.length, Math.ceil((scroll_px + height) / ROW_PX) + 2);
  const seen = useMemo(() => rows.slice(from, to), [rows, from, to]);
  const counts = usePointCounts(useMemo(() => seen.map((row) => row.track), [seen]));

  useEffect(() => {
    const at = rows.findIndex((row) => row.object.id === selected);
    const element = box.current;
    if (at < 0 || !element) return;
    const top = at * ROW_PX;
    if (top < element.scrollTop) element.scrollTop = top;
    else if (top + ROW_PX > element.scrollTop + element.clientHeight)
      element.scrollTop = top + ROW_PX - element.clientHeight;
  }, [rows, selected]);

  const paint: Paint = (context, width, tall) => {
    const state = store.getState();
    const { window } = timeline.getState();
    paintLanes(context, {
      rows,
      window,
      width,
      height: tall,
      scroll_px: box.current?.scrollTop ?? 0,
      ticks: ticks(window, width, frame_count),
      frame: state.frame,
      frame_count,
      ready_frame_count: state.scene?.ready_frame_count ?? frame_count,
      selected: state.selected,
      hovered: state.hovered,
      color: (class_name) => classColor(state, class_name),
      conflicts: conflictPlaces(state.conflict?.items.map((item) => item.path) ?? []),
      colors: tokens(),
    });
  };
  const watch = useWatch(store, timeline);

  const hit = (event: PointerEvent<HTMLDivElement>) => {
    const bounds = event.currentTarget.getBoundingClientRect();
    const x = event.clientX - bounds.left;
    const row = rows[Math.floor((event.clientY - bounds.top + (box.current?.scrollTop ?? 0)) / ROW_PX)];
    const { window } = timeline.getState();
    const near = row?.track.keyframes.find(
      (keyframe) => Math.abs(xOf(window, keyframe.frame, bounds.width) - x) <= SNAP_PX,
    );
    const under = frameAt(window, x, bounds.width, frame_count);
    const exact = row?.track.keyframes.some((keyframe) => keyframe.frame === under);
    return { row, frame: exact ? under : (near?.frame ?? under), width: bounds.width };
  };
  const down = (event: PointerEvent<HTMLDivElement>) => {
    const { row, frame } = hit(event);
    if (event.button !== 0) {
      held.current = { x: event.clientX, first: timeline.getState().window.first, moved: false };
      event.currentTarget.setPointerCapture(event.pointerId);
      return;
    }
    editor.pause();
    if (row) editor.select(row.object.id);
    editor.showFrame(frame);
  };
  const move = (event: PointerEvent<HTMLDivElement>) => {
    const { row, width } = hit(event);
    if (!held.current) {
      if (store.getState().hovered !== (row?.object.id ?? null)) editor.hover(row?.object.id ?? null);
      return;
    }
    const { window } = timeline.getState();
    const frames = ((held.current.x - event.clientX) / width) * window.count;
    timeline.setState({ window: panned({ ...window, first: held.current.first }, frames, frame_count) });
  };
  const up = () => {
    held.current = null;
  };

  return (
    <div
      ref={box}
      className="lanes"
      onScroll={(event) => {
        setScroll(event.currentTarget.scrollTop);
        timeline.setState({ scroll_px: event.currentTarget.scrollTop });
      }}
    >
      {rows.length === 0 && <Empty in_frame={filter.in_frame} />}
      <div className="heads" role="listbox" aria-label="Tracks" style={{ height: rows.length * ROW_PX }}>
        {seen.map((row, at) => (
          <Head
            key={row.object.id}
            row={row}
            top={(from + at) * ROW_PX}
            selected={row.object.id === selected}
            hovered={row.object.id === hovered}
            points={counts.get(row.track.id) ?? null}
            present={isPresent(row.track, present_frame)}
          />
        ))}
      </div>
      {/* biome-ignore lint/a11y/noStaticElementInteractions: the list of tracks beside it is the way by key */}
      <div
        ref={lane}
        className="lane"
        onPointerDown={down}
        onPointerMove={move}
        onPointerUp={up}
        onPointerCancel={up}
        onPointerLeave={() => editor.hover(null)}
        onContextMenu={(event) => event.preventDefault()}
      >
        <Sheet paint={paint} watch={watch} onResize={(_, tall) => setHeight(tall)} />
      </div>
    </div>
  );
}

/** `tracks/12.cuboid/keyframes/7` as `12.cuboid/7`. */
function conflictPlaces(paths: readonly string[]): ReadonlySet<string> {
  return new Set(paths.map((path) => path.replace(/^tracks\/([^/]+)\/keyframes\/(\d+)$/, "$1/$2")));
}

function Empty({ in_frame }: { in_frame: boolean }) {
  const has_lidar = useApp((state) => (state.scene?.lidars.length ?? 0) > 0);
  const text = in_frame
    ? "No object in this frame. The filter shows only objects that are here."
    : has_lidar
      ? "Nothing is labelled yet. Press C and click an object in the cloud: a cuboid is fitted to it."
      : "Nothing is labelled in this scene.";
  return <div className="lanes-empty">{text}</div>;
}
