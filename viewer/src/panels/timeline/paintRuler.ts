/** Frame numbers over the rows, and the chip of the frame shown. */

import type { Tick } from "./ticks";
import type { Tokens } from "./tokens";
import { type Window, xOf } from "./window";

export interface RulerPicture {
  readonly window: Window;
  readonly width: number;
  readonly height: number;
  readonly ticks: readonly Tick[];
  readonly frame: number;
  readonly pointer_frame: number | null;
  readonly label: (frame: number) => string;
  readonly colors: Tokens;
}

export function paintRuler(context: CanvasRenderingContext2D, picture: RulerPicture): void {
  const { window, width, height, colors } = picture;
  context.clearRect(0, 0, width, height);
  context.font = `420 11px ${colors.font}`;
  context.textAlign = "center";
  context.textBaseline = "middle";
  const chip = chipOf(context, picture, picture.frame);
  const pointer =
    picture.pointer_frame !== null && picture.pointer_frame !== picture.frame
      ? chipOf(context, picture, picture.pointer_frame)
      : null;
  const covers = (left: number, right: number): boolean =>
    [chip, pointer].some((each) => each && left < each.right + 3 && right > each.left - 3);
  for (const tick of picture.ticks) {
    const x = xOf(window, tick.frame, width);
    context.fillStyle = colors.line_strong;
    context.fillRect(Math.round(x), tick.labelled ? height - 3 : height - 2, 1, 3);
    if (!tick.labelled) continue;
    const text = picture.label(tick.frame);
    const half = context.measureText(text).width / 2;
    if (x - half < 1 || x + half > width - 1 || covers(x - half, x + half)) continue;
    context.fillStyle = colors.text_3;
    context.fillText(text, x, height / 2 - 0.5);
  }
  if (pointer) paintChip(context, pointer, height, colors.hover, colors.text);
  paintChip(context, chip, height, colors.select, "#0b1626");
}

interface Chip {
  readonly text: string;
  readonly left: number;
  readonly right: number;
}

function chipOf(
  context: CanvasRenderingContext2D,
  { window, width, label }: RulerPicture,
  frame: number,
): Chip {
  const text = label(frame);
  const wide = context.measureText(text).width + 12;
  const middle = xOf(window, frame, width);
  const outside = middle < -wide || middle > width + wide;
  const left = outside ? middle - wide / 2 : Math.min(Math.max(middle - wide / 2, 0), width - wide);
  return { text, left, right: left + wide };
}

function paintChip(
  context: CanvasRenderingContext2D,
  chip: Chip,
  height: number,
  fill: string,
  text: string,
): void {
  context.fillStyle = fill;
  context.beginPath();
  context.roundRect(chip.left, 1, chip.right - chip.left, height - 1.5, 3);
  context.fill();
  context.fillStyle = text;
  context.fillText(chip.text, (chip.left + chip.right) / 2, height / 2);
}
