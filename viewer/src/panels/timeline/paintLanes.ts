/** The rows of the timeline: where each object is present, hidden, and has keyframes. */

import { segment } from "../../space/interpolate";
import type { Span, Track } from "../../state/model";
import { hatch } from "./hatch";
import type { Row } from "./rows";
import { drawSign, type Sign, signOf } from "./symbols";
import type { Tick } from "./ticks";
import type { Tokens } from "./tokens";
import { edgeOf, type Window, xOf } from "./window";

export const ROW_PX = 18;

export interface LanesPicture {
  readonly rows: readonly Row[];
  readonly window: Window;
  readonly width: number;
  readonly height: number;
  readonly scroll_px: number;
  readonly ticks: readonly Tick[];
  readonly frame: number;
  readonly frame_count: number;
  readonly ready_frame_count: number;
  readonly selected: string | null;
  readonly hovered: string | null;
  readonly color: (class_name: string) => string;
  readonly conflicts: ReadonlySet<string>; // `${track}/${frame}`
  readonly colors: Tokens;
}

export function paintLanes(context: CanvasRenderingContext2D, picture: LanesPicture): void {
  const { window, width, height, rows, scroll_px, colors } = picture;
  context.clearRect(0, 0, width, height);
  context.fillStyle = colors.grid;
  for (const tick of picture.ticks) {
    if (tick.labelled) context.fillRect(Math.round(xOf(window, tick.frame, width)), 0, 1, height);
  }
  const end = edgeOf(window, picture.frame_count, width);
  if (picture.ready_frame_count < picture.frame_count) {
    hatch(
      context,
      Math.max(0, edgeOf(window, picture.ready_frame_count, width)),
      0,
      Math.min(end, width),
      height,
      colors,
    );
  }
  const from = Math.max(0, Math.floor(scroll_px / ROW_PX));
  const to = Math.min(rows.length, Math.ceil((scroll_px + height) / ROW_PX));
  for (let at = from; at < to; at++) {
    const row = rows[at]!;
    const top = at * ROW_PX - scroll_px;
    paintGround(context, picture, row.object.id, top);
    const y = top + ROW_PX / 2;
    context.fillStyle = colors.line;
    if (row.object.id !== picture.selected) context.fillRect(0, top + ROW_PX - 1, width, 1);
    paintSpans(context, row.track, y, picture.color(row.object.class_name), picture);
    paintKeyframes(context, row.track, y, picture);
  }
  const x = xOf(window, picture.frame, width);
  context.fillStyle = colors.select;
  context.fillRect(Math.round(x) - 0.5, 0, 1.25, height);
}

function paintGround(
  context: CanvasRenderingContext2D,
  picture: LanesPicture,
  id: string,
  top: number,
): void {
  if (id !== picture.selected && id !== picture.hovered) return;
  context.fillStyle = id === picture.selected ? picture.colors.select_soft : picture.colors.hover;
  context.globalAlpha = id === picture.selected ? 1 : 0.6;
  context.fillRect(0, top, picture.width, ROW_PX);
  context.globalAlpha = 1;
}

const DASHES: Record<number, readonly number[]> = { 0: [], 1: [6, 3], 2: [3, 3], 3: [1.5, 4] };

function paintSpans(
  context: CanvasRenderingContext2D,
  track: Track,
  y: number,
  color: string,
  { window, width }: LanesPicture,
): void {
  context.strokeStyle = color;
  context.lineCap = "butt";
  const last = window.first + window.count;
  track.spans.forEach((span: Span, at) => {
    if (span.end < window.first || span.start > last) return;
    const joined = track.spans[at + 1]?.start === span.end;
    let start = xOf(window, span.start, width);
    let end = xOf(window, joined ? span.end : span.end - 1, width);
    if (end - start < 4) [start, end] = [start - 2, end + 2];
    const dashes = DASHES[span.occlusion] ?? [];
    context.setLineDash([...dashes]);
    context.lineDashOffset = start < 0 ? -start : 0;
    context.lineWidth = span.occlusion === 0 ? 3 : 1.5;
    context.globalAlpha = span.occlusion === 0 ? 0.72 : 0.85;
    context.beginPath();
    context.moveTo(Math.max(start, -4), y);
    context.lineTo(Math.min(end, width + 4), y);
    context.stroke();
  });
  context.setLineDash([]);
  context.globalAlpha = 1;
}

const APART_PX = 6;

/** Loud signs are drawn last, crowded ones as ticks; quiet ones only where they stay apart. */
function paintKeyframes(
  context: CanvasRenderingContext2D,
  track: Track,
  y: number,
  { window, width, conflicts, colors }: LanesPicture,
): void {
  const loud: { sign: Sign; x: number }[] = [];
  const last = window.first + window.count;
  let before = Number.NEGATIVE_INFINITY;
  for (let at = Math.max(0, segment(track.keyframes, window.first - 1)); at < track.keyframes.length; at++) {
    const keyframe = track.keyframes[at]!;
    if (keyframe.frame > last) break;
    const x = xOf(window, keyframe.frame, width);
    const sign = signOf(keyframe);
    if (sign === "human" || sign === "need") loud.push({ sign, x });
    else if (x - before >= APART_PX) drawSign(context, sign, x, y, colors);
    before = x;
    if (conflicts.has(`${track.id}/${keyframe.frame}`)) {
      context.strokeStyle = colors.error;
      context.lineWidth = 1.5;
      context.beginPath();
      context.arc(x, y, 7, 0, 2 * Math.PI);
      context.stroke();
    }
  }
  paintHuman(context, loud, y, colors);
  let needed = Number.NEGATIVE_INFINITY;
  for (const { sign, x } of loud) {
    if (sign !== "need" || x - needed < APART_PX) continue;
    drawSign(context, sign, x, y, colors);
    needed = x;
  }
}

function paintHuman(
  context: CanvasRenderingContext2D,
  loud: readonly { sign: Sign; x: number }[],
  y: number,
  colors: Tokens,
): void {
  const places = loud.filter(({ sign }) => sign === "human").map(({ x }) => x);
  let ticked = Number.NEGATIVE_INFINITY;
  places.forEach((x, at) => {
    const left = x - (places[at - 1] ?? Number.NEGATIVE_INFINITY);
    const right = (places[at + 1] ?? Number.POSITIVE_INFINITY) - x;
    if (Math.min(left, right) >= APART_PX) drawSign(context, "human", x, y, colors);
    else if (x - ticked >= 2) {
      context.fillStyle = colors.text;
      context.fillRect(Math.round(x), y - 3.5, 1, 7);
      ticked = x;
    }
  });
}
