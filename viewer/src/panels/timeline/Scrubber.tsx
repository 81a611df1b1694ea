import { type PointerEvent, useRef } from "react";
import { plural } from "../controls/number";
import { useApp, useSession } from "../session/context";
import type { Density } from "./density";
import { paintScrubber } from "./paintScrubber";
import { type Paint, Sheet } from "./Sheet";
import { useTimeline } from "./Timeline";
import { tokens } from "./tokens";
import { useWatch } from "./useWatch";
import { useWheel } from "./wheel";
import { clampWindow, panned, type Window } from "./window";

type Grip = "scrub" | "pan" | "start" | "end";
const GRIP_PX = 6;

/** Drag to go anywhere in the scene; the ends of the bracket resize it, a right-drag moves it. */
export function Scrubber({ density, track_count }: { density: Density; track_count: number }) {
  const { store, editor } = useSession();
  const timeline = useTimeline();
  const frame = useApp((state) => state.frame);
  const frame_count = useApp((state) => state.scene?.frame_count ?? 1);
  const held = useRef<{ grip: Grip; x: number; window: Window } | null>(null);
  const box = useRef<HTMLDivElement>(null);
  useWheel(box, timeline, frame_count);

  const paint: Paint = (context, width, height) => {
    const state = store.getState();
    paintScrubber(context, {
      density,
      window: timeline.getState().window,
      width,
      height,
      frame: state.frame,
      frame_count,
      ready_frame_count: state.scene?.ready_frame_count ?? frame_count,
      people: state.people,
      colors: tokens(),
    });
  };
  const watch = useWatch(store, timeline);

  const place = (event: PointerEvent<HTMLDivElement>) => {
    const bounds = event.currentTarget.getBoundingClientRect();
    return { x: event.clientX - bounds.left, width: bounds.width };
  };
  const gripAt = (x: number, width: number): Grip => {
    const { first, count } = timeline.getState().window;
    if (count >= frame_count) return "scrub";
    if (Math.abs(x - (first / frame_count) * width) < GRIP_PX) return "start";
    if (Math.abs(x - ((first + count) / frame_count) * width) < GRIP_PX) return "end";
    return "scrub";
  };
  const scrub = (x: number, width: number) =>
    editor.showFrame(Math.min(Math.max(Math.floor((x / width) * frame_count), 0), frame_count - 1));

  const down = (event: PointerEvent<HTMLDivElement>) => {
    const { x, width } = place(event);
    const grip = event.button === 0 ? gripAt(x, width) : "pan";
    held.current = { grip, x, window: timeline.getState().window };
    event.currentTarget.setPointerCapture(event.pointerId);
    if (grip === "scrub") {
      editor.pause();
      scrub(x, width);
    }
  };
  const move = (event: PointerEvent<HTMLDivElement>) => {
    const { x, width } = place(event);
    if (!held.current) {
      event.currentTarget.style.cursor = gripAt(x, width) === "scrub" ? "" : "ew-resize";
      return;
    }
    const { grip, window } = held.current;
    const frames = ((x - held.current.x) / width) * frame_count;
    if (grip === "scrub") scrub(x, width);
    else if (grip === "pan") timeline.setState({ window: panned(window, frames, frame_count) });
    else if (grip === "end")
      timeline.setState({ window: clampWindow({ ...window, count: window.count + frames }, frame_count) });
    else {
      const end = window.first + window.count;
      const count = Math.max(window.count - frames, 12);
      timeline.setState({ window: clampWindow({ first: end - count, count }, frame_count) });
    }
  };
  const up = () => {
    held.current = null;
  };

  return (
    <>
      <div className="head-note">
        {plural(density.boxes, "box", "boxes")}, {plural(track_count, "track")}
      </div>
      <div
        ref={box}
        className="scrubber"
        role="slider"
        tabIndex={0}
        aria-label="Frame"
        aria-valuemin={0}
        aria-valuemax={frame_count - 1}
        aria-valuenow={frame}
        onPointerDown={down}
        onPointerMove={move}
        onPointerUp={up}
        onPointerCancel={up}
        onContextMenu={(event) => event.preventDefault()}
      >
        <Sheet paint={paint} watch={watch} />
      </div>
    </>
  );
}
