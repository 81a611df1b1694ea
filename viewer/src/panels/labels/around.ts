/** The keyframes around the frame shown, and the line that says what holds there. */

import { isPresent } from "../../space/interpolate";
import type { Keyframe, Track } from "../../state/model";

export type Line =
  | { readonly kind: "keyframe"; readonly frame: number; readonly keyframe: Keyframe; readonly now: boolean }
  | {
      readonly kind: "computed";
      readonly frame: number;
      readonly before: number | null;
      readonly after: number | null;
    }
  | { readonly kind: "absent"; readonly frame: number };

/** At most `count` lines in the order of frames, the one of now always among them, nearly in the middle. */
export function linesAround(track: Track, frame: number, count: number): readonly Line[] {
  const keyframes = track.keyframes;
  let at = keyframes.findIndex((keyframe) => keyframe.frame >= frame);
  if (at < 0) at = keyframes.length;
  const lines: Line[] = keyframes.map((keyframe) => ({
    kind: "keyframe",
    frame: keyframe.frame,
    keyframe,
    now: keyframe.frame === frame,
  }));
  if (keyframes[at]?.frame !== frame) {
    const before = keyframes[at - 1]?.frame ?? null;
    const after = keyframes[at]?.frame ?? null;
    lines.splice(
      at,
      0,
      isPresent(track, frame) ? { kind: "computed", frame, before, after } : { kind: "absent", frame },
    );
  }
  const start = Math.max(0, Math.min(at - Math.floor(count / 2), lines.length - count));
  return lines.slice(start, start + count);
}

export function describeComputed(line: Extract<Line, { kind: "computed" }>): string {
  if (line.before !== null && line.after !== null) return `computed between ${line.before} and ${line.after}`;
  if (line.before !== null) return `held from ${line.before}`;
  return line.after !== null ? `held from ${line.after}` : "nothing to compute from";
}
