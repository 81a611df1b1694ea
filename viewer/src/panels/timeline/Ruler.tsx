import { type PointerEvent, useCallback, useRef } from "react";
import { useApp, useSession } from "../session/context";
import { paintRuler } from "./paintRuler";
import { type Paint, Sheet } from "./Sheet";
import { useTimeline } from "./Timeline";
import { ticks } from "./ticks";
import { tokens } from "./tokens";
import { useWheel } from "./wheel";
import { frameAt, panned } from "./window";

/** Frame numbers of the part in sight. Drag scrubs, wheel zooms, right-drag pans. */
export function Ruler() {
  const has_lidar = useApp((state) => (state.scene?.lidars.length ?? 0) > 0);
  const { store, editor } = useSession();
  const timeline = useTimeline();
  const frame_count = useApp((state) => state.scene?.frame_count ?? 1);
  const box = useRef<HTMLDivElement>(null);
  const held = useRef<{ button: number; x: number; first: number } | null>(null);
  useWheel(box, timeline, frame_count);

  const paint: Paint = (context, width, height) => {
    const { window, pointer_frame } = timeline.getState();
    paintRuler(context, {
      window,
      width,
      height,
      ticks: ticks(window, width, frame_count),
      frame: store.getState().frame,
      pointer_frame,
      label: String,
      colors: tokens(),
    });
  };
  const watch = useCallback(
    (changed: () => void) => {
      const stops = [store.subscribe((state) => state.frame, changed), timeline.subscribe(changed)];
      return () => {
        for (const stop of stops) stop();
      };
    },
    [store, timeline],
  );
  const down = (event: PointerEvent<HTMLDivElement>) => {
    event.currentTarget.setPointerCapture(event.pointerId);
    held.current = { button: event.button, x: event.clientX, first: timeline.getState().window.first };
    if (event.button === 0) {
      editor.pause();
      move(event);
    }
  };
  const move = (event: PointerEvent<HTMLDivElement>) => {
    const bounds = event.currentTarget.getBoundingClientRect();
    const { window } = timeline.getState();
    const frame = frameAt(window, event.clientX - bounds.left, bounds.width, frame_count);
    timeline.setState({ pointer_frame: frame });
    if (held.current?.button === 0) editor.showFrame(frame);
    else if (held.current) {
      const frames = ((held.current.x - event.clientX) / bounds.width) * window.count;
      timeline.setState({ window: panned({ ...window, first: held.current.first }, frames, frame_count) });
    }
  };
  const up = () => {
    held.current = null;
  };
  return (
    <>
      <div className="head-columns">
        <span />
        <span>track</span>
        <span>frames</span>
        <span>{has_lidar ? "points" : ""}</span>
      </div>
      {/* biome-ignore lint/a11y/noStaticElementInteractions: the scrubber above is the way by key */}
      <div
        ref={box}
        className="ruler"
        onPointerDown={down}
        onPointerMove={move}
        onPointerUp={up}
        onPointerCancel={up}
        onPointerLeave={() => timeline.setState({ pointer_frame: null })}
        onContextMenu={(event) => event.preventDefault()}
      >
        <Sheet paint={paint} watch={watch} />
      </div>
    </>
  );
}
