/** A line to drag between two panels. Arrow keys move it, a double click puts it back. */

import type { CSSProperties, KeyboardEvent, PointerEvent } from "react";
import { useRef } from "react";

interface Props {
  readonly label: string;
  readonly axis: "x" | "y";
  /** 1 when dragging right or down makes the panel larger, else -1. */
  readonly grows: 1 | -1;
  readonly size_px: number;
  readonly onSize: (size_px: number | null) => void;
  readonly style?: CSSProperties;
}

export function Splitter({ label, axis, grows, size_px, onSize, style }: Props) {
  const held = useRef<{ at: number; size_px: number } | null>(null);
  const at = (event: PointerEvent) => (axis === "x" ? event.clientX : event.clientY);
  const press = (event: KeyboardEvent) => {
    const more = axis === "x" ? "ArrowRight" : "ArrowDown";
    const less = axis === "x" ? "ArrowLeft" : "ArrowUp";
    const step = event.key === more ? 8 : event.key === less ? -8 : 0;
    if (step === 0) return;
    event.preventDefault();
    event.stopPropagation();
    onSize(size_px + grows * step);
  };
  return (
    // biome-ignore lint/a11y/useSemanticElements: a separator that moves is a widget, an <hr> is not
    <div
      role="separator"
      tabIndex={0}
      aria-label={label}
      aria-orientation={axis === "x" ? "vertical" : "horizontal"}
      aria-valuenow={size_px}
      className={`splitter ${axis}`}
      style={style}
      onKeyDown={press}
      onDoubleClick={() => onSize(null)}
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId);
        held.current = { at: at(event), size_px };
      }}
      onPointerMove={(event) => {
        if (held.current) onSize(held.current.size_px + grows * (at(event) - held.current.at));
      }}
      onPointerUp={() => {
        held.current = null;
      }}
      onPointerCancel={() => {
        held.current = null;
      }}
    />
  );
}
