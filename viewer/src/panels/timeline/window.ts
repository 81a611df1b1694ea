/**
 * The part of the frame axis that the rows show.
 *
 * A frame is a cell one unit wide: frame 7 spans [7, 8) and its symbols stand at 7.5. `first` is the
 * left edge and `count` the width, both in frames, not necessarily whole.
 */

export interface Window {
  readonly first: number;
  readonly count: number;
}

const FEWEST = 12;

/** Inside the scene, never narrower than FEWEST frames (or the scene). */
export function clampWindow(window: Window, frame_count: number): Window {
  const whole = Math.max(frame_count, 1);
  const count = Math.min(Math.max(window.count, Math.min(FEWEST, whole)), whole);
  const first = Math.min(Math.max(window.first, 0), whole - count);
  return { first, count };
}

/** Larger factors show more. The place at `share` of the width stays where it is. */
export function zoomed(window: Window, factor: number, share: number, frame_count: number): Window {
  const whole = Math.max(frame_count, 1);
  const count = Math.min(Math.max(window.count * factor, Math.min(FEWEST, whole)), whole);
  const anchor = window.first + share * window.count;
  return clampWindow({ first: anchor - share * count, count }, frame_count);
}

export const panned = (window: Window, frames: number, frame_count: number): Window =>
  clampWindow({ ...window, first: window.first + frames }, frame_count);

/** Unchanged while the frame is in sight; else moved by as little as shows it with some way ahead. */
export function revealing(window: Window, frame: number, frame_count: number): Window {
  if (frame >= window.first && frame + 1 <= window.first + window.count) return window;
  const ahead = 0.1 * window.count;
  const first = frame < window.first ? frame + 1 + ahead - window.count : frame - ahead;
  return clampWindow({ ...window, first }, frame_count);
}

/** The middle of a frame's cell, in pixels. */
export const xOf = (window: Window, frame: number, width_px: number): number =>
  ((frame + 0.5 - window.first) / window.count) * width_px;

/** The left edge of a frame's cell. */
export const edgeOf = (window: Window, frame: number, width_px: number): number =>
  ((frame - window.first) / window.count) * width_px;

/** The frame under a pixel, one of the scene's. */
export function frameAt(window: Window, x_px: number, width_px: number, frame_count: number): number {
  const frame = Math.floor(window.first + (x_px / Math.max(width_px, 1)) * window.count);
  return Math.min(Math.max(frame, 0), Math.max(frame_count - 1, 0));
}

/** The whole scene when its symbols stay apart, else a stretch around the frame. */
export function openingWindow(frame: number, frame_count: number, width_px: number): Window {
  const comfortable = Math.max(FEWEST, Math.round(width_px / 10));
  if (frame_count <= comfortable * 1.5) return clampWindow({ first: 0, count: frame_count }, frame_count);
  return clampWindow({ first: frame - comfortable / 3, count: comfortable }, frame_count);
}
