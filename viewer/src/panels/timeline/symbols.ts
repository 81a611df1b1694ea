/** The signs of keyframes, drawn on a 2D canvas at a place in CSS pixels. */

import type { Keyframe } from "../../state/model";
import { needsYou } from "../../views/needs";
import { isAccepted, isMachine } from "../labels/tracks";
import type { Tokens } from "./tokens";

/** Below this a machine's keyframe is drawn in the colour of what needs a look. */
export const SURE_QUALITY = 0.85;

export type Sign = "human" | "machine" | "unsure" | "accepted" | "imported" | "need";

export function signOf(keyframe: Keyframe): Sign {
  if (needsYou(keyframe)) return "need";
  if (isMachine(keyframe) && isAccepted(keyframe)) return "accepted";
  if (isMachine(keyframe)) return (keyframe.quality ?? 1) < SURE_QUALITY ? "unsure" : "machine";
  return keyframe.source === "human" ? "human" : "imported";
}

export function drawSign(
  context: CanvasRenderingContext2D,
  sign: Sign,
  x: number,
  y: number,
  colors: Tokens,
): void {
  if (sign === "need") {
    context.beginPath();
    context.moveTo(x, y - 5.5);
    context.lineTo(x + 6, y + 4.5);
    context.lineTo(x - 6, y + 4.5);
    context.closePath();
    context.lineJoin = "round";
    context.lineWidth = 3;
    context.strokeStyle = colors.ground;
    context.stroke();
    context.lineWidth = 1;
    context.fillStyle = context.strokeStyle = colors.need;
    context.fill();
    context.stroke();
    context.fillStyle = colors.ground;
    context.fillRect(x - 0.75, y - 2.5, 1.5, 3.6);
    context.fillRect(x - 0.75, y + 2.2, 1.5, 1.5);
    return;
  }
  const radius = sign === "human" ? 4 : sign === "imported" ? 2.5 : 3.2;
  context.beginPath();
  context.arc(x, y, radius + 1.2, 0, 2 * Math.PI);
  context.fillStyle = colors.ground;
  context.fill();
  context.beginPath();
  context.arc(x, y, radius, 0, 2 * Math.PI);
  if (sign === "human") {
    context.fillStyle = "#fff";
    context.fill();
  } else if (sign === "imported") {
    context.fillStyle = colors.text_2;
    context.fill();
  } else {
    if (sign === "accepted") {
      context.fillStyle = colors.text_3;
      context.fill();
    }
    context.lineWidth = 1.2;
    context.strokeStyle = sign === "accepted" ? colors.text_2 : sign === "unsure" ? colors.need : colors.text;
    context.stroke();
  }
}
