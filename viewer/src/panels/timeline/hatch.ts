import type { Tokens } from "./tokens";

/** Slanted lines over a part of the scene that is not there yet. */
export function hatch(
  context: CanvasRenderingContext2D,
  left: number,
  top: number,
  right: number,
  bottom: number,
  colors: Tokens,
): void {
  if (right <= left) return;
  context.save();
  context.beginPath();
  context.rect(left, top, right - left, bottom - top);
  context.clip();
  context.fillStyle = colors.panel;
  context.fillRect(left, top, right - left, bottom - top);
  context.strokeStyle = colors.line_strong;
  context.globalAlpha = 0.55;
  context.lineWidth = 1;
  context.beginPath();
  const tall = bottom - top;
  for (let x = Math.floor((left - tall) / 8) * 8; x < right; x += 8) {
    context.moveTo(x, bottom);
    context.lineTo(x + tall, top);
  }
  context.stroke();
  context.restore();
}
